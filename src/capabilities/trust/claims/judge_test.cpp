#include "capabilities/trust/claims/judge.h"

#include <gtest/gtest.h>

#include <limits>

namespace credence::trust {
namespace {

using sandbox::Ending;

Recipe recipe_with(ReportFormat format) {
    Recipe recipe;
    recipe.name = "check";
    recipe.summary = "A check";
    recipe.kinds = {ClaimKind::custom};
    recipe.argv = {"/bin/true"};
    recipe.report = format;
    return recipe;
}

sandbox::Finished ended(std::int64_t exit_code, const std::string& output = {},
                        const std::string& error = {}) {
    sandbox::Finished finished;
    finished.ending = Ending::exited;
    finished.exit_code = exit_code;
    finished.output.text = output;
    finished.error.text = error;
    return finished;
}

ClaimContent claim_of(const std::string& json) {
    auto claim = read_claim(ClaimKind::custom, RawJson{json});
    EXPECT_TRUE(claim.has_value()) << json << (claim ? "" : claim.error().message);
    return claim.value_or(ClaimContent{});
}

struct Row {
    std::string claim;
    std::int64_t exit_code = 0;
    std::string output;
    Outcome outcome = Outcome::confirmed;
    ReportFormat format = ReportFormat::none;
};

void expect_outcomes(const std::vector<Row>& table) {
    for (const Row& row : table) {
        const auto judgement = judge(claim_of(row.claim), recipe_with(row.format),
                                     ended(row.exit_code, row.output), TolerancePolicy{});
        EXPECT_EQ(judgement.outcome, row.outcome)
            << row.claim << " of '" << row.output << "': " << judgement.reason;
        EXPECT_FALSE(judgement.reason.empty());
        EXPECT_FALSE(judgement.checks.empty());
    }
}

TEST(Judge, ExitStatusAndOutput) {
    const auto yes = Outcome::confirmed;
    const auto no = Outcome::refuted;
    expect_outcomes({
        {R"({"return_code": 0})", 0, "", yes},
        {R"({"return_code": 0})", 1, "", no},
        // A true claim of failure is true.
        {R"({"return_code": 1})", 1, "", yes},
        {R"({"return_code": 1})", 0, "", no},
        {R"({"output_contains": "PASSED"})", 0, "100% PASSED", yes},
        {R"({"output_contains": "PASSED"})", 0, "failed", no},
        {R"({"output_contains": ["a", "b"]})", 0, "a", no},
        {R"({"output_contains": ["a", "b"]})", 0, "b a", yes},
        // Exit status 0 goes without saying.
        {R"({"output_contains": "PASSED"})", 1, "PASSED", no},
        {R"({"output_contains": "PASSED", "return_code": 1})", 1, "PASSED", yes},
        {R"({"output_matches": "^v[0-9]+$"})", 0, "v12", yes},
        {R"({"output_matches": "^v[0-9]+$"})", 0, "v12\nx", no},
        {R"({"output_matches": "(?m)^v[0-9]+$"})", 0, "v12\nx", yes},
    });
}

TEST(Judge, OutputIsEitherStream) {
    const auto claim = claim_of(R"({"output_contains": "ab", "output_matches": "c+"})");
    const Recipe recipe = recipe_with(ReportFormat::none);
    EXPECT_EQ(judge(claim, recipe, ended(0, "ab", "cc"), {}).outcome, Outcome::confirmed);
    // Not over the seam between the two.
    EXPECT_EQ(judge(claim, recipe, ended(0, "ca", "bc"), {}).outcome, Outcome::refuted);
}

TEST(Judge, Metrics) {
    const auto yes = Outcome::confirmed;
    const auto no = Outcome::refuted;
    const auto open = Outcome::inconclusive;
    const auto json = ReportFormat::json;
    expect_outcomes({
        // The old system called these true because the program ended with 0.
        {R"({"metrics": {"coverage": 99.9}})", 0, "hi", open, json},
        {R"({"metrics": {"coverage": 99.9}})", 0, R"({"coverage": 12})", no, json},
        {R"({"metrics": {"coverage": 99.9}})", 0, R"({"other": 99.9})", open, json},
        {R"({"metrics": {"coverage": 99.9}})", 0, R"({"coverage": "99.9"})", open, json},
        {R"({"metrics": {"coverage": 99.9}})", 0, R"({"coverage": NaN})", open, json},
        {R"({"metrics": {"m": 1}})", 1, R"({"m": 1})", no, json},
        {R"({"metrics": {"m": 1}, "return_code": 1})", 1, R"({"m": 1})", yes, json},
        {R"({"metrics": {"m": 0}})", 0, R"({"m": 0})", yes, json},
        {R"({"metrics": {"m": {"value": 0, "relative_tolerance": 0.05}}})", 0, R"({"m": 0.001})",
         no, json},
        {R"({"metrics": {"m": {"value": 0, "absolute_tolerance": 1e-9}}})", 0, R"({"m": 1e-10})",
         yes, json},
        {R"({"metrics": {"m": {"value": 100, "relative_tolerance": 0.05}}})", 0, R"({"m": 105})",
         yes, json},
        {R"({"metrics": {"m": {"value": 100, "relative_tolerance": 0.05}}})", 0, R"({"m": 105.1})",
         no, json},
        {R"({"metrics": {"m": {"value": -100, "relative_tolerance": 0.05}}})", 0, R"({"m": -104})",
         yes, json},
        {R"({"metrics": {"m": {"op": "<=", "value": 10}}})", 0, R"({"m": 10})", yes, json},
        {R"({"metrics": {"m": {"op": "<=", "value": 10}}})", 0, R"({"m": 10.1})", no, json},
        {R"({"metrics": {"m": {"op": ">=", "value": 10}}})", 0, R"({"m": 10})", yes, json},
        {R"({"metrics": {"m": {"op": ">=", "value": 10}}})", 0, R"({"m": 9.9})", no, json},
        {R"({"metrics": {"m": {"low": 1, "high": 2}}})", 0, R"({"m": 1})", yes, json},
        {R"({"metrics": {"m": {"low": 1, "high": 2}}})", 0, R"({"m": 2})", yes, json},
        {R"({"metrics": {"m": {"low": 1, "high": 2}}})", 0, R"({"m": 2.1})", no, json},
        {R"({"metrics": {"m": {"low": 1, "high": 2}}})", 0, R"({"m": 0.9})", no, json},
        // One wrong is enough; one open is enough when none is wrong.
        {R"({"metrics": {"m": 1, "n": 2}})", 0, R"({"m": 1, "n": 3})", no, json},
        {R"({"metrics": {"m": 1, "n": 2}})", 0, R"({"m": 1})", open, json},
        {R"({"metrics": {"m": 1, "n": 2}})", 0, R"({"m": 7})", no, json},
        {R"({"metrics": {"m": 1}})", 0, R"({"m": 1})", open, ReportFormat::none},
        {R"({"return_code": 0})", 0, "no report", open, json},
    });
}

TEST(Judge, ToleranceNeverExceedsThePolicy) {
    // As if it had slipped through check_tolerances.
    ClaimContent claim;
    claim.metrics["m"].value = 1;
    claim.metrics["m"].relative_tolerance = 1e9;
    claim.metrics["m"].absolute_tolerance = 1e9;
    const Recipe recipe = recipe_with(ReportFormat::json);
    EXPECT_EQ(judge(claim, recipe, ended(0, R"({"m": 2})"), {}).outcome, Outcome::refuted);
    TolerancePolicy policy;
    policy.default_relative = 0.05;
    claim.metrics["m"] = MetricClaim{};
    claim.metrics["m"].value = 1;
    EXPECT_EQ(judge(claim, recipe, ended(0, R"({"m": 1.04})"), policy).outcome, Outcome::confirmed);
    EXPECT_EQ(judge(claim, recipe, ended(0, R"({"m": 1.04})"), {}).outcome, Outcome::refuted);
}

TEST(Judge, BrokenClaimsAreNotConfirmed) {
    const Recipe recipe = recipe_with(ReportFormat::json);
    ClaimContent claim;
    claim.metrics["m"].op = Comparison::range;
    EXPECT_EQ(judge(claim, recipe, ended(0, R"({"m": 2})"), {}).outcome, Outcome::inconclusive);
    claim.metrics["m"] = MetricClaim{};
    claim.metrics["m"].value = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(judge(claim, recipe, ended(0, R"({"m": 2})"), {}).outcome, Outcome::inconclusive);
    ClaimContent text;
    text.output_matches = "(";
    EXPECT_EQ(judge(text, recipe_with(ReportFormat::none), ended(0, "("), {}).outcome,
              Outcome::inconclusive);
}

TEST(Judge, WhatDidNotEndConfirmsNothing) {
    const auto claim = claim_of(R"({"output_contains": "ok"})");
    const Recipe recipe = recipe_with(ReportFormat::none);
    const std::pair<Ending, Outcome> endings[] = {{Ending::timed_out, Outcome::inconclusive},
                                                  {Ending::signalled, Outcome::inconclusive},
                                                  {Ending::not_started, Outcome::error}};
    for (const auto& [ending, outcome] : endings) {
        auto finished = ended(0, "ok");
        finished.ending = ending;
        finished.signal = 9;
        const auto judgement = judge(claim, recipe, finished, {});
        EXPECT_EQ(judgement.outcome, outcome);
        ASSERT_EQ(judgement.checks.size(), 1U);
        EXPECT_EQ(judgement.checks.front().actual, judgement.reason);
    }
}

TEST(Judge, CutOutputRefutesNothing) {
    const Recipe recipe = recipe_with(ReportFormat::none);
    auto finished = ended(0, "beginning");
    finished.output.truncated = true;
    EXPECT_EQ(judge(claim_of(R"({"output_contains": "end"})"), recipe, finished, {}).outcome,
              Outcome::inconclusive);
    EXPECT_EQ(judge(claim_of(R"({"output_matches": "end"})"), recipe, finished, {}).outcome,
              Outcome::inconclusive);
    EXPECT_EQ(judge(claim_of(R"({"output_contains": "begin"})"), recipe, finished, {}).outcome,
              Outcome::confirmed);
}

TEST(Judge, MatchingIsBounded) {
    const Recipe recipe = recipe_with(ReportFormat::none);
    // 3 MiB and about 600 instructions: more steps than are allowed.
    const auto finished = ended(0, std::string(3 << 20, 'a'));
    const auto claim = claim_of(R"({"output_matches": "[a-q][^u-z]{60}[0-9]"})");
    const auto small = claim_of(R"({"output_matches": "a{20}b"})");
    EXPECT_EQ(judge(claim, recipe, finished, {}).outcome, Outcome::inconclusive);
    EXPECT_EQ(judge(small, recipe, finished, {}).outcome, Outcome::refuted);
}

TEST(Judge, AMissingReportFileIsNotReplacedByPrintedWords) {
    Recipe recipe = recipe_with(ReportFormat::pytest);
    recipe.report_file = "/tmp/report.xml";
    const auto claim = claim_of(R"({"metrics": {"passed": 5}})");
    const auto judgement = judge(claim, recipe, ended(0, "=== 5 passed in 0.10s ==="), {});
    EXPECT_EQ(judgement.outcome, Outcome::inconclusive);
    EXPECT_NE(judgement.reason.find("no report file"), std::string::npos) << judgement.reason;
}

TEST(Judge, FailuresThatTheExitStatusHidesAreNotConfirmed) {
    const Recipe recipe = recipe_with(ReportFormat::pytest);
    const std::string output = "=== 1 failed, 5 passed in 0.10s ===";
    EXPECT_EQ(judge(claim_of(R"({"return_code": 0})"), recipe, ended(0, output), {}).outcome,
              Outcome::inconclusive);
    EXPECT_EQ(
        judge(claim_of(R"({"metrics": {"failed": 1}})"), recipe, ended(0, output), {}).outcome,
        Outcome::confirmed);
    EXPECT_EQ(judge(claim_of(R"({"return_code": 1, "metrics": {"passed": 5}})"), recipe,
                    ended(1, output), {})
                  .outcome,
              Outcome::confirmed);
}

TEST(Judge, ChecksSayWhatWasSeen) {
    const auto claim = claim_of(
        R"({"output_contains": "ok", "metrics": {"time_ms": {"op": "<=", "value": 10},
            "n": {"value": 100, "relative_tolerance": 0.05}, "r": {"low": 1, "high": 2}}})");
    const auto judgement = judge(claim, recipe_with(ReportFormat::json),
                                 ended(0, "ok\n{\"time_ms\": 12.5, \"n\": 101, \"r\": 1.5}"), {});
    ASSERT_EQ(judgement.checks.size(), 5U);
    EXPECT_EQ(judgement.checks[0].assertion, "return_code == 0");
    EXPECT_EQ(judgement.checks[1].assertion, "output contains \"ok\"");
    EXPECT_EQ(judgement.checks[2].assertion, "metrics.n == 100 ± 5");
    EXPECT_EQ(judgement.checks[3].assertion, "metrics.r in 1 .. 2");
    EXPECT_EQ(judgement.checks[4].assertion, "metrics.time_ms <= 10");
    EXPECT_EQ(judgement.checks[4].actual, "12.5");
    EXPECT_EQ(judgement.checks[4].outcome, Outcome::refuted);
    EXPECT_EQ(judgement.reason, "does not hold: metrics.time_ms <= 10 (seen: 12.5)");
}

TEST(Judge, ReasonsOfConfirmation) {
    const Recipe recipe = recipe_with(ReportFormat::none);
    EXPECT_EQ(judge(claim_of(R"({"return_code": 0})"), recipe, ended(0), {}).reason,
              "holds: return_code == 0");
    EXPECT_EQ(judge(claim_of(R"({"output_contains": "a"})"), recipe, ended(0, "a"), {}).reason,
              "all 2 checks hold");
}

TEST(Judge, TextsAreShortAndPrintable) {
    ClaimContent claim;
    claim.output_contains.push_back(std::string(4000, 'x') + "\n\x1b");
    for (int i = 0; i < 60; ++i) {
        claim.metrics[std::string(100, 'n') + "äöü" + std::to_string(i)].value = 1.0 / 3;
    }
    const auto judgement = judge(claim, recipe_with(ReportFormat::json), ended(0), {});
    for (const Check& check : judgement.checks) {
        EXPECT_LE(check.assertion.size(), 200U);
        EXPECT_LE(check.actual.size(), 200U);
        EXPECT_EQ(check.assertion.find('\n'), std::string::npos);
    }
}

TEST(Judge, FitIsCheckedBeforeAnythingRuns) {
    const Recipe plain = recipe_with(ReportFormat::none);
    const Recipe counting = recipe_with(ReportFormat::json);
    const auto metric = claim_of(R"({"metrics": {"m": 1}})");
    EXPECT_TRUE(check_fit(ClaimKind::custom, metric, counting).has_value());
    const auto no_numbers = check_fit(ClaimKind::custom, metric, plain);
    ASSERT_FALSE(no_numbers.has_value());
    EXPECT_EQ(no_numbers.error().field, "claim_content.metrics");
    const auto other_kind = check_fit(ClaimKind::test_result, metric, counting);
    ASSERT_FALSE(other_kind.has_value());
    EXPECT_EQ(other_kind.error().field, "claim_type");
}

}  // namespace
}  // namespace credence::trust
