// What an agent claims, in a closed form: unknown keys are errors, and so is a claim that asserts
// nothing. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shape.h"

namespace credence::trust {

enum class ClaimKind : std::uint8_t {
    test_result,
    performance_metric,
    code_quality,
    security_finding,
    deployment_status,
    custom,
};

// How a measured number is compared with the claimed one.
enum class Comparison : std::uint8_t { eq, le, ge, range };

struct MetricClaim {
    Comparison op = Comparison::eq;
    std::optional<double> value;  // eq, le, ge
    std::optional<double> low;    // range, both ends included
    std::optional<double> high;
    // eq: |actual - value| <= max(absolute, relative * |value|); capped by TolerancePolicy, so that
    // a claimant cannot make its claim meaningless.
    std::optional<double> absolute_tolerance;
    std::optional<double> relative_tolerance;
};
void describe(Describe<MetricClaim>&);

struct ClaimContent {
    std::optional<std::int64_t> return_code;
    std::vector<std::string> output_contains;    // each in standard output or standard error
    std::optional<std::string> output_matches;   // RE2: linear time; unanchored
    std::map<std::string, MetricClaim> metrics;  // by name, as the recipe reports them
    std::optional<std::string> pattern_id;       // the pattern that was applied, for its statistics
};
void describe(Describe<ClaimContent>&);

// Reads a claim. Shorthands of the JSON form: "output_contains": "text" for ["text"], and
// "metrics": {"m": 10} for {"m": {"op": "eq", "value": 10}}. Also op spelled "==", "<=", ">=".
// Code::invalid with the path ("claim_content.metrics.m.value") for unknown keys, NaN or infinite
// numbers, empty texts, bad regular expressions, a claim without any assertion, or one that its
// kind does not allow (a performance_metric without metrics, …; claim.cpp has the table).
Result<ClaimContent> read_claim(ClaimKind kind, const RawJson& content);

struct TolerancePolicy {
    double max_absolute = 1e-9;
    double max_relative = 0.05;
    double default_relative = 0;
};

// Refuses (Code::invalid, path) tolerances over the policy's caps.
Result<void> check_tolerances(const ClaimContent& claim, const TolerancePolicy& policy);

enum class Outcome : std::uint8_t {
    confirmed,     // every assertion was seen to hold
    refuted,       // at least one was seen not to hold
    inconclusive,  // the recipe ran, but did not say (timed out, no report, metric missing, …)
    error,         // the recipe could not be run at all
};

}  // namespace credence::trust
