#include "stats/experiment/sequential.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include "stats/reference/experiment_reference.inc"

namespace credence::stats {
namespace {

// As many users as make Student's distribution the normal one.
constexpr std::int64_t kEndless = 2'000'000'000;

Contrast contrast_of(double value, double variance) {
    return {value, variance, variance, 2.0 * kEndless, kEndless, kEndless};
}

TEST(SequentialTest, TheEValueIsTheMixtureOfLikelihoodRatios) {
    // Against the integral over effects, done numerically by scipy.
    for (const MixtureRow& row : kMixtures) {
        const auto seen =
            look(contrast_of(row.difference, row.variance), {.effect_scale = row.scale});
        EXPECT_NEAR(seen->log_e, row.log_e, 1e-9);
    }
}

TEST(SequentialTest, TheIntervalHoldsWhatTheEValueDoesNotRefuse) {
    const SequentialPlan plan{.effect_scale = 0.05, .confidence = 0.95};
    for (const double value : {-0.03, 0.0, 0.01, 0.2}) {
        const auto seen = look(contrast_of(value, 0.0004), plan);
        // Were the true effect an end of the interval, the e-value against it would be 1 / alpha.
        const auto at_end = look(contrast_of(value - seen->estimate.interval.low, 0.0004), plan);
        EXPECT_NEAR(at_end->log_e, std::log(20.0), 1e-9);
        EXPECT_EQ(seen->different, seen->log_e > std::log(20.0));
        EXPECT_EQ(seen->estimate.value, value);
        EXPECT_EQ(seen->estimate.method, "always_valid_95");
    }
}

TEST(SequentialTest, FewUsersWidenItThroughStudent) {
    const Contrast few = difference({0.5, 0.0002, 30}, {0.5, 0.0002, 30});
    const Contrast many = contrast_of(0, 0.0004);
    const SequentialPlan plan{.effect_scale = 0.05};
    EXPECT_GT(look(few, plan)->estimate.interval.high,
              1.04 * look(many, plan)->estimate.interval.high);
    // The two sides of the rule stay the same statement.
    const double edge = look(few, plan)->estimate.interval.high;
    Contrast at_edge = few;
    at_edge.value = edge;
    EXPECT_NEAR(look(at_edge, plan)->log_e, std::log(20.0), 1e-8);
}

TEST(SequentialTest, ALuckySmallArmDoesNotWin) {
    // Fifty of fifty against 98 % of 5,000: Welch sees hardly any variance in the small arm.
    Moments small;
    Moments large;
    for (int user = 0; user < 5000; ++user) {
        large.add(user % 50 == 0 ? 0 : 1);
        if (user < 50) {
            small.add(1);
        }
    }
    const Contrast contrast = difference(*arm_mean(large, 1), *arm_mean(small, 1));
    EXPECT_GT(contrast.pooled_variance, 1.8 * contrast.variance);
    const auto seen = look(contrast, {.effect_scale = 0.05});
    const double user_variance = (large.squares + 0.5 + small.squares + 0.5) / (5000 + 50 - 2);
    EXPECT_NEAR(contrast.pooled_variance, user_variance * (1 / 50.0 + 1 / 5000.0), 1e-12);
    EXPECT_LT(seen->log_e, 0);
    // Arms of one size have one variance, pooled or not.
    const Contrast even = difference({0.2, 0.003, 77}, {0.3, 0.001, 77});
    EXPECT_DOUBLE_EQ(even.pooled_variance, even.variance);
}

TEST(SequentialTest, SaysNothingTooEarly) {
    EXPECT_FALSE(look(difference({0.5, 0.001, 29}, {0.9, 0.001, 500}), {.effect_scale = 0.05}));
    EXPECT_TRUE(look(difference({0.5, 0.001, 30}, {0.9, 0.001, 500}), {.effect_scale = 0.05}));
    EXPECT_FALSE(look(contrast_of(5, 1e6), {.effect_scale = 0.05}));
}

TEST(SequentialTest, TheSharpestScaleIsSharpest) {
    const double scale = sharpest_effect_scale(0.0004, 0.95);
    const double width =
        look(contrast_of(0, 0.0004), {.effect_scale = scale})->estimate.interval.high;
    for (const double factor : {0.5, 0.9, 1.1, 2.0}) {
        EXPECT_LT(
            width,
            look(contrast_of(0, 0.0004), {.effect_scale = scale * factor})->estimate.interval.high);
    }
    EXPECT_NEAR(scale * scale / 0.0004, 8.2, 0.05);
    // A factor of three either way costs under a seventh of the width.
    EXPECT_LT(look(contrast_of(0, 0.0004), {.effect_scale = scale * 3})->estimate.interval.high,
              1.15 * width);
}

TEST(SequentialTest, EvidenceIsNeverTakenBack) {
    Evidence evidence;
    EXPECT_EQ(evidence.p(), 1);
    const SequentialPlan plan{.effect_scale = 0.05};
    const auto strong = look(contrast_of(0.08, 0.0004), plan);
    const auto weak = look(contrast_of(0.001, 0.0001), plan);
    evidence.add(*strong);
    evidence.add(*weak);
    EXPECT_LT(weak->log_e, 0);
    EXPECT_EQ(evidence.looks, 2);
    EXPECT_DOUBLE_EQ(evidence.p(), std::exp(-strong->log_e));
    EXPECT_LT(evidence.p(), 0.05);
}

TEST(SequentialTest, FarTailsStayFinite) {
    const auto seen = look(contrast_of(1e6, 1e-6), {.effect_scale = 1});
    EXPECT_TRUE(std::isfinite(seen->log_e));
    EXPECT_GT(seen->log_e, 600);
    EXPECT_TRUE(seen->different);
}

TEST(SequentialDeathTest, RefusesTheImpossible) {
    EXPECT_DEATH(look(contrast_of(0, 1), {}), "CHECK");
    EXPECT_DEATH(sharpest_effect_scale(0, 0.95), "CHECK");
}

}  // namespace
}  // namespace credence::stats
