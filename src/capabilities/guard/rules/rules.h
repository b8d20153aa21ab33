// The rules in force: what every pack says, compiled at build time into one multi-pattern database.
//
// A pattern is a phrase or a small regular expression over normalised text. A rule is a sequence of
// parts, each a group of patterns, that follow each other within a few bytes and in one sentence;
// or the name of a detector written in C++ (detectors.h). Immutable and thread-safe once loaded.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/kinds.h"

struct hs_database;
struct hs_scratch;

namespace credence::guard {

// What surrounds a finding and changes its weight.
enum class Mark : std::uint8_t {
    discussion,  // talk about attacks: "prompt injection", "for example", "the phrase"
    negation,    // "do not", "never", "how to"
    addressee,   // the model is spoken to: "you", "assistant", "ai"
    urgency,     // "important", "immediately", "final"
};
inline constexpr std::size_t kMarks = 4;

// A second look at what a pattern found, in the text as it was written.
enum class Check : std::uint8_t {
    none,
    random_token,    // mixed, high-entropy characters
    assigned_value,  // key = value with a high-entropy value that is no placeholder
    json_web_token,  // header decodes to JSON
    line_start,      // stands at the start of a line
};

struct Rule {
    std::string id;  // "prompt_injection.override_prior"
    std::string pack;
    std::string version;
    std::string technique;
    std::uint32_t technique_index = 0;  // equal for rules of one technique; set when loaded
    std::string languages;              // "en,es"; empty: independent of language
    Category category = Category::prompt_injection;
    Severity severity = Severity::medium;
    Check check = Check::none;
    Detector detector = Detector::none;
    double score = 0;
    std::uint32_t unless = 0;  // bits of Mark that, just before, cancel the rule
};

struct Pattern {
    static constexpr std::uint32_t kUnbounded = 0xFFFF;
    std::uint32_t min_width = 0;
    std::uint32_t max_width = 0;  // kUnbounded: no limit
    std::uint32_t first_slot = 0;
    std::uint32_t slots = 0;
    std::uint32_t marks = 0;      // bits of Mark
    std::uint32_t left_edge = 0;  // must not continue a word to the left
    std::uint32_t right_edge = 0;
    std::uint32_t wide = 0;  // has letters outside ASCII: edges mind those too
};

// "This pattern can be part `part` of sequence `sequence`."
struct Slot {
    std::uint32_t state = 0;  // of this part; the previous part's is one less
    std::uint32_t rule = 0;
    std::uint32_t part = 0;
    std::uint32_t last = 0;       // completes the sequence
    std::uint32_t within = 0;     // bytes allowed between the previous part and this
    std::uint32_t sentences = 0;  // may cross the end of a sentence
};

// What the pack compiler produces and the program embeds.
struct CompiledRules {
    std::vector<Rule> rules;
    std::vector<Pattern> patterns;
    std::vector<Slot> slots;
    std::uint32_t states = 0;
    std::string text_database;  // serialised: all patterns
    std::string span_database;  // serialised: patterns of no fixed width, reporting their start
};
std::string write_blob(const CompiledRules& rules);
Result<CompiledRules> read_blob(std::string_view blob);

// Memory a scan needs; lent by RuleSet so that scans allocate nothing once warm.
struct Workspace;

class RuleSet {
public:
    static constexpr std::size_t kMaxIdleWorkspaces = 64;

    // Code::internal when the blob is damaged or was made for another library version. A few ms.
    static Result<std::unique_ptr<RuleSet>> load(std::string_view blob);
    static Result<std::unique_ptr<RuleSet>> load_embedded();
    ~RuleSet();
    RuleSet(const RuleSet&) = delete;
    RuleSet& operator=(const RuleSet&) = delete;

    std::span<const Rule> rules() const { return compiled_.rules; }
    // "prompt_injection 1.0.0, …": every pack with its version.
    const std::string& version() const { return version_; }
    std::size_t techniques() const { return techniques_; }
    // Index of the rule served by a detector, or -1.
    int rule_of(Detector detector) const;

    std::unique_ptr<Workspace> borrow() const;
    void give_back(std::unique_ptr<Workspace> workspace) const;

private:
    friend class Matcher;
    explicit RuleSet(CompiledRules compiled);

    CompiledRules compiled_;
    std::string version_;
    std::size_t techniques_ = 0;
    hs_database* text_ = nullptr;
    hs_database* span_ = nullptr;  // null when every pattern has a fixed width
    mutable std::mutex mutex_;
    mutable hs_scratch* prototype_ = nullptr;
    mutable std::vector<std::unique_ptr<Workspace>> idle_;
};

}  // namespace credence::guard
