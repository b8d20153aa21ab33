#include "stats/beta_sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace credence::stats {
namespace {

// Kolmogorov's kolmogorov_distance from the distribution; above 1.95 / sqrt(n) once in a thousand
// seeds.
double kolmogorov_distance(const BetaShape& shape, std::uint64_t seed, std::size_t n) {
    SeededRandom random(seed);
    std::vector<double> draws(n);
    for (double& draw : draws) {
        draw = beta_sample(shape, random);
    }
    std::ranges::sort(draws);
    double largest = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const double expected = beta_cdf(shape, draws[i]);
        largest = std::max({largest, std::abs(expected - static_cast<double>(i) / double(n)),
                            std::abs(expected - static_cast<double>(i + 1) / double(n))});
    }
    return largest;
}

TEST(BetaSample, FollowsTheDistribution) {
    constexpr std::size_t kDraws = 2'000;
    const double limit = 1.95 / std::sqrt(double{kDraws});
    for (const BetaShape& shape :
         {BetaShape{1, 1}, BetaShape{5.5, 2.5}, BetaShape{0.4, 0.7}, BetaShape{900, 100}}) {
        EXPECT_LT(kolmogorov_distance(shape, 7, kDraws), limit) << shape.alpha;
    }
}

TEST(BetaSample, IsTheSameForTheSameSeed) {
    SeededRandom one(3);
    SeededRandom two(3);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(beta_sample({2, 3}, one), beta_sample({2, 3}, two));
    }
}

TEST(BetaSample, StaysInsideForExtremeShapes) {
    SeededRandom random(5);
    for (int i = 0; i < 1'000; ++i) {
        const double tiny = beta_sample({1e-3, 1e-3}, random);
        EXPECT_TRUE(tiny >= 0 && tiny <= 1);
        EXPECT_NEAR(beta_sample({1e9, 1e9}, random), 0.5, 1e-3);
    }
}

TEST(BetaSample, NormalsHaveMeanZeroAndVarianceOne) {
    SeededRandom random(11);
    constexpr int kDraws = 20'000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < kDraws; ++i) {
        const double draw = normal_sample(random);
        sum += draw;
        squares += draw * draw;
    }
    EXPECT_NEAR(sum / kDraws, 0, 4 / std::sqrt(double{kDraws}));
    EXPECT_NEAR(squares / kDraws, 1, 4 * std::sqrt(2.0 / kDraws));
}

TEST(BetaSampleDeathTest, RefusesWhatIsNoShape) {
    SeededRandom random(1);
    EXPECT_DEATH(beta_sample({0, 1}, random), "positive");
}

}  // namespace
}  // namespace credence::stats
