// What people do with the guard on files of their own machine: measure it, calibrate it, find what
// it flags wrongly, watch a file, train its model. Commands of the command line only
// (Host::command).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/shape.h"
#include "capabilities/guard/guard_settings.h"
#include "capabilities/guard/guard_types.h"
#include "capabilities/guard/model/model.h"
#include "capabilities/guard/rules/rules.h"

namespace credence {
class Host;
}

namespace credence::guard::tool {

inline constexpr std::size_t kMaxFiles = 64;
inline constexpr std::int64_t kMaxThreads = 64;

// Labelled files, and how to read them.
struct EvaluateFiles {
    std::vector<std::string> files;
    std::optional<std::string> scores;  // where to write a line for each text
    std::optional<std::string> model;   // a model file instead of the shipped one
    Mode mode = Mode::unified;
    double false_positive_rate = 0.01;
    std::int64_t threads = 1;
};
void describe(Describe<EvaluateFiles>&);

// One line of --scores.
struct ScoredText {
    std::string file;
    std::int64_t line = 0;
    std::int64_t label = 0;
    std::string category;
    std::string source;
    double score = 0;       // belief in an attack; what texts are ranked by
    double disclosure = 0;  // belief in secrets or personal data
    Verdict verdict = Verdict::allow;
    std::int64_t elapsed_us = 0;
};
void describe(Describe<ScoredText>&);

// What a threshold does to one category or source.
struct GroupRates {
    std::string name;
    std::int64_t label = 0;
    Share ranked;   // at the threshold of the false-positive rate asked for
    Share flagged;  // by the policy: flag or stricter
    Share blocked;
};
void describe(Describe<GroupRates>&);

struct Ranked {
    double false_positive_rate = 0;  // asked for, over all ordinary texts pooled
    double threshold = 0;
    Share recall;
    double macro_recall = 0;  // mean over categories of attacks
    double area_under_curve = 0;
};
void describe(Describe<Ranked>&);

struct Measured {
    std::int64_t n = 0;
    std::int64_t attacks = 0;
    Ranked ranked;
    Share flagged_attacks;
    Share flagged_ordinary;
    Share blocked_attacks;
    Share blocked_ordinary;
    std::optional<Share> harmful_requests_flagged;  // neither attacks nor ordinary
    std::vector<GroupRates> categories;
    std::vector<GroupRates> sources;
    std::int64_t median_us = 0;
    std::int64_t p95_us = 0;
    std::string rules_version;
    std::string model_version;
};
void describe(Describe<Measured>&);

struct CalibrateFiles {
    std::vector<std::string> files;
    double flag_rate = 0.01;
    double block_rate = 0.002;
};
void describe(Describe<CalibrateFiles>&);

struct Thresholds {
    double flag_threshold = 0;
    double block_threshold = 0;
    Share flagged;  // of the ordinary texts, at that threshold
    Share blocked;
    std::optional<Share> attacks_flagged;
    std::optional<Share> attacks_blocked;
    std::string settings;  // lines for the settings file
};
void describe(Describe<Thresholds>&);

struct FindFalsePositives {
    std::vector<std::string> files;
    std::int64_t limit = 20;
};
void describe(Describe<FindFalsePositives>&);

struct FalsePositive {
    std::string file;
    std::int64_t line = 0;
    std::string category;
    std::string source;
    double score = 0;
    Verdict verdict = Verdict::flag;
    std::string because;  // the strongest rule, or the model
    std::string excerpt;  // at most 160 bytes around it
};
void describe(Describe<FalsePositive>&);

struct FalsePositives {
    Share flagged;
    std::vector<FalsePositive> worst;
};
void describe(Describe<FalsePositives>&);

struct TrainFiles {
    std::vector<std::string> files;
    std::string out = "guard_model.bin";
    std::optional<std::string> report;
    std::string version = "1.0.0";
    std::int64_t seed = 1;
    std::int64_t folds = 5;
    std::int64_t teachers = 3;
    std::int64_t epochs = 4;
    std::int64_t threads = 2;
    bool compare_families = false;
};
void describe(Describe<TrainFiles>&);

struct FamilyRow {
    std::string family;
    Share recall;  // at 1 % false positives, sources left out
    double macro_recall = 0;
    double area_under_curve = 0;
};
void describe(Describe<FamilyRow>&);

struct Trained {
    std::string model;
    std::int64_t bytes = 0;
    double seconds = 0;
    std::vector<FamilyRow> families;
};
void describe(Describe<Trained>&);

struct WatchFile {
    std::string file;
    SourceKind source_kind = SourceKind::tool_result;
    bool from_start = false;
    bool once = false;
};
void describe(Describe<WatchFile>&);

struct Watched {
    std::int64_t lines = 0;
    std::int64_t flagged = 0;
    std::int64_t blocked = 0;
};
void describe(Describe<Watched>&);

// One thread at a time.
class Guard {
public:
    Guard(const GuardSettings& settings, const Clock& clock) : settings_(settings), clock_(clock) {}

    // Files are JSON Lines of text, label, category, source; Code::invalid names file and line.
    Result<Measured> evaluate(const Context& context, const EvaluateFiles& request);
    Result<Thresholds> calibrate(const Context& context, const CalibrateFiles& request);
    Result<FalsePositives> false_positives(const Context& context,
                                           const FindFalsePositives& request);
    // Writes the model file that a build embeds (training/guard_model.bin) or --model reads.
    Result<Trained> train(const Context& context, const TrainFiles& request);
    // Scans each line that is added to a file (as `tail -F` follows it) and prints what is found as
    // JSON, one object a line, until interrupted; `once` stops at the end of the file.
    Result<Watched> watch(const Context& context, const WatchFile& request);

private:
    GuardSettings settings_;
    const Clock& clock_;
};

// Registers the commands.
Result<void> serve_tool(Host& host);

}  // namespace credence::guard::tool
