// The rules in force: what every pack says, compiled into one table of plain phrases and, where
// there are regular expressions, one multi-pattern database (those of the shipped packs while
// building the program).
//
// A pattern is a phrase or a small regular expression over normalised text. A rule is a sequence of
// parts, each a group of patterns, that follow each other within a few bytes and in one sentence;
// or the name of a detector written in C++ (detected.h). Immutable and thread-safe once loaded.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/kinds.h"
#include "capabilities/guard/rules/head_index.h"
#include "capabilities/guard/rules/literals.h"

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

// Who wrote a pack. The features that a learned model reads come from shipped packs alone, so that
// a pack of one's own never shifts them.
enum class PackOrigin : std::uint8_t { shipped, user };

struct Rule {
    static constexpr std::uint16_t kNoFeature = 0xFFFF;
    static constexpr std::uint8_t kAllChannels = (1U << kSourceKinds) - 1;

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
    PackOrigin origin = PackOrigin::shipped;
    bool enabled = true;
    // A trait of the text for a learned model and for context, never a threat by itself: signal
    // rules are counted (Analysis::signal_counts) and give no finding.
    bool signal = false;
    std::uint8_t channels = kAllChannels;  // bits of SourceKind in which the rule counts
    std::uint16_t feature = kNoFeature;    // index into RuleSet::signal_names()
    double score = 0;
    std::array<double, kSourceKinds> score_by_channel{};  // `score`, or what the pack says instead
    std::uint32_t unless = 0;  // bits of Mark that, just before, cancel the rule

    bool counts_in(SourceKind channel) const {
        return ((channels >> static_cast<unsigned>(channel)) & 1U) != 0;
    }
    double score_in(SourceKind channel) const {
        return score_by_channel[static_cast<std::size_t>(channel)];
    }
};

struct Pattern {
    static constexpr std::uint16_t kUnbounded = 0xFFFF;
    static constexpr std::uint8_t kLeftEdge = 1;   // must not continue a word to the left
    static constexpr std::uint8_t kRightEdge = 2;  // nor to the right
    static constexpr std::uint8_t kWide = 4;       // has letters outside ASCII: edges mind those

    std::uint32_t first_slot = 0;
    std::uint16_t slots = 0;
    std::uint16_t min_width = 0;
    std::uint16_t max_width = 0;  // kUnbounded: no limit
    std::uint8_t marks = 0;       // bits of Mark
    std::uint8_t flags = 0;
};

// "This pattern can be part `part` of sequence `sequence`."
struct Slot {
    std::uint32_t state = 0;  // of this part; the previous part's is one less
    std::uint16_t rule = 0;
    std::uint16_t within = 0;  // bytes allowed between the previous part and this
    std::uint8_t part = 0;
    std::uint8_t last = 0;       // completes the sequence
    std::uint8_t sentences = 0;  // may cross the end of a sentence
    std::uint8_t padding = 0;
};

// What the pack compiler produces and the program embeds. Patterns that are plain text come first,
// in the order of `literals`.
struct CompiledRules {
    std::vector<Rule> rules;
    std::vector<Pattern> patterns;
    Literals literals;
    std::vector<Slot> slots;
    std::vector<std::string> signal_names;  // ascending
    std::string digest;                     // SHA-256 of all that follows from the packs, as hex
    std::uint32_t states = 0;
    // Serialised: heads of literals, then all other patterns; empty where all are literals.
    std::string text_database;
    std::string span_database;  // serialised: patterns of no fixed width, reporting their start
};
std::string write_blob(const CompiledRules& rules);
Result<CompiledRules> read_blob(std::string_view blob);

// Memory a scan needs; lent by RuleSet so that scans allocate nothing once warm.
struct Workspace;

struct Packs;

class RuleSet {
public:
    static constexpr std::size_t kMaxIdleWorkspaces = 64;

    // Code::internal when the blob is damaged or was made for another library version. A few ms.
    static Result<std::unique_ptr<RuleSet>> load(std::string_view blob);
    static Result<std::unique_ptr<RuleSet>> load_embedded();
    // Compiles packs in this process. Code::invalid with "FILE:LINE: what" when a pack is wrong or
    // an example of a user pack does not hold (those of shipped packs were checked while building
    // the program). Takes seconds and some hundred MiB for the shipped packs.
    static Result<std::unique_ptr<RuleSet>> build(const Packs& packs);
    // The same rules with these packs switched off. Shares the database: microseconds.
    std::unique_ptr<RuleSet> without(const std::vector<std::string>& packs) const;
    ~RuleSet();
    RuleSet(const RuleSet&) = delete;
    RuleSet& operator=(const RuleSet&) = delete;

    std::span<const Rule> rules() const { return rules_; }
    // "prompt_injection 1.0.0, …": every pack in force with its version.
    const std::string& version() const { return version_; }
    // SHA-256, 64 hex digits: equal when the same rules are in force. For cache keys.
    const std::string& digest() const { return digest_; }
    std::size_t techniques() const { return techniques_; }
    // What Analysis::signal_counts counts, in ascending order: "mark.NAME" (words of context),
    // "signal.NAME" (signal rules) and "technique.NAME" (findings) of the shipped packs. The same
    // on every machine; user packs and switches change no name.
    std::span<const std::string> signal_names() const;
    // Index of the rule in force served by a detector, or -1.
    int rule_of(Detector detector) const {
        return rule_of_detector_[static_cast<std::size_t>(detector)];
    }

    std::unique_ptr<Workspace> borrow() const;
    void give_back(std::unique_ptr<Workspace> workspace) const;

private:
    friend class Matcher;
    struct Database;
    RuleSet(std::shared_ptr<const Database> database, std::vector<Rule> rules);

    std::shared_ptr<const Database> database_;
    std::vector<Rule> rules_;
    std::string version_;
    std::string digest_;
    std::size_t techniques_ = 0;
    std::array<int, kDetectors> rule_of_detector_{};
    std::array<std::uint16_t, kMarks> feature_of_mark_{};
    mutable std::mutex mutex_;
    mutable std::vector<std::unique_ptr<Workspace>> idle_;
};

// The database and everything else that no switch changes.
struct RuleSet::Database {
    ~Database();
    CompiledRules compiled;       // without rules and serialised databases
    HeadIndex heads;              // what is searched for where `text` is null
    hs_database* text = nullptr;  // null when every pattern is plain text
    hs_database* span = nullptr;  // null when every pattern has a fixed width
    hs_scratch* prototype = nullptr;
};

}  // namespace credence::guard
