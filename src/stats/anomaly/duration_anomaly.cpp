#include "stats/anomaly/duration_anomaly.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/check.h"
#include "stats/median.h"
#include "stats/tails.h"

namespace credence::stats {
namespace {

constexpr double kFreedom = 0.15;

std::vector<double> logarithms(std::span<const double> durations_s) {
    std::vector<double> logs;
    logs.reserve(durations_s.size());
    for (const double duration_s : durations_s) {
        CHECK(duration_s >= 0 && std::isfinite(duration_s), "impossible duration");
        logs.push_back(std::log(std::max(duration_s, kMinDurationSeconds)));
    }
    return logs;
}

double median_variance(double n) {
    constexpr double kHalfPi = std::numbers::pi / 2;
    return kHalfPi / (n + kHalfPi - 1);
}

double degrees_of_freedom(const DurationBaseline& baseline) {
    CHECK(baseline.n > 1 && baseline.log_scale > 0, "a baseline has been fitted");
    return kFreedom * static_cast<double>(baseline.n - 1);
}

}  // namespace

std::optional<DurationBaseline> fit_durations(std::span<const double> durations_s) {
    std::vector<double> logs = logarithms(durations_s);
    if (logs.size() < kMinBaselineDurations) {
        return std::nullopt;
    }
    DurationBaseline baseline;
    baseline.n = static_cast<std::int64_t>(logs.size());
    baseline.log_median = median_of(logs);
    for (double& value : logs) {
        value = std::fabs(value - baseline.log_median);
    }
    baseline.log_scale = std::max(kMinLogScale, kMadToSigma * median_of(logs));
    return baseline;
}

Estimate duration_estimate(const DurationBaseline& baseline) {
    const double half = student_tail_quantile(kConfidenceTail, degrees_of_freedom(baseline)) *
                        baseline.log_scale *
                        std::sqrt(median_variance(static_cast<double>(baseline.n)));
    return {std::exp(baseline.log_median),
            baseline.n,
            {std::exp(baseline.log_median - half), std::exp(baseline.log_median + half)},
            "log_median_t_95"};
}

std::optional<AnomalyTest> duration_anomaly(const DurationBaseline& baseline,
                                            std::span<const double> recent_s) {
    std::vector<double> logs = logarithms(recent_s);
    const double freedom = degrees_of_freedom(baseline);
    if (logs.size() < kMinRecentDurations) {
        return std::nullopt;
    }
    const double recent = median_of(logs);
    const double error =
        baseline.log_scale * std::sqrt(median_variance(static_cast<double>(logs.size())) +
                                       median_variance(static_cast<double>(baseline.n)));
    AnomalyTest test;
    test.baseline = duration_estimate(baseline);
    test.observed = std::exp(recent);
    test.n = static_cast<std::int64_t>(logs.size());
    test.deviation = (recent - baseline.log_median) / error;
    test.direction = test.deviation < 0 ? Direction::kLow : Direction::kHigh;
    test.tails = {student_tail(-test.deviation, freedom), student_tail(test.deviation, freedom)};
    test.p_value = two_sided(test.tails);
    test.method = "log_median_mad_t";
    return test;
}

}  // namespace credence::stats
