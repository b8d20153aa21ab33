// Judges texts for attempts to subvert a model's instructions, for code meant to harm, and for
// secrets and personal data. Stateless: nothing is stored, and the text is not logged.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/shape.h"
#include "capabilities/guard/kinds.h"
#include "capabilities/guard/rules/rules.h"
#include "stats/intervals.h"

namespace credence {
class Host;
}

namespace credence::guard {

inline constexpr std::size_t kMaxScanBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxSamples = 200'000;
inline constexpr std::size_t kMaxThreats = 64;  // listed in one result, gravest first

struct GuardSettings {
    double flag_threshold = 0.4;
    double block_threshold = 0.8;
    std::int64_t max_depth = 3;
    std::int64_t max_decoded_bytes = 65'536;
};
void describe(Describe<GuardSettings>&);

enum class Verdict : std::uint8_t { allow, flag, block };

struct Scan {
    std::string text;
    Direction direction = Direction::input;
    SourceKind source_kind = SourceKind::user;
    bool include_normalised = false;
};
void describe(Describe<Scan>&);

struct Span {
    std::int64_t start = 0;
    std::int64_t end = 0;
};
void describe(Describe<Span>&);

struct Threat {
    Category category = Category::prompt_injection;
    std::string technique;
    Severity severity = Severity::low;
    double score = 0;
    Span span;
    std::string rule;
    std::string view;
};
void describe(Describe<Threat>&);

struct ScanResult {
    Verdict verdict = Verdict::allow;
    double score = 0;
    std::vector<Threat> threats;
    std::optional<std::string> normalised;
    std::int64_t elapsed_us = 0;
    bool truncated = false;
    std::string rules_version;
};
void describe(Describe<ScanResult>&);

struct ListRules {
    std::optional<Category> category;
};
void describe(Describe<ListRules>&);

struct RuleInfo {
    std::string id;
    Category category = Category::prompt_injection;
    std::string technique;
    Severity severity = Severity::low;
    double score = 0;
    std::vector<std::string> languages;
    std::string pack;
    std::string version;
};
void describe(Describe<RuleInfo>&);

struct RuleList {
    std::string version;
    std::vector<RuleInfo> rules;
};
void describe(Describe<RuleList>&);

struct Sample {
    std::string text;
    std::int64_t label = 0;
    std::string category;
    std::string source;
    std::optional<std::string> lang;
    std::optional<std::string> transform;
    std::optional<std::string> license;
};
void describe(Describe<Sample>&);

enum class Positive : std::uint8_t { flag, block };

struct Evaluate {
    std::vector<Sample> samples;
    Positive positive = Positive::flag;
};
void describe(Describe<Evaluate>&);

// A share of successes with its 95 % interval.
struct Share {
    double value = 0;
    std::int64_t n = 0;
    std::int64_t successes = 0;
    double low = 0;
    double high = 1;
    std::string method = "wilson_95";
};
void describe(Describe<Share>&);

struct Confusion {
    std::int64_t true_positive = 0;
    std::int64_t false_negative = 0;
    std::int64_t false_positive = 0;
    std::int64_t true_negative = 0;
};
void describe(Describe<Confusion>&);

// One category or source. A figure without any sample of its kind is absent.
struct GroupResult {
    std::string name;
    std::int64_t n = 0;
    std::optional<Share> recall;
    std::optional<Share> false_positive_rate;
    Confusion confusion;
};
void describe(Describe<GroupResult>&);

struct Throughput {
    double texts_per_second = 0;
    std::int64_t median_us = 0;
    std::int64_t p95_us = 0;
};
void describe(Describe<Throughput>&);

struct Evaluation {
    std::int64_t n = 0;
    Share recall;
    Share false_positive_rate;
    Confusion confusion;
    std::optional<Share> harmful_requests_flagged;
    std::vector<GroupResult> categories;
    std::vector<GroupResult> sources;
    Throughput throughput;
    std::string rules_version;
};
void describe(Describe<Evaluation>&);

// Thread-safe; every operation is const.
class Guard {
public:
    Guard(std::unique_ptr<RuleSet> rules, const GuardSettings& settings, const Clock& clock,
          Metrics& metrics);

    // Code::too_large above kMaxScanBytes. Linear: about 5 ns a byte.
    Result<ScanResult> scan(const Context& context, const Scan& request) const;
    Result<RuleList> rules(const Context& context, const ListRules& request) const;
    // Scans every sample as a user's input. Code::cancelled past the context's deadline.
    Result<Evaluation> evaluate(const Context& context, const Evaluate& request) const;

private:
    Result<ScanResult> judge_text(const Scan& request) const;

    std::unique_ptr<RuleSet> rules_;
    GuardSettings settings_;
    const Clock& clock_;
    std::array<Counter*, 3> scans_;
    Histogram& scan_time_;
};

Result<void> install(Host& host);

}  // namespace credence::guard
