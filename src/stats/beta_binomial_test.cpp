#include "stats/beta_binomial.h"

#include <gtest/gtest.h>

#include <cmath>

#include "stats/reference/anomaly_reference.inc"

namespace credence::stats {
namespace {

TEST(BetaBinomial, AgreesWithExactArithmetic) {
    for (const auto& known : reference::kBetaBinomials) {
        const Tails tails = beta_binomial_tails({known.alpha, known.beta}, known.n, known.k);
        EXPECT_NEAR(tails.at_most / known.at_most, 1, 1e-12) << known.alpha << " " << known.k;
        EXPECT_NEAR(tails.at_least / known.at_least, 1, 1e-12) << known.alpha << " " << known.k;
    }
}

// With Beta(1, 1) all n + 1 outcomes are equally likely.
TEST(BetaBinomial, UniformPriorMakesAllOutcomesAlike) {
    for (std::int64_t k = 0; k <= 20; ++k) {
        const Tails tails = beta_binomial_tails({1, 1}, 20, k);
        EXPECT_NEAR(tails.at_most, static_cast<double>(k + 1) / 21, 1e-14);
        EXPECT_NEAR(tails.at_least, static_cast<double>(21 - k) / 21, 1e-14);
    }
}

TEST(BetaBinomial, TailsShareTheObservedValueAndMirror) {
    for (const BetaShape shape : {BetaShape{0.3, 0.6}, {0.3, 4}, {7, 0.9}, {5, 5}, {80, 3}}) {
        double before = 0;
        for (std::int64_t k = 0; k <= 25; ++k) {
            const Tails tails = beta_binomial_tails(shape, 25, k);
            const Tails mirrored = beta_binomial_tails({shape.beta, shape.alpha}, 25, 25 - k);
            EXPECT_NEAR(tails.at_most, mirrored.at_least, 1e-13);
            EXPECT_NEAR(tails.at_least, 1 - before, 1e-13);
            before = tails.at_most;
        }
        EXPECT_NEAR(before, 1, 1e-13);
    }
}

// A narrow Beta distribution leaves the binomial: P(X <= 2), n = 10, p = 1/2 is 56 / 1024.
TEST(BetaBinomial, ApproachesTheBinomial) {
    EXPECT_NEAR(beta_binomial_tails({5e11, 5e11}, 10, 2).at_most, 56.0 / 1024, 1e-10);
}

TEST(BetaBinomial, LargeSamples) {
    // Symmetric: P(X <= 49 999) of 100 000 and P(X >= 50 001) are equal, the middle lies between.
    const Tails tails = beta_binomial_tails({300, 300}, 100'000, 50'000);
    EXPECT_NEAR(tails.at_most, tails.at_least, 1e-10);
    EXPECT_GT(tails.at_most, 0.5);
    EXPECT_EQ(beta_binomial_tails({1e6, 1}, 100'000, 0).at_most, 0);
}

TEST(BetaBinomial, LogLikelihoodOfOneOrder) {
    // B(1 + 2, 1 + 1) / B(1, 1) = 2! 1! / 4!.
    EXPECT_NEAR(beta_binomial_log_likelihood({1, 1}, 3, 2), std::log(1.0 / 12), 1e-12);
    // The short product and the long way by log-gamma agree.
    const double split = beta_binomial_log_likelihood({2.5, 4}, 40, 0) +
                         beta_binomial_log_likelihood({2.5, 44}, 60, 60);
    EXPECT_NEAR(beta_binomial_log_likelihood({2.5, 4}, 100, 60), split, 1e-10);
    EXPECT_EQ(beta_binomial_log_likelihood({2, 3}, 0, 0), 0);
}

TEST(BetaBinomial, TwoSidedDoublesTheNearerTail) {
    EXPECT_DOUBLE_EQ(two_sided({0.01, 0.995}), 0.02);
    EXPECT_DOUBLE_EQ(two_sided({0.995, 0.01}), 0.02);
    EXPECT_DOUBLE_EQ(two_sided({0.6, 0.7}), 1);
}

TEST(BetaBinomialDeath, ImpossibleInput) {
    EXPECT_DEATH(beta_binomial_tails({1, 1}, 3, 4), "more successes");
    EXPECT_DEATH(beta_binomial_tails({0, 1}, 3, 1), "positive");
}

}  // namespace
}  // namespace credence::stats
