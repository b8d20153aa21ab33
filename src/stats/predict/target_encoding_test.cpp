#include "stats/predict/target_encoding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace credence::stats {
namespace {

constexpr std::int64_t kCellHalfLifeUs = 1'000;

TEST(TargetEncoding, ShrinksTowardsTheParent) {
    EXPECT_NEAR(encoded_rate({}, 0.7, 10), 0.7, 1e-15);
    EXPECT_NEAR(encoded_rate({.successes = 1, .n = 1}, 0.5, 9), 0.55, 1e-15);
    EXPECT_NEAR(encoded_rate({.successes = 990, .n = 1000}, 0.5, 20), 1000.0 / 1020, 1e-15);
}

TEST(TargetEncoding, LogOddsAreBounded) {
    EXPECT_NEAR(bounded_log_odds(0.5), 0, 1e-15);
    EXPECT_NEAR(bounded_log_odds(0.75), std::log(3), 1e-14);
    EXPECT_NEAR(bounded_log_odds(1), std::log(999), 1e-12);
    EXPECT_NEAR(bounded_log_odds(0), -std::log(999), 1e-12);
}

TEST(TargetEncoding, CountsLoseHalfInAHalfLife) {
    RateTable table(kCellHalfLifeUs, 10);
    table.add({1}, true, 0);
    EXPECT_NEAR(table.at({1}, 0).n, 1, 1e-15);
    EXPECT_NEAR(table.at({1}, kCellHalfLifeUs).n, 0.5, 1e-14);
    table.add({1}, false, kCellHalfLifeUs);
    EXPECT_NEAR(table.at({1}, 2 * kCellHalfLifeUs).n, 0.75, 1e-14);
    EXPECT_NEAR(table.at({1}, 2 * kCellHalfLifeUs).successes, 0.25, 1e-14);
    EXPECT_EQ(table.at({2}, 0).n, 0);
}

TEST(TargetEncoding, LateOutcomesWeighAsIfInTime) {
    RateTable in_time(kCellHalfLifeUs, 10);
    in_time.add({1}, true, 100);
    in_time.add({1}, false, 900);
    RateTable late(kCellHalfLifeUs, 10);
    late.add({1}, false, 900);
    late.add({1}, true, 100);
    EXPECT_NEAR(in_time.at({1}, 900).n, late.at({1}, 900).n, 1e-14);
    EXPECT_NEAR(in_time.at({1}, 900).successes, late.at({1}, 900).successes, 1e-14);
    EXPECT_EQ(late.at({1}, 900).streak, -1);
}

TEST(TargetEncoding, StreaksFollowTheLastOutcomes) {
    RateTable table(kCellHalfLifeUs, 10);
    const auto after = [&table](bool success, std::int64_t at_us) {
        table.add({1}, success, at_us);
        return table.at({1}, at_us).streak;
    };
    EXPECT_EQ(after(true, 1), 1);
    EXPECT_EQ(after(true, 2), 2);
    EXPECT_EQ(after(false, 3), -1);
    EXPECT_EQ(after(false, 4), -2);
    EXPECT_EQ(after(true, 5), 1);
}

TEST(TargetEncoding, AFullTableForgetsTheOlderHalf) {
    RateTable table(kCellHalfLifeUs, 4);
    for (std::uint64_t key = 1; key <= 5; ++key) {
        table.add({key}, true, static_cast<std::int64_t>(key));
    }
    EXPECT_EQ(table.size(), 3U);
    EXPECT_EQ(table.at({1}, 5).n, 0);
    EXPECT_EQ(table.at({2}, 5).n, 0);
    EXPECT_GT(table.at({3}, 5).n, 0.9);
    EXPECT_GT(table.at({5}, 5).n, 0.9);
}

TEST(TargetEncoding, ForgetsByFirstPart) {
    RateTable table(kCellHalfLifeUs, 10);
    table.add({1, 2}, true, 0);
    table.add({1, 3}, true, 0);
    table.add({2, 1}, true, 0);
    table.forget(1);
    ASSERT_EQ(table.size(), 1U);
    EXPECT_EQ(table.cells()[0].first, (RateKey{2, 1}));
}

TEST(TargetEncoding, StoredCellsAreChecked) {
    RateTable table(kCellHalfLifeUs, 2);
    EXPECT_TRUE(table.put({1}, {.successes = 1, .n = 2, .at_us = 3, .streak = -1}));
    EXPECT_FALSE(table.put({2}, {.successes = 3, .n = 2}));
    EXPECT_FALSE(table.put({2}, {.successes = -1, .n = 2}));
    EXPECT_FALSE(table.put({2}, {.n = std::numeric_limits<double>::infinity()}));
    EXPECT_TRUE(table.put({2}, {}));
    EXPECT_FALSE(table.put({3}, {}));
    EXPECT_EQ(table.at({1}, 3).streak, -1);
}

TEST(TargetEncodingDeathTest, RefusesImpossibleShrinkage) {
    EXPECT_DEATH(encoded_rate({}, 0.5, 0), "nothing can shrink");
    EXPECT_DEATH(RateTable(0, 10), "can hold nothing");
}

}  // namespace
}  // namespace credence::stats
