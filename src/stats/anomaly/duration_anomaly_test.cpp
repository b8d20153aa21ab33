#include "stats/anomaly/duration_anomaly.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "stats/reference/anomaly_reference.inc"

namespace credence::stats {
namespace {

constexpr std::array kDurations = {1.2, 0.9,  1.1,  1.4,  0.8, 1.0,  1.3,  55.0,  0.95, 1.05, 1.15,
                                   0.7, 1.25, 1.02, 0.98, 1.6, 0.85, 1.08, 0.001, 1.33, 0.92, 1.18};
constexpr std::array kRecentDurations = {1.9, 1.4, 2.2, 1.7, 90.0, 1.5};

TEST(DurationAnomaly, AgreesWithScipy) {
    const auto baseline = fit_durations(kDurations);
    ASSERT_TRUE(baseline);
    EXPECT_NEAR(baseline->log_median, reference::kDurationCase[0], 1e-12);
    EXPECT_NEAR(baseline->log_scale, reference::kDurationCase[1], 1e-12);
    const auto test = duration_anomaly(*baseline, kRecentDurations);
    ASSERT_TRUE(test);
    EXPECT_NEAR(test->deviation, reference::kDurationCase[2], 1e-9);
    EXPECT_NEAR(test->tails.at_most, reference::kDurationCase[3], 1e-9);
    EXPECT_NEAR(test->tails.at_least, reference::kDurationCase[4], 1e-9);
    EXPECT_NEAR(test->p_value, 2 * reference::kDurationCase[4], 1e-9);
    EXPECT_EQ(test->direction, Direction::kHigh);
    EXPECT_NEAR(test->observed, std::sqrt(1.7 * 1.9), 1e-12);
    EXPECT_EQ(test->n, 6);
    EXPECT_EQ(test->method, "log_median_mad_t");
}

TEST(DurationAnomaly, EstimateIsTheMedianWithItsInterval) {
    const Estimate median = duration_estimate(*fit_durations(kDurations));
    EXPECT_NEAR(median.value, std::sqrt(1.05 * 1.08), 1e-12);
    EXPECT_EQ(median.n, 22);
    EXPECT_GT(median.interval.low, 0.85);
    EXPECT_LT(median.interval.low, median.value);
    EXPECT_LT(median.interval.high, 1.35);
    EXPECT_NEAR(median.interval.low * median.interval.high, median.value * median.value, 1e-12);
}

// Unlike with mean and standard deviation, a hanging run hides nothing.
TEST(DurationAnomaly, OutliersDoNotMove) {
    std::vector<double> clean(kDurations.begin(), kDurations.end());
    const auto before = fit_durations(clean);
    clean[7] = 1e9;
    const auto after = fit_durations(clean);
    EXPECT_EQ(before->log_median, after->log_median);
    EXPECT_EQ(before->log_scale, after->log_scale);
    const std::vector<double> hanging = {1.0, 1.1, 0.9, 1e6, 1.05, 0.95, 1.2};
    EXPECT_GT(duration_anomaly(*after, hanging)->p_value, 0.5);
}

TEST(DurationAnomaly, ScaleFree) {
    std::vector<double> milliseconds;
    std::vector<double> recent;
    for (const double duration : kDurations) {
        milliseconds.push_back(duration / 1000);
    }
    for (const double duration : kRecentDurations) {
        recent.push_back(duration / 1000);
    }
    EXPECT_NEAR(duration_anomaly(*fit_durations(milliseconds), recent)->deviation,
                reference::kDurationCase[2], 1e-9);
}

TEST(DurationAnomaly, EqualDurationsKeepAScale) {
    const auto baseline = fit_durations(std::vector<double>(30, 2.0));
    EXPECT_EQ(baseline->log_scale, kMinLogScale);
    EXPECT_GT(duration_anomaly(*baseline, std::vector<double>(10, 2.005))->p_value, 0.05);
    EXPECT_LT(duration_anomaly(*baseline, std::vector<double>(10, 3.0))->p_value, 1e-6);
    EXPECT_EQ(duration_anomaly(*baseline, std::vector<double>(10, 1.0))->direction,
              Direction::kLow);
    EXPECT_TRUE(std::isfinite(fit_durations(std::vector<double>(30, 0.0))->log_median));
}

TEST(DurationAnomaly, TooFewIsUnknown) {
    EXPECT_FALSE(fit_durations(std::vector<double>(kMinBaselineDurations - 1, 1.0)));
    const auto baseline = fit_durations(std::vector<double>(kMinBaselineDurations, 1.0));
    ASSERT_TRUE(baseline);
    EXPECT_FALSE(duration_anomaly(*baseline, std::vector<double>(kMinRecentDurations - 1, 9.0)));
    EXPECT_TRUE(duration_anomaly(*baseline, std::vector<double>(kMinRecentDurations, 9.0)));
}

TEST(DurationAnomalyDeath, ImpossibleInput) {
    EXPECT_DEATH(fit_durations(std::vector<double>(30, -1.0)), "impossible duration");
    EXPECT_DEATH(duration_anomaly({}, kRecentDurations), "fitted");
}

}  // namespace
}  // namespace credence::stats
