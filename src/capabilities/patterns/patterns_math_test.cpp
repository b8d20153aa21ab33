#include "capabilities/patterns/patterns_math.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/units.h"

namespace credence::patterns {
namespace {

TEST(PatternMath, BetaMatchesClosedForms) {
    EXPECT_NEAR(beta_cdf(2, 1, 0.5), 0.25, 1e-12);   // x^2
    EXPECT_NEAR(beta_cdf(1, 3, 0.2), 0.488, 1e-12);  // 1 - (1-x)^3
    EXPECT_NEAR(beta_cdf(2, 2, 0.3), 0.216, 1e-12);  // 3x^2 - 2x^3
    EXPECT_NEAR(beta_cdf(50, 50, 0.5), 0.5, 1e-12);
    EXPECT_DOUBLE_EQ(beta_cdf(2, 2, 0), 0);
    EXPECT_DOUBLE_EQ(beta_cdf(2, 2, 1), 1);
    EXPECT_NEAR(beta_quantile(2, 1, 0.25), 0.5, 1e-9);
    EXPECT_NEAR(beta_quantile(1, 1, 0.05), 0.05, 1e-9);
}

TEST(PatternMath, ConfidenceByHand) {
    EXPECT_NEAR(confidence_of({0, 0}), 0.05, 1e-9);
    EXPECT_NEAR(confidence_of({1, 0}), std::sqrt(0.05), 1e-9);
    EXPECT_NEAR(confidence_of({9, 0}), std::pow(0.05, 0.1), 1e-9);
    EXPECT_NEAR(confidence_of({0, 1}), 1 - std::sqrt(0.95), 1e-9);
}

TEST(PatternMath, ConfidenceGrowsWithSuccessAndShrinksWithFailure) {
    for (double s = 0; s < 40; s += 0.7) {
        for (double f = 0; f < 40; f += 1.3) {
            EXPECT_GT(confidence_of({s + 0.1, f}), confidence_of({s, f}));
            EXPECT_LT(confidence_of({s, f + 0.1}), confidence_of({s, f}));
        }
    }
}

TEST(PatternMath, EvidenceHalves) {
    const Weights later = decayed({8, 4}, 90 * kUsPerDay, 90);
    EXPECT_NEAR(later.success, 4, 1e-12);
    EXPECT_NEAR(later.failure, 2, 1e-12);
    EXPECT_DOUBLE_EQ(decayed({8, 4}, 90 * kUsPerDay, 0).success, 8);
    EXPECT_DOUBLE_EQ(decayed({8, 4}, -5, 90).success, 8);
}

TEST(PatternMath, OneUserWeighsNoMoreThanTheCap) {
    Weights user;
    for (int i = 0; i < 1000; ++i) {
        const Weights next = with_outcome(user, true, 20);
        EXPECT_GE(next.success, user.success);
        user = next;
    }
    EXPECT_NEAR(user.total(), 20, 1e-9);
    const Weights turned = with_outcome(user, false, 20);
    EXPECT_NEAR(turned.total(), 20, 1e-9);
    EXPECT_NEAR(turned.failure, 1, 1e-9);
}

TEST(PatternMath, VersionsInheritLittle) {
    EXPECT_NEAR(inherited({10, 0}, 0.2, 3).success, 2, 1e-12);
    EXPECT_NEAR(inherited({100, 50}, 0.2, 3).total(), 3, 1e-12);
    EXPECT_NEAR(inherited({100, 50}, 0.2, 3).success, 2, 1e-12);
    EXPECT_DOUBLE_EQ(inherited({0, 0}, 0.2, 3).total(), 0);
}

TEST(PatternMath, AverageMovesByATenth) {
    EXPECT_DOUBLE_EQ(moving_average(std::nullopt, 100), 100);
    EXPECT_DOUBLE_EQ(moving_average(100, 200), 110);
}

TEST(PatternMath, SketchIsWithinFivePercent) {
    TimingSketch sketch;
    EXPECT_FALSE(sketch.quantile_ms(0.5).has_value());
    for (int i = 1; i <= 1000; ++i) {
        sketch.add(i);
    }
    EXPECT_NEAR(*sketch.quantile_ms(0.5), 500, 500 * 0.05);
    EXPECT_NEAR(*sketch.quantile_ms(0.95), 950, 950 * 0.05);
    EXPECT_NEAR(*sketch.quantile_ms(1), 1000, 1000 * 0.05);
}

TEST(PatternMath, SketchKeepsItsText) {
    TimingSketch sketch;
    for (const double ms : {0.0, 0.5, 12.0, 12.1, 9e12}) {
        sketch.add(ms);
    }
    const auto again = TimingSketch::parse(sketch.to_text());
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->to_text(), sketch.to_text());
    EXPECT_EQ(again->count(), 5);
    TimingSketch both = *again;
    both.merge(sketch);
    EXPECT_EQ(both.count(), 10);
    for (const char* broken : {"1", "1:x", "-1:2", "999:1", "1:0", "1:2:3"}) {
        EXPECT_FALSE(TimingSketch::parse(broken).has_value()) << broken;
    }
}

TEST(PatternMath, ExplorationFadesWithUse) {
    EXPECT_DOUBLE_EQ(exploration_bonus(0.35, 0, 0), 0);
    EXPECT_GT(exploration_bonus(0.35, 0, 100), exploration_bonus(0.35, 10, 100));
    EXPECT_GT(exploration_bonus(0.35, 10, 1000), exploration_bonus(0.35, 10, 100));
    EXPECT_NEAR(exploration_bonus(1, 3, 99), std::sqrt(std::log(100.0) / 4), 1e-12);
}

}  // namespace
}  // namespace credence::patterns
