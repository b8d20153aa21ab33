#include "stats/anomaly/change_point.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "stats/reference/anomaly_reference.inc"

namespace credence::stats {
namespace {

constexpr std::array<PeriodTrials, 14> kRates = {{{5, 5},
                                                  {4, 5},
                                                  {5, 5},
                                                  {5, 5},
                                                  {4, 4},
                                                  {1, 5},
                                                  {0, 5},
                                                  {2, 6},
                                                  {1, 5},
                                                  {0, 3},
                                                  {5, 5},
                                                  {6, 6},
                                                  {5, 5},
                                                  {4, 4}}};
constexpr std::array kMeans = {0.1, -0.4, 0.3, 0.2, -0.1, 4.9, 5.3, 5.1,
                               4.6, 5.2,  5.0, 1.1, 0.9,  1.3, 0.8};

// PELT is exact: the same as the best of all segmentations.
TEST(ChangePoint, RatesAgreeWithTryingEverything) {
    const auto changes = rate_changes(kRates);
    ASSERT_EQ(changes.size(), std::size(reference::kRateChanges));
    for (std::size_t i = 0; i < changes.size(); ++i) {
        EXPECT_EQ(changes[i].index, reference::kRateChanges[i]);
    }
    EXPECT_DOUBLE_EQ(changes[0].before.value, 23.0 / 24);
    EXPECT_EQ(changes[0].before.n, 24);
    EXPECT_DOUBLE_EQ(changes[0].after.value, 4.0 / 24);
    EXPECT_DOUBLE_EQ(changes[1].before.value, 4.0 / 24);
    EXPECT_DOUBLE_EQ(changes[1].after.value, 1);
    EXPECT_EQ(changes[1].after.method, "wilson_95");
}

TEST(ChangePoint, MeansAgreeWithTryingEverything) {
    const auto changes = mean_changes(kMeans);
    ASSERT_EQ(changes.size(), std::size(reference::kMeanChanges));
    for (std::size_t i = 0; i < changes.size(); ++i) {
        EXPECT_EQ(changes[i].index, reference::kMeanChanges[i]);
        EXPECT_EQ(changes[i].first, changes[i].index);  // clear steps: no doubt of the place
        EXPECT_EQ(changes[i].last, changes[i].index);
    }
    EXPECT_NEAR(changes[0].before.value, 0.02, 1e-12);
    EXPECT_NEAR(changes[0].after.value, 30.1 / 6, 1e-12);
    EXPECT_LT(changes[0].after.interval.low, 5);
    EXPECT_GT(changes[0].after.interval.high, 5);
}

// 30 runs: the likelihood of each place is known in closed form.
TEST(ChangePoint, PlaceHasAnInterval) {
    std::vector<PeriodTrials> series(60, {1, 1});
    for (std::size_t i = 30; i < 60; ++i) {
        series[i] = {i % 2 == 0 ? 0 : 1, 1};
    }
    const auto changes = rate_changes(series);
    ASSERT_EQ(changes.size(), 1);
    EXPECT_EQ(changes[0].index, 30);
    // Any later start contains the failure at 30 in the perfect half: much less likely; earlier
    // ones lose a factor of about two for each success given to the worse half.
    EXPECT_LE(changes[0].first, 28);
    EXPECT_GE(changes[0].first, 22);
    EXPECT_GE(changes[0].last, 30);
    EXPECT_LE(changes[0].last, 34);
}

TEST(ChangePoint, NothingChanged) {
    EXPECT_TRUE(rate_changes({}).empty());
    EXPECT_TRUE(rate_changes(std::vector<PeriodTrials>(1, {1, 2})).empty());
    EXPECT_TRUE(rate_changes(std::vector<PeriodTrials>(500, {4, 5})).empty());
    EXPECT_TRUE(rate_changes(std::vector<PeriodTrials>(50, {0, 0})).empty());
    EXPECT_TRUE(mean_changes({}).empty());
    EXPECT_TRUE(mean_changes(std::vector<double>(100, 3.5)).empty());
    std::vector<double> wave;
    for (int i = 0; i < 200; ++i) {
        wave.push_back(i % 2 == 0 ? 1 : -1);
    }
    EXPECT_TRUE(mean_changes(wave).empty());
}

TEST(ChangePoint, PeriodsWithoutRunsAreSkipped) {
    std::vector<PeriodTrials> series(20, {5, 5});
    series.insert(series.end(), 20, {0, 0});
    series.insert(series.end(), 20, {1, 5});
    const auto changes = rate_changes(series);
    ASSERT_EQ(changes.size(), 1);
    // Nobody can tell where in the gap it changed: the interval says so.
    EXPECT_LE(changes[0].first, 21);
    EXPECT_GE(changes[0].last, 39);
    EXPECT_DOUBLE_EQ(changes[0].before.value, 1);
    EXPECT_DOUBLE_EQ(changes[0].after.value, 0.2);
}

TEST(ChangePoint, AStepWithoutNoise) {
    std::vector<double> series(50, 1.0);
    std::fill(series.begin() + 25, series.end(), 2.0);
    const auto changes = mean_changes(series);
    ASSERT_EQ(changes.size(), 1);
    EXPECT_EQ(changes[0].index, 25);
}

TEST(ChangePointDeath, ImpossibleInput) {
    EXPECT_DEATH(rate_changes(std::vector<PeriodTrials>(kMaxSeries + 1, {1, 1})), "aggregate");
    EXPECT_DEATH(mean_changes(std::vector<double>(3, NAN)), "finite");
}

}  // namespace
}  // namespace credence::stats
