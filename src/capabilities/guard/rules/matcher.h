// Finds rules in one normalised text: one pass of the pattern database, then one pass over what it
// found, in order, to join parts into sequences. Linear in the text: each pattern found costs a
// constant number of steps, and parts must follow each other within a bounded distance.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "capabilities/guard/text/normalise.h"
#include "capabilities/guard/rules/rules.h"

namespace credence::guard {

struct Hit {
    std::uint32_t rule = 0;
    std::uint32_t start = 0;  // bytes of the normalised text
    std::uint32_t end = 0;
    std::uint32_t marks_near = 0;  // bits of Mark close by
};

struct Workspace {
    struct Event {
        std::uint32_t pattern;
        std::uint32_t end;
    };
    struct Chain {
        std::uint32_t scan = 0;  // which scan it belongs to
        std::uint32_t start = 0;
        std::uint32_t end = 0;
    };
    ~Workspace();
    hs_scratch* scratch = nullptr;
    std::vector<Event> events;
    std::vector<Chain> chains;  // two for each part: the latest and the one before
    std::uint32_t scan = 0;
    std::vector<std::uint32_t> marks[kMarks];  // ends of marks, ascending
    std::vector<std::uint8_t> hits_of_rule;
};

class Matcher {
public:
    static constexpr std::size_t kMaxHits = 256;       // of one text
    static constexpr std::size_t kMaxHitsOfRule = 4;   // of one rule in one text
    static constexpr std::size_t kEventBatch = 32768;  // joined at a time, to bound memory

    explicit Matcher(const RuleSet& rules);
    ~Matcher();
    Matcher(const Matcher&) = delete;
    Matcher& operator=(const Matcher&) = delete;

    // Replaces *hits, ordered by end. Counts patterns found in work().
    Result<void> match(const Normalised& text, std::vector<Hit>& hits);
    // Steps taken since construction, for tests of linearity.
    std::uint64_t work() const { return work_; }

private:
    struct Scan;
    void take_batch(Scan& scan);
    void take(Scan& scan, const Workspace::Event& event);
    const Workspace::Chain* previous_part(const Normalised& text, const Slot& slot,
                                          std::uint32_t start) const;
    void refine(const Normalised& text, Hit& hit, const Workspace::Event& event);
    void attach_marks(std::vector<Hit>& hits) const;

    const RuleSet& rules_;
    std::unique_ptr<Workspace> workspace_;
    std::uint64_t work_ = 0;
};

}  // namespace credence::guard
