#include "stats/beta.h"

#include <gtest/gtest.h>

#include <cmath>

namespace credence::stats {
namespace {

constexpr double kExact = 1e-9;

TEST(Beta, UniformIsItsOwnDistribution) {
    for (const double x : {0.0, 0.1, 0.5, 0.75, 1.0}) {
        EXPECT_NEAR(beta_cdf({1, 1}, x), x, kExact);
        EXPECT_NEAR(beta_quantile({1, 1}, x), x, kExact);
    }
}

// Beta(n, 1) has the distribution x^n, Beta(1, n) 1 - (1 - x)^n.
TEST(Beta, AgreesWithClosedForms) {
    for (const double n : {1.0, 2.0, 5.0, 10.0, 11.0, 28.5, 500.0}) {
        for (const double level : {0.025, 0.05, 0.5, 0.95}) {
            EXPECT_NEAR(beta_quantile({n, 1}, level), std::pow(level, 1 / n), kExact) << n;
            EXPECT_NEAR(beta_quantile({1, n}, level), 1 - std::pow(1 - level, 1 / n), kExact) << n;
            EXPECT_NEAR(beta_cdf({n, 1}, level), std::pow(level, n), kExact) << n;
        }
    }
}

// Sums of the binomial distribution in rational arithmetic.
TEST(Beta, AgreesWithExactSums) {
    EXPECT_NEAR(beta_cdf({3, 4}, 0.3), 0.25569, kExact);
    EXPECT_NEAR(beta_cdf({20, 2}, 0.8), 0.05764607523034235, kExact);
    EXPECT_NEAR(beta_cdf({48, 4}, 0.9), 0.23643739099261163, kExact);
    EXPECT_NEAR(beta_cdf({2, 30}, 0.05), 0.46340309014265607, kExact);
    EXPECT_NEAR(beta_cdf({100, 100}, 0.45), 0.07838793271222048, kExact);
    EXPECT_NEAR(beta_quantile({3, 4}, 0.05), 0.1531611179752228, kExact);
    EXPECT_NEAR(beta_quantile({20, 2}, 0.05), 0.7932746209919297, kExact);
    EXPECT_NEAR(beta_quantile({48, 4}, 0.025), 0.8375777819279491, kExact);
    EXPECT_NEAR(beta_quantile({2, 30}, 0.95), 0.14409039131834467, kExact);
    EXPECT_NEAR(beta_quantile({60, 41}, 0.05), 0.5129758202538945, kExact);
}

// Thirty-digit arithmetic (mpmath's hypergeometric series).
TEST(Beta, AgreesWithHighPrecisionForFractionalParameters) {
    EXPECT_NEAR(beta_cdf({0.5, 0.5}, 0.1), 0.204832764699133452, kExact);
    EXPECT_NEAR(beta_cdf({8.86, 1.2}, 0.7), 0.059265805949949491, kExact);
    EXPECT_NEAR(beta_cdf({190.5, 11.25}, 0.9), 0.00936885468438634062, kExact);
    EXPECT_NEAR(beta_quantile({0.5, 0.5}, 0.1), 0.0244717418524232139, kExact);
    EXPECT_NEAR(beta_quantile({8.86, 1.2}, 0.05), 0.686169452249648552, kExact);
    EXPECT_NEAR(beta_quantile({190.5, 11.25}, 0.05), 0.9154553733488051, kExact);
}

TEST(Beta, IsSymmetric) {
    for (const double x : {0.01, 0.2, 0.5, 0.9}) {
        EXPECT_NEAR(beta_cdf({7.5, 2.25}, x), 1 - beta_cdf({2.25, 7.5}, 1 - x), kExact);
    }
    EXPECT_NEAR(beta_cdf({50'000.5, 50'000.5}, 0.5), 0.5, kExact);
}

TEST(Beta, QuantileInvertsTheDistribution) {
    for (double alpha = 0.25; alpha < 2'000; alpha *= 3) {
        for (double beta = 0.25; beta < 2'000; beta *= 3) {
            for (const double level : {0.001, 0.05, 0.5, 0.975}) {
                const double x = beta_quantile({alpha, beta}, level);
                EXPECT_LE(beta_cdf({alpha, beta}, x - kExact), level + 1e-12)
                    << alpha << ' ' << beta;
                EXPECT_GE(beta_cdf({alpha, beta}, x + kExact), level - 1e-12)
                    << alpha << ' ' << beta;
            }
        }
    }
}

TEST(Beta, EndsAndMean) {
    EXPECT_EQ(beta_cdf({2, 3}, -1), 0);
    EXPECT_EQ(beta_cdf({2, 3}, 2), 1);
    EXPECT_EQ(beta_quantile({2, 3}, 0), 0);
    EXPECT_EQ(beta_quantile({2, 3}, 1), 1);
    EXPECT_DOUBLE_EQ(beta_mean({3, 1}), 0.75);
}

TEST(Beta, QuantileGrowsWithSuccessesAndShrinksWithFailures) {
    double last = 0;
    for (int good = 1; good < 300; ++good) {
        const double bound = beta_quantile({1.0 + good, 3}, 0.05);
        EXPECT_GT(bound, last);
        last = bound;
    }
    for (int bad = 3; bad < 50; ++bad) {
        const double bound = beta_quantile({300, 1.0 + bad}, 0.05);
        EXPECT_LT(bound, last);
        last = bound;
    }
}

}  // namespace
}  // namespace credence::stats
