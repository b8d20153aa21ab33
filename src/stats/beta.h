// The Beta distribution: what is known of a share after successes and failures. Pure, thread-safe,
// and the same to the last bit everywhere (portable_math.h). Parameters must be positive and
// finite (CHECK).
#pragma once

namespace credence::stats {

struct BetaShape {
    double alpha = 1;
    double beta = 1;
};

// alpha / (alpha + beta).
double beta_mean(const BetaShape& shape);

// P(X <= x): the regularised incomplete beta function I_x(alpha, beta), by its continued fraction
// (DLMF 8.17.22) evaluated by Lentz's method, on the side where it converges fast (8.17.4). 0 for
// x <= 0 and 1 for x >= 1. Absolute error below 1e-10 for parameters up to 1e5.
double beta_cdf(const BetaShape& shape, double x);

// The x with P(X <= x) = level: Halley's method from an approximation (two or three steps, as a
// rule), inside a shrinking bracket, at most 200 steps.
// 0 for level <= 0 and 1 for level >= 1. Error below 1e-9.
double beta_quantile(const BetaShape& shape, double level);

}  // namespace credence::stats
