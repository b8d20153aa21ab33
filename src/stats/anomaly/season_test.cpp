#include "stats/anomaly/season.h"

#include <gtest/gtest.h>

#include <vector>

namespace credence::stats {
namespace {

// Weeks of hours with 4 runs; at hour 3 half of them fail, elsewhere none or one in 20.
std::vector<SeasonalTrials> weeks(std::size_t count) {
    std::vector<SeasonalTrials> periods;
    for (std::size_t week = 0; week < count; ++week) {
        for (std::size_t hour = 0; hour < kHoursOfWeek; ++hour) {
            const std::int64_t successes = hour == 3 ? 2 : (hour + week) % 5 == 0 ? 3 : 4;
            periods.push_back({hour, {successes, 4}});
        }
    }
    return periods;
}

TEST(Season, AnHourWithManyRunsSpeaksForItself) {
    const auto rates = fit_seasonal_rates(weeks(50));
    ASSERT_TRUE(rates);
    EXPECT_NEAR(rate_estimate(rates->overall).value, 0.948, 0.005);
    EXPECT_NEAR(rate_estimate(seasonal_baseline(*rates, 3)).value, 0.5, 0.12);
    EXPECT_NEAR(rate_estimate(seasonal_baseline(*rates, 4)).value, 0.95, 0.01);
    EXPECT_EQ(rate_estimate(seasonal_baseline(*rates, 3)).n, 200);
    // What is normal at hour 3 is a drop at hour 4.
    const PeriodTrials half{10, 20};
    EXPECT_GT(rate_anomaly(seasonal_baseline(*rates, 3), {&half, 1})->p_value, 0.2);
    EXPECT_LT(rate_anomaly(seasonal_baseline(*rates, 4), {&half, 1})->p_value, 1e-3);
}

TEST(Season, AnHourWithFewRunsIsDrawnToTheOverallRate) {
    std::vector<SeasonalTrials> periods = weeks(10);
    std::erase_if(periods, [](const SeasonalTrials& period) { return period.hour == 9; });
    periods.push_back({9, {0, 1}});
    const auto rates = fit_seasonal_rates(periods);
    EXPECT_GT(rate_estimate(seasonal_baseline(*rates, 9)).value, 0.85);
    EXPECT_LT(rate_estimate(seasonal_baseline(*rates, 9)).value,
              rate_estimate(rates->overall).value);
    // Closed form at the first step, where runs are independent.
    const RatePart part = seasonal_baseline(*rates, 9).parts[0];
    const double overall = rate_estimate(rates->overall).value;
    EXPECT_NEAR(part.mean.alpha, overall * rates->alike[9], 1e-9);
    EXPECT_NEAR(part.mean.beta, (1 - overall) * rates->alike[9] + 1, 1e-9);
}

TEST(Season, AnUnseenHourHasTheOverallRateAndAWiderInterval) {
    std::vector<SeasonalTrials> periods = weeks(4);
    std::erase_if(periods, [](const SeasonalTrials& period) { return period.hour == 9; });
    const auto rates = fit_seasonal_rates(periods);
    const Estimate overall = rate_estimate(rates->overall);
    const Estimate unseen = rate_estimate(seasonal_baseline(*rates, 9));
    EXPECT_NEAR(unseen.value, overall.value, 1e-9);
    EXPECT_EQ(unseen.n, 0);
    EXPECT_LT(unseen.interval.low, overall.interval.low);
}

TEST(Season, WithoutRunsNothingIsKnown) {
    EXPECT_FALSE(fit_seasonal_rates({}));
    const SeasonalTrials none{5, {0, 0}};
    EXPECT_FALSE(fit_seasonal_rates({&none, 1}));
}

TEST(SeasonalFactors, BusyHoursCountMore) {
    std::vector<SeasonalCount> periods;
    for (std::size_t week = 0; week < 20; ++week) {
        for (std::size_t hour = 0; hour < kHoursOfWeek; ++hour) {
            periods.push_back({hour, {hour % 24 < 12 ? 5 : 15, 1}});
        }
    }
    const auto factors = seasonal_factors(periods);
    EXPECT_NEAR(factors[0], 0.5, 0.02);
    EXPECT_NEAR(factors[13], 1.5, 0.02);
    double total = 0;
    for (const double factor : factors) {
        total += factor;
    }
    EXPECT_NEAR(total, 168, 1e-9);
}

TEST(SeasonalFactors, FewEventsStayNearOne) {
    std::vector<SeasonalCount> periods;
    for (std::size_t hour = 0; hour < kHoursOfWeek; ++hour) {
        periods.push_back({hour, {hour % 2 == 0 ? 1 : 0, 1}});
    }
    for (const double factor : seasonal_factors(periods)) {
        EXPECT_NEAR(factor, 1, 0.01);  // less varied than chance would have it
    }
    for (const double factor : seasonal_factors({})) {
        EXPECT_EQ(factor, 1);
    }
}

TEST(SeasonDeath, ImpossibleInput) {
    const SeasonalTrials bad{168, {1, 1}};
    EXPECT_DEATH(fit_seasonal_rates({&bad, 1}), "168");
}

}  // namespace
}  // namespace credence::stats
