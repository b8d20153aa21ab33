#include "stats/intervals_exact.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include "stats/reference/experiment_reference.inc"

namespace credence::stats {
namespace {

TEST(ClopperPearsonTest, AgreesWithStatsmodels) {
    for (const ClopperPearsonRow& row : kClopperPearson) {
        const Estimate estimate = clopper_pearson({row.successes, row.n}, row.confidence);
        EXPECT_NEAR(estimate.interval.low, row.low, 1e-9) << row.successes << " of " << row.n;
        EXPECT_NEAR(estimate.interval.high, row.high, 1e-9) << row.successes << " of " << row.n;
        EXPECT_EQ(estimate.n, row.n);
        EXPECT_EQ(estimate.method,
                  row.confidence == 0.95 ? "clopper_pearson_95" : "clopper_pearson");
    }
}

TEST(ClopperPearsonTest, ClosedFormsAtTheEnds) {
    // No success in n: the upper limit solves (1 - p)^n = alpha / 2; "the rule of three" and a bit.
    for (const std::int64_t n : {1, 5, 100, 10'000}) {
        const double limit = 1 - std::pow(0.025, 1.0 / static_cast<double>(n));
        EXPECT_NEAR(clopper_pearson({0, n}, 0.95).interval.high, limit, 1e-10);
        EXPECT_NEAR(clopper_pearson({n, n}, 0.95).interval.low, 1 - limit, 1e-10);
        EXPECT_EQ(clopper_pearson({n, n}, 0.95).interval.high, 1);
    }
    const Estimate nothing = clopper_pearson({0, 0}, 0.95);
    EXPECT_EQ(nothing.interval.low, 0);
    EXPECT_EQ(nothing.interval.high, 1);
}

// Its promise: at every true share, the probability of covering it is at least 95 %.
TEST(ClopperPearsonTest, NeverCoversTooSeldom) {
    constexpr std::int64_t kTrials = 12;
    for (int step = 1; step < 100; ++step) {
        const double share = step / 100.0;
        double covered = 0;
        for (std::int64_t successes = 0; successes <= kTrials; ++successes) {
            const Interval interval = clopper_pearson({successes, kTrials}, 0.95).interval;
            if (interval.low <= share && share <= interval.high) {
                const double x = static_cast<double>(successes);
                covered += std::exp(std::lgamma(13) - std::lgamma(x + 1) - std::lgamma(13 - x) +
                                    x * std::log(share) + (12 - x) * std::log1p(-share));
            }
        }
        EXPECT_GE(covered, 0.95) << share;
    }
}

TEST(NewcombeTest, AgreesWithStatsmodelsAndThePaper) {
    for (const NewcombeRow& row : kNewcombe) {
        const Estimate estimate = newcombe({row.x1, row.n1}, {row.x2, row.n2}, 0.95);
        EXPECT_NEAR(estimate.interval.low, row.low, 1e-12);
        EXPECT_NEAR(estimate.interval.high, row.high, 1e-12);
    }
    // Newcombe (1998), table II, method 10: 56/70 - 48/80 and 9/10 - 3/10.
    const Interval first = newcombe({48, 80}, {56, 70}, 0.95).interval;
    EXPECT_NEAR(first.low, 0.0524, 5e-5);
    EXPECT_NEAR(first.high, 0.3339, 5e-5);
    const Interval second = newcombe({3, 10}, {9, 10}, 0.95).interval;
    EXPECT_NEAR(second.low, 0.1705, 5e-5);
    EXPECT_NEAR(second.high, 0.8090, 5e-5);
}

TEST(NewcombeTest, StaysInRangeAndKnowsNothingOfNobody) {
    const Estimate most = newcombe({0, 10}, {10, 10}, 0.95);
    EXPECT_EQ(most.value, 1);
    EXPECT_EQ(most.interval.high, 1);
    const Estimate nobody = newcombe({0, 0}, {10, 10}, 0.95);
    EXPECT_EQ(nobody.interval.low, -1);
    EXPECT_EQ(nobody.interval.high, 1);
    EXPECT_EQ(nobody.value, 0);
}

TEST(IntervalsExactDeathTest, RefusesTheImpossible) {
    EXPECT_DEATH(clopper_pearson({3, 2}, 0.95), "CHECK");
    EXPECT_DEATH(newcombe({1, 2}, {1, 2}, 0), "CHECK");
}

}  // namespace
}  // namespace credence::stats
