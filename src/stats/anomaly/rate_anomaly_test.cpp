#include "stats/anomaly/rate_anomaly.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "stats/beta_binomial.h"
#include "stats/reference/anomaly_reference.inc"

namespace credence::stats {
namespace {

constexpr std::array<PeriodTrials, 10> kPeriodsOfTrials = {
    {{9, 10}, {5, 10}, {10, 10}, {3, 9}, {8, 8}, {0, 0}, {12, 12}, {2, 7}, {20, 21}, {1, 1}}};
constexpr std::array<PeriodTrials, 2> kRecentTrials = {{{3, 6}, {1, 5}}};

std::vector<PeriodTrials> steady(std::size_t periods, const PeriodTrials& each) {
    return std::vector<PeriodTrials>(periods, each);
}

AnomalyTest test_of(const std::optional<RateBaseline>& baseline, const PeriodTrials& recent) {
    return rate_anomaly(baseline.value(), {&recent, 1}).value();
}

// The whole mixture, put together from scipy's beta-binomial distributions.
TEST(RateAnomaly, AgreesWithScipy) {
    const auto baseline = fit_rate_baseline(kPeriodsOfTrials);
    ASSERT_TRUE(baseline);
    for (std::size_t step = 0; step < kDispersionSteps; ++step) {
        EXPECT_NEAR(baseline->parts[step].weight, reference::kRateCase[3 + step], 1e-9);
    }
    const auto test = rate_anomaly(*baseline, kRecentTrials);
    ASSERT_TRUE(test);
    EXPECT_NEAR(test->baseline.value, reference::kRateCase[0], 1e-9);
    EXPECT_NEAR(test->tails.at_most, reference::kRateCase[1], 1e-9);
    EXPECT_NEAR(test->tails.at_least, reference::kRateCase[2], 1e-9);
    EXPECT_NEAR(test->p_value, 2 * reference::kRateCase[1], 1e-9);
    EXPECT_EQ(test->n, 11);
    EXPECT_DOUBLE_EQ(test->observed, 4.0 / 11);
    EXPECT_EQ(test->direction, Direction::kLow);
    EXPECT_LT(test->deviation, -1);
}

TEST(RateAnomaly, IndependentRunsAreExactlyConjugate) {
    const auto baseline = independent_rate_baseline({200, 200});
    const AnomalyTest test = test_of(baseline, {0, 5});
    EXPECT_NEAR(test.p_value / (2 * 8.567504415495294e-11), 1, 1e-10);
    EXPECT_NEAR(test.baseline.value, 200.5 / 201, 1e-12);
    EXPECT_EQ(test.baseline.n, 200);
    EXPECT_NEAR(test.baseline.interval.low, beta_quantile({200.5, 0.5}, 0.025), 1e-9);
    EXPECT_EQ(test.baseline.method, "beta_credible_95");
    // Var(K / n) = m (1 - m) (1 + (n - 1) / (alpha + beta + 1)) / n.
    const double mean = 200.5 / 201;
    EXPECT_NEAR(test.deviation, -mean / std::sqrt(mean * (1 - mean) * (1 + 4.0 / 202) / 5), 1e-9);
}

// What the z score with the Bernoulli sigma could not see.
TEST(RateAnomaly, APerfectSkillThatFailsFiveOfFiveIsFoundAmongAThousand) {
    constexpr double kAmongThousand = 0.05 / 1000;
    EXPECT_LT(test_of(fit_rate_baseline(steady(40, {5, 5})), {0, 5}).p_value, kAmongThousand);
    EXPECT_LT(test_of(fit_rate_baseline(steady(200, {1, 1})), {0, 5}).p_value, kAmongThousand);
    const auto after = fit_rate_baseline(steady(40, {5, 5}));
    EXPECT_GT(test_of(after, {4, 5}).p_value, kAmongThousand);
}

TEST(RateAnomaly, AFallFromNineTenthsToAHalfIsFound) {
    std::vector<PeriodTrials> periods = steady(20, {5, 5});
    periods.insert(periods.end(), 20, {4, 5});
    const auto baseline = fit_rate_baseline(periods);
    EXPECT_LT(test_of(baseline, {25, 50}).p_value, 0.05 / 1000);
    EXPECT_GT(test_of(baseline, {43, 50}).p_value, 0.05);
    EXPECT_EQ(test_of(baseline, {50, 50}).direction, Direction::kHigh);
}

TEST(RateAnomaly, DispersedPeriodsMakeItCautious) {
    std::vector<PeriodTrials> dispersed = steady(18, {10, 10});
    dispersed.insert(dispersed.end(), 2, {0, 10});
    const auto calm = fit_rate_baseline(steady(20, {9, 10}));
    const auto wild = fit_rate_baseline(dispersed);
    EXPECT_NEAR(rate_estimate(*calm).value, 0.9, 0.01);
    EXPECT_NEAR(rate_estimate(*wild).value, 0.9, 0.02);
    EXPECT_LT(test_of(calm, {2, 10}).p_value, 1e-3);
    EXPECT_GT(test_of(wild, {2, 10}).p_value, 0.05);
    EXPECT_GT(wild->parts[9].weight, 0.5);
    EXPECT_LT(calm->parts[9].weight, 1e-6);
    // The same runs spread over five periods are much stronger evidence.
    const auto spread = rate_anomaly(*wild, steady(10, {0, 1}));
    const auto together = test_of(wild, {0, 10});
    EXPECT_LT(spread->p_value, together.p_value / 10);
}

TEST(RateAnomaly, ADiscountedBaselineIsLessCertain) {
    const auto full = independent_rate_baseline({180, 200});
    const auto old = independent_rate_baseline({180, 200}, {.discount = 0.1});
    EXPECT_DOUBLE_EQ(old->parts[0].mean.alpha, 18.5);
    EXPECT_DOUBLE_EQ(old->parts[0].mean.beta, 2.5);
    EXPECT_GT(test_of(old, {5, 10}).p_value, test_of(full, {5, 10}).p_value);
}

TEST(RateAnomaly, WithoutDataNothingIsKnown) {
    EXPECT_FALSE(fit_rate_baseline({}));
    EXPECT_FALSE(fit_rate_baseline(steady(3, {0, 0})));
    EXPECT_FALSE(independent_rate_baseline({0, 0}));
    const auto baseline = fit_rate_baseline(kPeriodsOfTrials);
    EXPECT_FALSE(rate_anomaly(*baseline, {}));
    EXPECT_FALSE(rate_anomaly(*baseline, steady(3, {0, 0})));
    // One run against one run proves nothing.
    EXPECT_GT(test_of(independent_rate_baseline({1, 1}), {0, 1}).p_value, 0.2);
}

TEST(RateAnomalyDeath, ImpossibleInput) {
    EXPECT_DEATH(fit_rate_baseline(steady(1, {2, 1})), "more successes");
    EXPECT_DEATH(independent_rate_baseline({1, 2}, {.discount = 0}), "discount");
}

}  // namespace
}  // namespace credence::stats
