// Finds rules in one normalised text: one pass of the pattern database, then one pass over what it
// found, in order, to join parts into sequences. Linear in the text: each pattern found costs a
// constant number of steps, and parts must follow each other within a bounded distance.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "capabilities/guard/rules/rules.h"
#include "capabilities/guard/text/normalise.h"

namespace credence::guard {

struct Hit {
    std::uint32_t rule = 0;
    std::uint32_t start = 0;  // bytes of the normalised text
    std::uint32_t end = 0;
    std::uint32_t marks_near = 0;  // bits of Mark close by
};

// A signal rule that fired.
struct Trait {
    std::uint32_t rule = 0;
    std::uint32_t end = 0;
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
    std::uint32_t last_end = 0;  // of the latest event taken
    std::vector<Chain> chains;   // two for each part: the latest and the one before
    std::uint32_t scan = 0;
    std::vector<std::uint32_t> marks[kMarks];  // ends of marks, ascending
    std::vector<std::uint8_t> hits_of_rule;
    std::vector<Trait> traits;
    std::vector<std::uint16_t> counts;  // of each feature
};

class Matcher {
public:
    static constexpr std::size_t kMaxHits = 256;       // of one text
    static constexpr std::size_t kMaxHitsOfRule = 4;   // of one rule in one text
    static constexpr std::size_t kMaxTraits = 2048;    // of one text
    static constexpr std::size_t kEventBatch = 32768;  // joined at a time, to bound memory
    // Of one text: patterns found and parts tried. Beyond, only the end of the text is searched. 64
    // KiB of the densest vocabulary take two thirds of it.
    static constexpr std::uint64_t kMaxSteps = 524'288;
    static constexpr std::size_t kTailBytes = 16'384;

    explicit Matcher(const RuleSet& rules);
    ~Matcher();
    Matcher(const Matcher&) = delete;
    Matcher& operator=(const Matcher&) = delete;

    // Replaces *hits, ordered by end.
    Result<void> match(const Normalised& text, std::vector<Hit>& hits);
    // Of the latest match: signal rules that fired, ordered by end.
    std::span<const Trait> traits() const { return workspace_->traits; }
    // Of the latest match: how often each feature of the rule set was found (signals and marks;
    // techniques are counted by analyse(), which may drop hits).
    std::span<const std::uint16_t> counts() const { return workspace_->counts; }
    // Some text since construction took more than kMaxSteps.
    bool truncated() const { return truncated_; }
    // Steps taken since construction, for tests of linearity.
    std::uint64_t work() const { return work_; }

private:
    struct Scan;
    // One pattern in the text.
    struct Found {
        std::uint32_t pattern;
        std::uint32_t start;  // at the latest, when the pattern has no fixed width
        std::uint32_t end;
        bool fixed;
    };
    void begin();
    Result<void> search(Scan& scan);
    Result<void> search_expressions(Scan& scan);
    // An expression of the database was found, up to `end`: which patterns is that?
    void note(std::string_view text, std::uint32_t expression, std::size_t end);
    void note_literals(std::string_view text, std::size_t head, std::size_t end);
    void settle(std::size_t event);
    void take_batch(Scan& scan);
    void take(Scan& scan, const Workspace::Event& event);
    void take_slot(Scan& scan, const Slot& slot, const Found& found);
    void complete(Scan& scan, const Slot& slot, const Found& found, std::uint32_t start);
    const Workspace::Chain* previous_part(const Normalised& text, const Slot& slot,
                                          std::uint32_t start) const;
    void refine(const Normalised& text, Hit& hit, const Found& found);
    void attach_marks(std::vector<Hit>& hits) const;
    void count(std::uint16_t feature);

    const RuleSet& rules_;
    const RuleSet::Database& database_;
    std::unique_ptr<Workspace> workspace_;
    std::uint64_t work_ = 0;
    bool truncated_ = false;
};

}  // namespace credence::guard
