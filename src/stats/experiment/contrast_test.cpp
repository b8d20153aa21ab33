#include "stats/experiment/contrast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

#include "stats/experiment/cuped.h"
#include "stats/reference/experiment_reference.inc"

namespace credence::stats {
namespace {

// The users of contrasts() in tools/reference/experiment.py.
PairMoments reference_arm(std::int64_t arm) {
    PairMoments moments;
    const std::int64_t users = arm == 0 ? 40 : 55;
    for (std::int64_t user = 0; user < users; ++user) {
        const std::int64_t rows = 1 + (user * 7 + arm * 3) % 9;
        const std::int64_t successes = (user * user * 5 + user * 3 + arm * 2) % (rows + 1);
        moments.add({static_cast<double>(successes), static_cast<double>(rows)});
    }
    return moments;
}

Moments outcomes_of(const PairMoments& arm) {
    return {.users = arm.users, .mean = arm.mean_y, .squares = arm.yy};
}

TEST(ContrastTest, WelchAgreesWithScipyAndStatsmodels) {
    const Contrast contrast = difference(*arm_mean(outcomes_of(reference_arm(0)), 0),
                                         *arm_mean(outcomes_of(reference_arm(1)), 0));
    EXPECT_NEAR(fixed_horizon_p(contrast), kWelchP, 1e-10);
    const Estimate estimate = fixed_horizon(contrast, 0.95);
    EXPECT_NEAR(estimate.interval.low, kWelchLow, 1e-9);
    EXPECT_NEAR(estimate.interval.high, kWelchHigh, 1e-9);
    EXPECT_EQ(estimate.n, 95);
    EXPECT_EQ(estimate.method, "welch_95");
    EXPECT_EQ(fixed_horizon(contrast, 0.9).method, "welch");
}

TEST(ContrastTest, ARatioHasTheClusterRobustVarianceOfStatsmodels) {
    const auto control = arm_ratio(reference_arm(0), 0);
    const auto treatment = arm_ratio(reference_arm(1), 0);
    EXPECT_NEAR(control->value, kRatioControl, 1e-12);
    EXPECT_NEAR(control->variance, kRatioVarianceControl, 1e-12);
    EXPECT_NEAR(treatment->value, kRatioTreatment, 1e-12);
    EXPECT_NEAR(treatment->variance, kRatioVarianceTreatment, 1e-12);
}

TEST(ContrastTest, ARatioOfOneRowAUserIsAMean) {
    PairMoments pairs;
    Moments moments;
    for (const double y : {1.0, 0.0, 1.0, 1.0, 0.0}) {
        pairs.add({y, 1});
        moments.add(y);
    }
    EXPECT_DOUBLE_EQ(arm_ratio(pairs, 0)->variance, arm_mean(moments, 0)->variance);
    EXPECT_DOUBLE_EQ(arm_ratio(pairs, 1)->variance, arm_mean(moments, 1)->variance);
    EXPECT_DOUBLE_EQ(arm_mean(moments, 0)->variance, 1.2 / 4 / 5);
    EXPECT_DOUBLE_EQ(arm_mean(moments, 1)->variance, (1.2 + 0.5) / 4 / 5);
}

TEST(ContrastTest, ConstantArmsAreUnknownWithoutBoundsAndFiniteWithThem) {
    PairMoments perfect;
    PairMoments hopeless;
    for (int user = 0; user < 50; ++user) {
        perfect.add({10, 10});
        hopeless.add({0, 10});
    }
    EXPECT_FALSE(arm_ratio(perfect, 0));
    EXPECT_FALSE(arm_ratio({}, 1));
    PairMoments nothing_done;
    nothing_done.add({0, 0});
    nothing_done.add({0, 0});
    EXPECT_FALSE(arm_ratio(nothing_done, 1));
    const Contrast same = difference(*arm_ratio(perfect, 1), *arm_ratio(perfect, 1));
    EXPECT_EQ(same.value, 0);
    EXPECT_EQ(fixed_horizon_p(same), 1);
    const Contrast apart = difference(*arm_ratio(perfect, 1), *arm_ratio(hopeless, 1));
    EXPECT_EQ(apart.value, -1);
    EXPECT_LT(fixed_horizon_p(apart), 1e-12);
}

TEST(ContrastTest, LiftByTheDeltaMethod) {
    const ArmSummary control{0.5, 0.0001, 1000};
    const ArmSummary treatment{0.6, 0.0002, 2000};
    const auto log = log_ratio(control, treatment);
    EXPECT_NEAR(log->value, std::log(1.2), 1e-15);
    EXPECT_NEAR(log->variance, 0.0001 / 0.25 + 0.0002 / 0.36, 1e-15);
    const Estimate lift = as_lift(fixed_horizon(*log, 0.95));
    EXPECT_NEAR(lift.value, 0.2, 1e-12);
    EXPECT_LT(lift.interval.low, 0.2);
    EXPECT_NEAR((1 + lift.interval.low) * (1 + lift.interval.high), 1.44, 1e-9);
    EXPECT_FALSE(log_ratio({0, 0.01, 9}, treatment));
}

TEST(ContrastTest, EqualArmsOfEqualVarianceHaveAllDegrees) {
    const Contrast contrast = difference({1, 0.5, 11}, {2, 0.5, 11});
    EXPECT_DOUBLE_EQ(contrast.degrees_of_freedom, 20);
    EXPECT_DOUBLE_EQ(contrast.variance, 1);
}

TEST(CupedTest, IsTheRegressionOnArmAndPast) {
    const auto result = cuped(reference_arm(0), reference_arm(1));
    EXPECT_NEAR(result->theta, kCupedTheta, 1e-11);
    EXPECT_NEAR(result->treatment.value - result->control.value, kCupedDifference, 1e-11);
    EXPECT_NEAR(result->treatment.variance + result->control.variance, kCupedVariance, 1e-11);
    EXPECT_LT(result->variance_left, 1);
}

TEST(CupedTest, VarianceFallsByTheSquareOfTheCorrelation) {
    // y = x + e, with e orthogonal to x by design: correlation squared 0.8.
    PairMoments arm;
    for (int user = 0; user < 400; ++user) {
        const double x = user % 2 == 0 ? 2 : -2;
        const double noise = user % 4 < 2 ? 1 : -1;
        arm.add({x + noise, x});
    }
    EXPECT_NEAR(cuped(arm, arm)->variance_left, 0.2, 1e-12);
    EXPECT_NEAR(cuped(arm, arm)->theta, 1, 1e-12);
}

TEST(CupedTest, AnIdlePastChangesNothing) {
    PairMoments arm;
    arm.add({1, 3});
    arm.add({2, 3});
    const auto result = cuped(arm, arm);
    EXPECT_EQ(result->theta, 0);
    EXPECT_EQ(result->variance_left, 1);
    EXPECT_EQ(result->control.value, 1.5);
    PairMoments copy;
    for (const double y : {1.0, 2.0, 4.0}) {
        copy.add({y, y});
    }
    EXPECT_FALSE(cuped(copy, copy));  // nothing is left to compare
    EXPECT_FALSE(cuped(arm, {}));
}

TEST(ContrastDeathTest, RefusesTheImpossible) {
    EXPECT_DEATH(fixed_horizon(difference({1, 0.5, 11}, {2, 0.5, 11}), 1), "CHECK");
    EXPECT_DEATH(difference({1, 0, 11}, {2, 0.5, 11}), "CHECK");
    EXPECT_DEATH(arm_mean({}, -1), "CHECK");
}

}  // namespace
}  // namespace credence::stats
