#include "stats/experiment/sample_ratio.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include "stats/reference/experiment_reference.inc"

namespace credence::stats {
namespace {

TEST(SampleRatioTest, AgreesWithScipy) {
    for (const SampleRatioRow& row : kSampleRatios) {
        const std::array<std::int64_t, 3> users{row.a, row.b, row.c};
        const std::array<double, 3> weights{row.a == 100 ? 2.0 : 1.0, 1, 1};
        const SampleRatio ratio{users, weights};
        EXPECT_NEAR(sample_ratio_chi_squared(ratio), row.chi_squared, 1e-9 * row.chi_squared);
        EXPECT_NEAR(sample_ratio_p(ratio), row.p, 1e-9 * row.p);
        // Differences of log-gammas near 1e7 leave nine digits.
        EXPECT_NEAR(sample_ratio_log_e(ratio), row.log_e, 1e-6);
    }
}

// P(counts) under the intended shares 1/4 and 3/4, times the e-value, summed: what a fair game
// gives.
TEST(SampleRatioTest, TheMeanEValueIsOne) {
    constexpr std::int64_t kUsers = 40;
    const std::array<double, 2> weights{1, 3};
    double mean = 0;
    for (std::int64_t first = 0; first <= kUsers; ++first) {
        const double k = static_cast<double>(first);
        const double n = static_cast<double>(kUsers);
        const double log_probability = std::lgamma(n + 1) - std::lgamma(k + 1) -
                                       std::lgamma(n - k + 1) + k * std::log(0.25) +
                                       (n - k) * std::log(0.75);
        const std::array<std::int64_t, 2> users{first, kUsers - first};
        mean += std::exp(log_probability + sample_ratio_log_e({users, weights}));
    }
    EXPECT_NEAR(mean, 1, 1e-10);
}

TEST(SampleRatioTest, AlarmsOnTheMismatchesThatMatter) {
    const std::array<double, 2> weights{1, 1};
    const std::array<std::int64_t, 2> drift{24'390, 25'610};  // 1:1.05 among 50,000
    const SampleRatio drifted{drift, weights};
    EXPECT_LT(sample_ratio_p(drifted), 1e-7);
    EXPECT_TRUE(alarm(sample_ratio_log_e(drifted), 0.001));
    const std::array<std::int64_t, 2> gross{100, 30};
    EXPECT_TRUE(alarm(sample_ratio_log_e({gross, weights}), 0.001));
    const std::array<std::int64_t, 2> even{25'060, 24'940};
    EXPECT_FALSE(alarm(sample_ratio_log_e({even, weights}), 0.001));
    // As meant: two to one is no mismatch where two to one was wanted.
    const std::array<double, 2> uneven{2, 1};
    const std::array<std::int64_t, 2> twice{20'000, 10'000};
    EXPECT_EQ(sample_ratio_p({twice, uneven}), 1);
    EXPECT_LT(sample_ratio_log_e({twice, uneven}), 0);
}

TEST(SampleRatioDeathTest, RefusesTheImpossible) {
    const std::array<std::int64_t, 2> users{1, 2};
    const std::array<double, 2> weights{1, 0};
    EXPECT_DEATH(sample_ratio_p({users, weights}), "CHECK");
    EXPECT_DEATH(alarm(1, 0), "CHECK");
}

}  // namespace
}  // namespace credence::stats
