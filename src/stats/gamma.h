// How often something happens per unit of exposure, after counting it: the Gamma distribution and
// the posterior of a Poisson rate. Pure and thread-safe; constant cost (about a microsecond).
//
// Events ~ Poisson(rate * exposure), rate ~ Gamma(shape, rate parameter); after y events in t units
// the posterior is Gamma(shape + y, rate + t). A. Gelman et al., "Bayesian Data Analysis", 3rd ed.
// (2013), section 2.6. The default prior is Jeffreys' Gamma(1/2, 0): H. Jeffreys, "An invariant
// form for the prior probability in estimation problems", Proc. Royal Society A 186 (1946).
#pragma once

#include <cstdint>
#include <optional>

#include "stats/estimate.h"

namespace credence::stats {

// Density proportional to x^(shape - 1) exp(-rate x). Both are positive and finite (CHECK).
struct GammaShape {
    double shape = 1;
    double rate = 1;
};

double gamma_mean(const GammaShape& gamma);

// P(X <= x), by the regularised incomplete gamma function (DLMF 8.2). Relative error below 1e-12.
double gamma_cdf(const GammaShape& gamma, double x);

// The x with P(X <= x) = level; 0 for level <= 0. Needs level < 1 (CHECK).
double gamma_quantile(const GammaShape& gamma, double level);

// May be improper (rate 0), not negative.
struct RatePrior {
    double shape = 0.5;
    double rate = 0;
};

// Needs events >= 0, exposure >= 0, and a proper posterior: exposure or prior.rate positive.
GammaShape rate_posterior(std::int64_t events, double exposure, const RatePrior& prior = {});

// Events per unit of exposure (the maximum-likelihood value events / exposure) with the
// equal-tailed 95 % credible interval under Jeffreys' prior ("gamma_jeffreys_95", from 0 when there
// are no events); n is the number of events. Unknown without exposure.
std::optional<Estimate> event_rate(std::int64_t events, double exposure);

}  // namespace credence::stats
