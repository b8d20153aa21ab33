#include "stats/trend/trend_simulation.h"

#include <gtest/gtest.h>

namespace credence::stats {
namespace {

TEST(TrendSimulation, IsReproducible) {
    const auto once = simulate_falling_trends(3, 1);
    const auto again = simulate_falling_trends(3, 1);
    ASSERT_EQ(once.size(), 6U);
    for (std::size_t i = 0; i < once.size(); ++i) {
        EXPECT_EQ(once[i].what, again[i].what);
        EXPECT_DOUBLE_EQ(once[i].quasi_binomial.value, again[i].quasi_binomial.value);
        EXPECT_DOUBLE_EQ(once[i].mann_kendall.value, again[i].mann_kendall.value);
    }
}

// The example of the old system's own data: always together in 20 of 91 sessions.
TEST(TrendSimulation, TheOldLiftForgetsTheSessions) {
    const LiftRow row = compare_lift(91, 20);
    EXPECT_NEAR(row.old_lift, 0.05, 1e-12);
    EXPECT_NEAR(row.lift, 4.55, 1e-12);
    EXPECT_LT(row.fisher_p, 1e-15);
}

}  // namespace
}  // namespace credence::stats
