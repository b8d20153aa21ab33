#include "stats/gamma.h"

#include <gtest/gtest.h>

#include <cmath>

#include "stats/reference/anomaly_reference.inc"

namespace credence::stats {
namespace {

constexpr double kClosedForm = 1e-9;

// Gamma(1, rate) is the exponential distribution.
TEST(Gamma, AgreesWithClosedForms) {
    for (const double x : {0.1, 1.0, 3.5}) {
        EXPECT_NEAR(gamma_cdf({1, 2}, x), 1 - std::exp(-2 * x), kClosedForm);
        EXPECT_NEAR(gamma_cdf({2, 1}, x), 1 - std::exp(-x) * (1 + x), kClosedForm);
        EXPECT_NEAR(gamma_quantile({1, 2}, 1 - std::exp(-2 * x)), x, kClosedForm);
    }
    EXPECT_DOUBLE_EQ(gamma_mean({3, 4}), 0.75);
    EXPECT_EQ(gamma_cdf({1, 2}, -1), 0);
    EXPECT_EQ(gamma_cdf({1, 2}, HUGE_VAL), 1);
    EXPECT_EQ(gamma_quantile({1, 2}, 0), 0);
}

TEST(Gamma, AgreesWithScipy) {
    for (const auto& known : reference::kGammas) {
        EXPECT_NEAR(gamma_cdf({known.shape, known.rate}, known.x), known.cdf, kClosedForm);
        EXPECT_NEAR(gamma_quantile({known.shape, known.rate}, 0.025), known.low, kClosedForm);
        EXPECT_NEAR(gamma_quantile({known.shape, known.rate}, 0.975), known.high, kClosedForm);
    }
}

// Gelman et al., "Bayesian Data Analysis" (2013), section 2.6: 3 deaths in 2 (hundred thousand
// person-years) with the prior Gamma(3, 5) give Gamma(6, 7), mean 0.86.
TEST(Gamma, PosteriorOfTheTextbook) {
    const GammaShape posterior = rate_posterior(3, 2, {.shape = 3, .rate = 5});
    EXPECT_DOUBLE_EQ(posterior.shape, 6);
    EXPECT_DOUBLE_EQ(posterior.rate, 7);
    EXPECT_NEAR(gamma_mean(posterior), 0.857, 5e-4);
}

TEST(Gamma, RateWithItsInterval) {
    const auto rate = event_rate(100, 10);
    ASSERT_TRUE(rate);
    EXPECT_DOUBLE_EQ(rate->value, 10);
    EXPECT_EQ(rate->n, 100);
    EXPECT_NEAR(rate->interval.low, 8.181501408848392, kClosedForm);
    EXPECT_NEAR(rate->interval.high, 12.107793174019264, kClosedForm);
    EXPECT_EQ(rate->method, "gamma_jeffreys_95");
}

TEST(Gamma, NothingSeenIsNotNothingKnown) {
    EXPECT_FALSE(event_rate(0, 0));
    const auto none = event_rate(0, 1);
    ASSERT_TRUE(none);
    EXPECT_EQ(none->interval.low, 0);
    EXPECT_NEAR(none->interval.high, 2.511943093657444, kClosedForm);
}

TEST(GammaDeath, ImpossibleInput) {
    EXPECT_DEATH(gamma_cdf({0, 1}, 1), "positive");
    EXPECT_DEATH(gamma_quantile({1, 1}, 1), "quantile");
    EXPECT_DEATH(rate_posterior(0, 0), "positive");
    EXPECT_DEATH(event_rate(-1, 1), "impossible");
}

}  // namespace
}  // namespace credence::stats
