#include "stats/experiment/power.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include "stats/reference/experiment_reference.inc"

namespace credence::stats {
namespace {

MeanPlan plan_of(double difference) {
    return {.difference = difference, .deviation = 1, .clusters = {}};
}

TEST(PowerTest, MeansAgreeWithStatsmodels) {
    for (const MeanPowerRow& row : kMeanPowers) {
        EXPECT_NEAR(power_for_means(plan_of(row.difference), row.users, row.alpha), row.power,
                    1e-9);
    }
    for (const MeanUsersRow& row : kMeanUsers) {
        EXPECT_EQ(users_for_means(plan_of(row.difference), {row.alpha, row.power}), row.users);
    }
    EXPECT_NEAR(detectable_difference(plan_of(0), 500, {}), kDetectable500, 1e-6);
}

TEST(PowerTest, PublishedExamples) {
    // The manual of R: power.t.test(power = .90, delta = 1) gives n = 22.02,
    // power.prop.test(p1 = .50, p2 = .75, power = .90) gives n = 76.7.
    EXPECT_EQ(users_for_means(plan_of(1), {0.05, 0.9}), 23);
    const ProportionPlan plan{.control = 0.5, .treatment = 0.75, .clusters = {}};
    EXPECT_EQ(users_for_proportions(plan, {0.05, 0.9}), 77);
    EXPECT_LT(power_for_proportions(plan, 76, 0.05), 0.9);
    EXPECT_GE(power_for_proportions(plan, 77, 0.05), 0.9);
}

TEST(PowerTest, ProportionsByTheClosedFormula) {
    const double za = 1.959963984540054;
    const double zb = 0.8416212335729143;
    const double root = za * std::sqrt(2 * 0.85 * 0.15) + zb * std::sqrt(0.8 * 0.2 + 0.9 * 0.1);
    const auto rows = static_cast<std::int64_t>(std::ceil(root * root / 0.01));
    EXPECT_EQ(users_for_proportions({0.8, 0.9, {}}, {}), rows);
    EXPECT_EQ(users_for_proportions({0.9, 0.8, {}}, {}), rows);
    // Ten rows a user at 0.17: worth 10 / 2.53 independent rows.
    const double users = root * root / 0.01 * 2.53 / 10;
    EXPECT_EQ(users_for_proportions({0.8, 0.9, {10, 0.17}}, {}),
              static_cast<std::int64_t>(std::ceil(users)));
}

TEST(PowerTest, DesignEffect) {
    EXPECT_EQ(design_effect({}), 1);
    EXPECT_DOUBLE_EQ(design_effect({10, 0.17}), 2.53);
    EXPECT_DOUBLE_EQ(design_effect({50, 1}), 50);
    // Rows of one user that are all alike are worth one row.
    MeanPlan alike = plan_of(0.2);
    alike.clusters = {50, 1};
    EXPECT_EQ(users_for_means(alike, {}), users_for_means(plan_of(0.2), {}));
    MeanPlan unlike = plan_of(0.2);
    unlike.clusters = {4, 0};
    EXPECT_EQ(users_for_means(unlike, {}), users_for_means(plan_of(0.4), {}));
}

TEST(PowerTest, WatchingCostsUsers) {
    const auto once = users_for_means(plan_of(0.2), {});
    const auto watched = users_when_watched(plan_of(0.2), {});
    // At the end the interval is about sqrt(r^-1 + 1) * sqrt(6 + log(1 + r)) standard errors wide.
    EXPECT_GT(*watched, *once * 3 / 2);
    EXPECT_LT(*watched, *once * 5 / 2);
}

TEST(PowerTest, NoDifferenceNeedsMoreUsersThanThereAre) {
    EXPECT_FALSE(users_for_means(plan_of(0), {}));
    EXPECT_FALSE(users_when_watched(plan_of(0), {}));
    EXPECT_FALSE(users_for_proportions({0.5, 0.5, {}}, {}));
    EXPECT_NEAR(power_for_means(plan_of(0), 1000, 0.05), 0.05, 1e-12);
    EXPECT_NEAR(power_for_means(plan_of(0), 1'000'000'000, 0.05), 0.05, 1e-12);
}

TEST(PowerTest, DetectableDifferenceIsTheInverse) {
    MeanPlan plan{.difference = 0, .deviation = 0.4, .clusters = {5, 0.1}};
    plan.difference = detectable_difference(plan, 300, {0.01, 0.9});
    EXPECT_NEAR(power_for_means(plan, 300, 0.01), 0.9, 1e-9);
}

TEST(PowerDeathTest, RefusesTheImpossible) {
    EXPECT_DEATH(design_effect({0.5, 0}), "CHECK");
    EXPECT_DEATH(users_for_proportions({0, 0.5, {}}, {}), "CHECK");
    EXPECT_DEATH(users_for_means(plan_of(0.1), {.alpha = 0.9, .power = 0.8}), "CHECK");
}

}  // namespace
}  // namespace credence::stats
