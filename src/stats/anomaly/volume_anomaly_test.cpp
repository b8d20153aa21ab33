#include "stats/anomaly/volume_anomaly.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "stats/reference/anomaly_reference.inc"

namespace credence::stats {
namespace {

constexpr std::array<PeriodCount, 8> kPeriodsOfCounts = {
    {{12, 1}, {3, 1}, {0, 1}, {30, 2}, {8, 1}, {17, 1}, {5, 0.5}, {1, 1}}};
constexpr std::array<PeriodCount, 2> kRecentCounts = {{{30, 1}, {22, 1}}};

std::vector<PeriodCount> hours(std::initializer_list<std::int64_t> counts) {
    std::vector<PeriodCount> periods;
    for (const std::int64_t count : counts) {
        periods.push_back({count, 1});
    }
    return periods;
}

double p_value(const VolumeBaseline& baseline, std::int64_t events) {
    const PeriodCount recent{events, 1};
    return volume_anomaly(baseline, {&recent, 1}).value().p_value;
}

TEST(NegativeBinomial, AgreesWithScipy) {
    for (const auto& known : reference::kNegativeBinomials) {
        const Tails tails = negative_binomial_tails(known.mean, known.size, known.k);
        EXPECT_NEAR(tails.at_most, known.at_most, 1e-10);
        EXPECT_NEAR(tails.at_least, known.at_least, 1e-10);
    }
}

// Size 1 is the geometric distribution: P(X <= k) = 1 - (m / (1 + m))^(k + 1).
TEST(NegativeBinomial, AgreesWithClosedForms) {
    for (const std::int64_t k : {0, 1, 7}) {
        const double q = 3.0 / 4;
        const Tails tails = negative_binomial_tails(3, 1, k);
        EXPECT_NEAR(tails.at_most, 1 - std::pow(q, static_cast<double>(k + 1)), 1e-12);
        EXPECT_NEAR(tails.at_least, std::pow(q, static_cast<double>(k)), 1e-12);
    }
}

TEST(VolumeAnomaly, AgreesWithScipy) {
    const auto baseline = fit_volume_baseline(kPeriodsOfCounts);
    ASSERT_TRUE(baseline);
    EXPECT_NEAR(baseline->rate, reference::kVolumeCase[0], 1e-12);
    for (std::size_t step = 0; step < kVolumeDispersions.size(); ++step) {
        EXPECT_NEAR(baseline->parts[step].weight, reference::kVolumeCase[3 + step], 1e-9);
    }
    const auto test = volume_anomaly(*baseline, kRecentCounts);
    ASSERT_TRUE(test);
    EXPECT_NEAR(test->tails.at_most, reference::kVolumeCase[1], 1e-9);
    EXPECT_NEAR(test->tails.at_least, reference::kVolumeCase[2], 1e-9);
    EXPECT_DOUBLE_EQ(test->observed, 26);
    EXPECT_EQ(test->n, 52);
    EXPECT_EQ(test->direction, Direction::kHigh);
    EXPECT_GT(test->deviation, 1);
}

// At dispersion 0 the posterior is Jeffreys' Gamma(1/2 + events, exposure), exactly.
TEST(VolumeAnomaly, PoissonPartIsExactlyConjugate) {
    const auto baseline = fit_volume_baseline(kPeriodsOfCounts);
    EXPECT_NEAR(baseline->parts[0].shape, 76.5, 1e-10);
    EXPECT_NEAR(baseline->rate, 76.5 / 8.5, 1e-12);
}

TEST(VolumeAnomaly, EstimateHasAnInterval) {
    const auto baseline = fit_volume_baseline(hours({9, 11, 10, 12, 8, 10, 9, 11, 10, 10}));
    const Estimate rate = volume_estimate(*baseline);
    EXPECT_NEAR(rate.value, 10.05, 1e-12);
    EXPECT_EQ(rate.n, 10);
    EXPECT_EQ(rate.method, "gamma_credible_95");
    // At least Poisson's own uncertainty, sqrt(100) / 10.
    EXPECT_LT(rate.interval.low, 8.3);
    EXPECT_GT(rate.interval.low, 7);
    EXPECT_GT(rate.interval.high, 11.9);
    EXPECT_LT(rate.interval.high, 14);
}

TEST(VolumeAnomaly, RegularTrafficMakesSilenceStrange) {
    const auto steady = fit_volume_baseline(
        hours({9, 11, 10, 12, 8, 10, 9, 11, 10, 10, 9, 12, 11, 8, 10, 10, 9, 11, 13, 7}));
    const auto bursty = fit_volume_baseline(
        hours({0, 60, 0, 0, 5, 90, 0, 0, 1, 0, 0, 30, 0, 0, 12, 0, 2, 0, 0, 0}));
    EXPECT_LT(p_value(*steady, 0), 0.005);
    EXPECT_LT(p_value(*steady, 40), 0.001);
    EXPECT_GT(p_value(*steady, 11), 0.5);
    EXPECT_GT(p_value(*bursty, 0), 0.2);
    EXPECT_GT(p_value(*bursty, 40), 0.05);
    EXPECT_LT(p_value(*bursty, 2000), 0.01);
}

TEST(VolumeAnomaly, ASilentBaselineIsSurprisedByEvents) {
    const auto silent = fit_volume_baseline(std::vector<PeriodCount>(100, {0, 1}));
    EXPECT_EQ(p_value(*silent, 0), 1);
    EXPECT_LT(p_value(*silent, 20), 0.01);
}

TEST(VolumeAnomaly, WithoutDataNothingIsKnown) {
    EXPECT_FALSE(fit_volume_baseline({}));
    EXPECT_FALSE(fit_volume_baseline(hours({1, 2, 3, 4})));
    EXPECT_TRUE(fit_volume_baseline(hours({1, 2, 3, 4, 5})));
    EXPECT_FALSE(volume_anomaly(*fit_volume_baseline(kPeriodsOfCounts), {}));
}

TEST(VolumeAnomalyDeath, ImpossibleInput) {
    const PeriodCount bad{1, 0};
    EXPECT_DEATH(fit_volume_baseline({&bad, 1}), "impossible");
    EXPECT_DEATH(negative_binomial_tails(0, 1, 1), "impossible");
}

}  // namespace
}  // namespace credence::stats
