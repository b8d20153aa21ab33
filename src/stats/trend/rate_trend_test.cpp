#include "stats/trend/rate_trend.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace credence::stats {
namespace {

std::vector<DayCount> days_of(const std::vector<double>& days, const std::vector<double>& successes,
                              const std::vector<double>& counts) {
    std::vector<DayCount> series;
    for (std::size_t i = 0; i < days.size(); ++i) {
        series.push_back({days[i], static_cast<std::int64_t>(successes[i]),
                          static_cast<std::int64_t>(counts[i])});
    }
    return series;
}

struct Reference {
    std::vector<double> days;
    std::vector<double> successes;
    std::vector<double> counts;
    std::vector<double> penalised;    // dispersion, p, slope, low, high, share a day, low, high
    std::vector<double> unpenalised;  // dispersion, p, slope
};

const std::vector<Reference> kReferences = {
#include "stats/reference/rate_trend_reference.inc"
};

// scipy's maximum of a flat function: eight digits of where it lies.
TEST(RateTrend, AgreesWithDirectMaximisation) {
    ASSERT_EQ(kReferences.size(), 6U);
    for (const Reference& reference : kReferences) {
        const auto found =
            rate_trend(days_of(reference.days, reference.successes, reference.counts));
        ASSERT_TRUE(found);
        const std::vector<double> ours = {found->dispersion,
                                          found->p,
                                          found->log_odds_per_day.value,
                                          found->log_odds_per_day.interval.low,
                                          found->log_odds_per_day.interval.high,
                                          found->share_per_day.value,
                                          found->share_per_day.interval.low,
                                          found->share_per_day.interval.high};
        for (std::size_t i = 0; i < ours.size(); ++i) {
            const double expected = reference.penalised[i];
            EXPECT_NEAR(ours[i], expected, 1e-6 * (1 + std::fabs(expected))) << "number " << i;
        }
    }
}

TEST(RateTrend, WithoutPenaltyIsTheGeneralisedLinearModel) {
    std::size_t compared = 0;
    for (const Reference& reference : kReferences) {
        const auto found =
            rate_trend(days_of(reference.days, reference.successes, reference.counts),
                       {.reduce_bias = false, .least_dispersion = 0});
        if (reference.unpenalised.empty()) {
            continue;
        }
        ASSERT_TRUE(found);
        EXPECT_NEAR(found->dispersion, reference.unpenalised[0], 1e-9);
        EXPECT_NEAR(found->p, reference.unpenalised[1], 1e-9);
        EXPECT_NEAR(found->log_odds_per_day.value, reference.unpenalised[2], 1e-9);
        ++compared;
    }
    EXPECT_EQ(compared, 4U);
}

TEST(RateTrend, IntervalAndPAgree) {
    for (const Reference& reference : kReferences) {
        const auto found =
            rate_trend(days_of(reference.days, reference.successes, reference.counts));
        const auto& interval = found->log_odds_per_day.interval;
        EXPECT_EQ(found->p < 0.05, interval.low > 0 || interval.high < 0);
        EXPECT_LE(interval.low, found->log_odds_per_day.value);
        EXPECT_GE(interval.high, found->log_odds_per_day.value);
        const auto& share = found->share_per_day.interval;
        EXPECT_EQ(found->p < 0.05, share.low > 0 || share.high < 0);
    }
}

TEST(RateTrend, SuccessesAndFailuresMirror) {
    const auto a = rate_trend(days_of({0, 1, 2, 3, 4}, {9, 8, 8, 6, 7}, {10, 10, 10, 10, 10}));
    const auto b = rate_trend(days_of({0, 1, 2, 3, 4}, {1, 2, 2, 4, 3}, {10, 10, 10, 10, 10}));
    EXPECT_NEAR(a->p, b->p, 1e-10);
    EXPECT_NEAR(a->log_odds_per_day.value, -b->log_odds_per_day.value, 1e-10);
    EXPECT_NEAR(a->log_odds_per_day.interval.low, -b->log_odds_per_day.interval.high, 1e-9);
    EXPECT_NEAR(a->share_last, 1 - b->share_last, 1e-10);
}

// A perfect skill shows no trend, and the interval says how little that means.
TEST(RateTrend, NoFailuresIsFlatButNotCertain) {
    const auto found =
        rate_trend(days_of({0, 1, 2, 3, 4, 5}, {5, 5, 5, 5, 5, 5}, {5, 5, 5, 5, 5, 5}));
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->log_odds_per_day.value, 0, 1e-9);
    EXPECT_NEAR(found->p, 1, 1e-6);
    EXPECT_LT(found->share_per_day.interval.low, -0.02);
    EXPECT_GT(found->share_per_day.interval.high, 0.02);
}

// A clean break has no finite maximum likelihood; Wald's test would miss it altogether.
TEST(RateTrend, SeparatedDaysAreFound) {
    const std::vector<DayCount> broken = {{0, 20, 20}, {1, 20, 20}, {2, 20, 20}, {3, 20, 20},
                                          {4, 20, 20}, {5, 20, 20}, {6, 0, 20},  {7, 0, 20}};
    const auto found = rate_trend(broken);
    ASSERT_TRUE(found);
    EXPECT_LT(found->p, 1e-4);
    EXPECT_LT(found->log_odds_per_day.interval.high, 0);
    EXPECT_FALSE(rate_trend(broken, {.reduce_bias = false}));
}

TEST(RateTrend, SkipsDaysWithoutRuns) {
    const auto found = rate_trend(days_of({0, 1, 2, 3, 4}, {9, 0, 8, 6, 7}, {10, 0, 10, 10, 10}));
    const auto same = rate_trend(days_of({0, 2, 3, 4}, {9, 8, 6, 7}, {10, 10, 10, 10}));
    EXPECT_EQ(found->days, 4);
    EXPECT_EQ(found->n, 40);
    EXPECT_DOUBLE_EQ(found->p, same->p);
}

TEST(RateTrend, TheOriginOfTimeDoesNotMatter) {
    const auto a = rate_trend(days_of({0, 1, 2, 3}, {9, 8, 6, 7}, {10, 10, 10, 10}));
    const auto b =
        rate_trend(days_of({20000, 20001, 20002, 20003}, {9, 8, 6, 7}, {10, 10, 10, 10}));
    EXPECT_NEAR(a->p, b->p, 1e-12);
    EXPECT_NEAR(a->log_odds_per_day.value, b->log_odds_per_day.value, 1e-12);
}

TEST(RateTrend, TwoDaysAreUnknown) {
    EXPECT_FALSE(rate_trend({}));
    EXPECT_FALSE(rate_trend(days_of({0, 1, 2}, {9, 1, 0}, {10, 10, 0})));
}

// Smyth's moments: equal dispersions leave nothing to individual series; spread ones give few
// degrees.
TEST(DispersionPrior, SharesWhatTheSeriesHaveInCommon) {
    std::vector<RateTrend> trends(40);
    for (RateTrend& trend : trends) {
        trend.days = 14;
        trend.n = 200;
        trend.successes = 100;
        trend.raw_dispersion = 1.5;
    }
    const DispersionPrior same = fit_dispersion_prior(trends);
    EXPECT_DOUBLE_EQ(same.degrees, kMostDegrees);
    // ln 1.5 less the expectation of ln(chi-squared / 12): digamma(6) - ln 6 = -0.08564180
    // (DLMF 5.4)
    EXPECT_NEAR(same.scale, 1.5 * std::exp(0.0856418), 1e-5);
    for (std::size_t i = 0; i < trends.size(); ++i) {
        trends[i].raw_dispersion = i % 2 == 0 ? 0.5 : 8;
    }
    const DispersionPrior spread = fit_dispersion_prior(trends);
    EXPECT_LT(spread.degrees, 10);
    EXPECT_GT(spread.degrees, 0);
    trends.resize(9);
    EXPECT_DOUBLE_EQ(fit_dispersion_prior(trends).degrees, 0);
}

TEST(DispersionPrior, MakesSurer) {
    const auto series =
        days_of({0, 1, 2, 3, 4, 5, 6}, {19, 17, 18, 16, 17, 14, 15}, {20, 20, 20, 20, 20, 20, 20});
    const auto alone = rate_trend(series);
    const auto together = rate_trend(series, {.prior = {.scale = 1, .degrees = 1'000}});
    EXPECT_LT(together->p, alone->p);
    EXPECT_GT(together->log_odds_per_day.interval.low, alone->log_odds_per_day.interval.low);
    EXPECT_DOUBLE_EQ(together->raw_dispersion, alone->raw_dispersion);
    const auto wild = rate_trend(series, {.prior = {.scale = 4, .degrees = 1'000}});
    EXPECT_NEAR(wild->dispersion, (4'000 + 5 * alone->raw_dispersion) / 1'005, 1e-9);
    EXPECT_GT(wild->p, together->p);
}

TEST(RateTrendDeathTest, RefusesImpossibleCounts) {
    EXPECT_DEATH(rate_trend(days_of({0, 1, 2}, {9, 11, 5}, {10, 10, 10})), "more successes");
}

}  // namespace
}  // namespace credence::stats
