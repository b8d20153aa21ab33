#include "stats/intervals.h"

#include <gtest/gtest.h>

namespace credence::stats {
namespace {

// R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
// Medicine 17 (1998), table I, method 3.
TEST(Wilson, AgreesWithNewcombe) {
    const Interval a = wilson_95(81, 263);
    EXPECT_NEAR(a.low, 0.2553, 5e-5);
    EXPECT_NEAR(a.high, 0.3662, 5e-5);
    const Interval b = wilson_95(15, 148);
    EXPECT_NEAR(b.low, 0.0624, 5e-5);
    EXPECT_NEAR(b.high, 0.1605, 5e-5);
    const Interval c = wilson_95(0, 20);
    EXPECT_DOUBLE_EQ(c.low, 0);
    EXPECT_NEAR(c.high, 0.1611, 5e-5);
    const Interval d = wilson_95(1, 29);
    EXPECT_NEAR(d.low, 0.0061, 5e-5);
    EXPECT_NEAR(d.high, 0.1718, 5e-5);
}

TEST(Wilson, IsSymmetric) {
    const Interval low = wilson_95(3, 50);
    const Interval high = wilson_95(47, 50);
    EXPECT_NEAR(low.low, 1 - high.high, 1e-12);
    EXPECT_NEAR(low.high, 1 - high.low, 1e-12);
}

TEST(Wilson, ReachesItsEnds) {
    EXPECT_DOUBLE_EQ(wilson_95(20, 20).high, 1);
    EXPECT_DOUBLE_EQ(wilson_95(0, 0).low, 0);
    EXPECT_DOUBLE_EQ(wilson_95(0, 0).high, 1);
}

TEST(Wilson, NarrowsWithMoreTrialsAndLessConfidence) {
    const Interval few = wilson_95(5, 10);
    const Interval many = wilson_95(500, 1000);
    EXPECT_LT(many.high - many.low, few.high - few.low);
    const Interval one_sigma = wilson(5, 10, 1);
    EXPECT_LT(one_sigma.high - one_sigma.low, few.high - few.low);
}

}  // namespace
}  // namespace credence::stats
