#include "capabilities/trust/claims/judge.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "capabilities/trust/claims/claim_regex.h"
#include "capabilities/trust/claims/names.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMaxActualBytes = 200;
constexpr std::size_t kMaxAssertionBytes = 200;

std::string cut(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) {
        return to_valid_utf8(text);
    }
    // Room for the ellipsis; a character cut in two is left out.
    std::size_t end = max_bytes - 3;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return to_valid_utf8(text.substr(0, end)).substr(0, max_bytes - 3) + "…";
}

Check make_check(std::string assertion, Outcome outcome, std::string_view actual) {
    return {cut(assertion, kMaxAssertionBytes), outcome, cut(actual, kMaxActualBytes)};
}

Outcome held(bool yes) {
    return yes ? Outcome::confirmed : Outcome::refuted;
}

// What is not in a text that was cut may have been in the rest.
Check output_check(std::string assertion, bool seen, const sandbox::Finished& finished) {
    if (seen) {
        return make_check(std::move(assertion), Outcome::confirmed, "present");
    }
    if (finished.output.truncated || finished.error.truncated) {
        return make_check(std::move(assertion), Outcome::inconclusive,
                          "absent from the part of the output that was kept");
    }
    return make_check(std::move(assertion), Outcome::refuted, "absent");
}

void check_output(const ClaimContent& claim, const sandbox::Finished& finished,
                  std::vector<Check>& checks) {
    const std::string_view streams[] = {finished.output.text, finished.error.text};
    for (const std::string& wanted : claim.output_contains) {
        const bool seen = std::ranges::any_of(streams, [&](std::string_view stream) {
            return stream.find(wanted) != std::string_view::npos;
        });
        checks.push_back(
            output_check(fmt::format("output contains \"{}\"", show_name(wanted)), seen, finished));
    }
    if (claim.output_matches) {
        const re2::RE2 regex(*claim.output_matches, regex_options());
        std::string assertion =
            fmt::format("output matches \"{}\"", show_name(*claim.output_matches));
        if (!regex.ok() || regex.ProgramSize() > kMaxRegexProgram) {
            checks.push_back(make_check(std::move(assertion), Outcome::inconclusive,
                                        "the regular expression is not usable"));
            return;
        }
        const std::size_t bytes = finished.output.text.size() + finished.error.text.size();
        if (bytes > kMaxRegexSteps / static_cast<std::size_t>(regex.ProgramSize())) {
            checks.push_back(make_check(std::move(assertion), Outcome::inconclusive,
                                        "the output is too long for this expression"));
            return;
        }
        const bool seen = std::ranges::any_of(streams, [&](std::string_view stream) {
            return re2::RE2::PartialMatch(stream, regex);
        });
        checks.push_back(output_check(std::move(assertion), seen, finished));
    }
}

// How far off an equal number may be; never more than the policy allows, whatever was claimed.
double tolerance_of(const MetricClaim& metric, const TolerancePolicy& policy) {
    const double relative = metric.relative_tolerance.value_or(policy.default_relative);
    const double absolute = metric.absolute_tolerance.value_or(0);
    return std::max(std::min(absolute, policy.max_absolute),
                    std::min(relative, policy.max_relative) * std::abs(*metric.value));
}

std::string assertion_of(std::string_view name, const MetricClaim& metric,
                         const TolerancePolicy& policy) {
    const std::string subject = "metrics." + show_name(name);
    switch (metric.op) {
        case Comparison::le:
            return fmt::format("{} <= {}", subject, *metric.value);
        case Comparison::ge:
            return fmt::format("{} >= {}", subject, *metric.value);
        case Comparison::range:
            return fmt::format("{} in {} .. {}", subject, *metric.low, *metric.high);
        case Comparison::eq:
            break;
    }
    const double tolerance = tolerance_of(metric, policy);
    return tolerance > 0 ? fmt::format("{} == {} ± {}", subject, *metric.value, tolerance)
                         : fmt::format("{} == {}", subject, *metric.value);
}

bool holds(const MetricClaim& metric, double actual, const TolerancePolicy& policy) {
    switch (metric.op) {
        case Comparison::le:
            return actual <= *metric.value;
        case Comparison::ge:
            return actual >= *metric.value;
        case Comparison::range:
            return actual >= *metric.low && actual <= *metric.high;
        case Comparison::eq:
            break;
    }
    return std::abs(actual - *metric.value) <= tolerance_of(metric, policy);
}

bool is_complete(const MetricClaim& metric) {
    const auto usable = [](const std::optional<double>& v) { return v && std::isfinite(*v); };
    return metric.op == Comparison::range ? usable(metric.low) && usable(metric.high)
                                          : usable(metric.value);
}

void check_metrics(const ClaimContent& claim, const Report& report, const TolerancePolicy& policy,
                   std::vector<Check>& checks) {
    for (const auto& [name, metric] : claim.metrics) {
        if (!is_complete(metric)) {
            checks.push_back(make_check("metrics." + show_name(name), Outcome::inconclusive,
                                        "the claim is incomplete"));
            continue;
        }
        std::string assertion = assertion_of(name, metric, policy);
        const auto reported = report.metrics.find(name);
        if (!report.found || reported == report.metrics.end()) {
            checks.push_back(make_check(std::move(assertion), Outcome::inconclusive, "absent"));
        } else if (!std::isfinite(reported->second)) {
            checks.push_back(
                make_check(std::move(assertion), Outcome::inconclusive, "not a number"));
        } else {
            checks.push_back(make_check(std::move(assertion),
                                        held(holds(metric, reported->second, policy)),
                                        fmt::format("{}", reported->second)));
        }
    }
}

Report report_of(const Recipe& recipe, const sandbox::Finished& finished) {
    // Without this a test could remove the file and print a report of its own.
    if (!recipe.report_file.empty() && !finished.report) {
        Report report;
        report.problem = "the program wrote no report file";
        return report;
    }
    return read_report(recipe.report, finished);
}

bool counts_tests(ReportFormat format) {
    return format != ReportFormat::none && format != ReportFormat::json;
}

// A program that reports failures ends with another status than 0; if not, something meddled.
void check_agreement(const ClaimContent& claim, const Recipe& recipe,
                     const sandbox::Finished& finished, const Report& report,
                     std::vector<Check>& checks) {
    if (!counts_tests(recipe.report) || finished.exit_code != 0) {
        return;
    }
    for (const char* name : {"failed", "errors"}) {
        const auto reported = report.metrics.find(name);
        if (reported != report.metrics.end() && reported->second > 0 &&
            !claim.metrics.contains(name)) {
            checks.push_back(
                make_check(fmt::format("metrics.{} == 0, as the exit status says", name),
                           Outcome::inconclusive, fmt::format("{}", reported->second)));
        }
    }
}

std::vector<Check> check_all(const ClaimContent& claim, const Recipe& recipe,
                             const sandbox::Finished& finished, const TolerancePolicy& policy) {
    std::vector<Check> checks;
    const std::int64_t wanted = claim.return_code.value_or(0);
    checks.push_back(make_check(fmt::format("return_code == {}", wanted),
                                held(finished.exit_code == wanted),
                                std::to_string(finished.exit_code)));
    check_output(claim, finished, checks);
    Report report;
    if (recipe.report != ReportFormat::none) {
        report = report_of(recipe, finished);
        if (!report.found) {
            checks.push_back(
                make_check("the recipe reports", Outcome::inconclusive, report.problem));
        }
    }
    check_metrics(claim, report, policy, checks);
    check_agreement(claim, recipe, finished, report, checks);
    return checks;
}

// Why nothing can be concluded from how the program ended, or "".
std::string unfinished(const sandbox::Finished& finished) {
    switch (finished.ending) {
        case sandbox::Ending::exited:
            return {};
        case sandbox::Ending::signalled:
            return fmt::format("the program was ended by signal {}", finished.signal);
        case sandbox::Ending::timed_out:
            return "the program ran out of time and was ended";
        case sandbox::Ending::not_started:
            return "the program could not be started";
    }
    return "the program ended in an unknown way";
}

}  // namespace

Result<void> check_fit(ClaimKind kind, const ClaimContent& claim, const Recipe& recipe) {
    if (std::ranges::find(recipe.kinds, kind) == recipe.kinds.end()) {
        return fail(Code::invalid, "the recipe " + recipe.name + " does not verify this kind",
                    "claim_type");
    }
    if (!claim.metrics.empty() && recipe.report == ReportFormat::none) {
        return fail(Code::invalid, "the recipe " + recipe.name + " reports no numbers",
                    "claim_content.metrics");
    }
    return {};
}

Judgement judge(const ClaimContent& claim, const Recipe& recipe, const sandbox::Finished& finished,
                const TolerancePolicy& policy) {
    Judgement judgement;
    if (const std::string why = unfinished(finished); !why.empty()) {
        const bool never_ran = finished.ending == sandbox::Ending::not_started;
        judgement.outcome = never_ran ? Outcome::error : Outcome::inconclusive;
        judgement.reason = why;
        judgement.checks.push_back(
            make_check("the program runs to its end", judgement.outcome, why));
        return judgement;
    }
    judgement.checks = check_all(claim, recipe, finished, policy);
    judgement.outcome = Outcome::confirmed;
    for (const Outcome outcome : {Outcome::refuted, Outcome::inconclusive}) {
        const auto found = std::ranges::find(judgement.checks, outcome, &Check::outcome);
        if (found != judgement.checks.end()) {
            judgement.outcome = outcome;
            judgement.reason = fmt::format(
                "{}: {} (seen: {})", outcome == Outcome::refuted ? "does not hold" : "not decided",
                found->assertion, found->actual);
            return judgement;
        }
    }
    judgement.reason = judgement.checks.size() == 1
                           ? "holds: " + judgement.checks.front().assertion
                           : fmt::format("all {} checks hold", judgement.checks.size());
    return judgement;
}

}  // namespace credence::trust
