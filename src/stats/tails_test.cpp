#include "stats/tails.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include "stats/reference/experiment_reference.inc"

namespace credence::stats {
namespace {

void expect_relative(double value, double expected) {
    EXPECT_NEAR(value, expected, 1e-10 * std::fabs(expected)) << expected;
}

TEST(TailsTest, AgreeWithScipy) {
    for (const TailRow& row : kNormalTails) {
        expect_relative(normal_tail(row.x), row.tail);
    }
    for (const TailRow& row : kStudentTails) {
        expect_relative(student_tail(row.x, row.degrees), row.tail);
    }
    for (const TailRow& row : kChiSquaredTails) {
        expect_relative(chi_squared_tail(row.x, row.degrees), row.tail);
    }
}

TEST(TailsTest, QuantilesInvertTails) {
    for (const double tail : {1e-300, 1e-12, 0.025, 0.5, 0.9}) {
        expect_relative(normal_tail(normal_tail_quantile(tail)), tail);
    }
    for (const double degrees : {1.5, 4.0, 58.0, 1e5}) {
        for (const double tail : {1e-12, 0.025, 0.9}) {
            expect_relative(student_tail(student_tail_quantile(tail, degrees), degrees), tail);
        }
    }
    EXPECT_NEAR(normal_tail_quantile(0.025), 1.959963984540054, 1e-14);
}

TEST(TailsTest, EndsAndLimits) {
    EXPECT_EQ(chi_squared_tail(0, 3), 1);
    EXPECT_EQ(normal_tail(INFINITY), 0);
    EXPECT_EQ(student_tail(-INFINITY, 3), 1);
    // Two degrees of freedom have a closed form: P(T > t) = (1 - t / sqrt(2 + t^2)) / 2.
    expect_relative(student_tail(2, 2), (1 - 2 / std::sqrt(6.0)) / 2);
    // Without noncentrality it is Student's, with endless degrees the shifted normal.
    expect_relative(noncentral_student_tail(1.3, 12, 0), student_tail(1.3, 12));
    EXPECT_NEAR(noncentral_student_tail(1.96, 1e10, 2.8), normal_tail(-0.84), 1e-12);
}

TEST(TailsDeathTest, RefusesTheImpossible) {
    EXPECT_DEATH(normal_tail_quantile(0), "CHECK");
    EXPECT_DEATH(student_tail(1, 0), "CHECK");
}

}  // namespace
}  // namespace credence::stats
