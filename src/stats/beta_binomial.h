// How surprising are k successes in n trials when the share of successes is only known as a Beta
// distribution: the beta-binomial distribution. Pure, thread-safe, the same bits everywhere.
//
//   P(X = k) = C(n, k) B(alpha + k, beta + n - k) / B(alpha, beta)
//
// J. G. Skellam, "A probability distribution derived from the binomial distribution by regarding
// the probability of success as variable between the sets of trials", Journal of the Royal
// Statistical Society B 10 (1948), 257-261.
#pragma once

#include <cstdint>

#include "stats/beta.h"

namespace credence::stats {

// Both include the observed value: at_most + at_least - 1 is its probability.
struct Tails {
    double at_most = 1;   // P(X <= k)
    double at_least = 1;  // P(X >= k)
};

// Exact sums, started at the mode and normalised by their own total, so no cancellation: relative
// error about n * 1e-16, also in far tails (0 below 1e-300). Needs 0 <= k <= n. Cost: at most n
// steps of a few nanoseconds, fewer when the distribution is narrow.
Tails beta_binomial_tails(const BetaShape& shape, std::int64_t n, std::int64_t k);

// ln B(alpha + k, beta + n - k) / B(alpha, beta): what the shape has to do with seeing one given
// order of k successes in n trials. Needs 0 <= k <= n.
double beta_binomial_log_likelihood(const BetaShape& shape, std::int64_t n, std::int64_t k);

// min(1, 2 * min(tails)): the two-sided p value by doubling. Conservative for discrete data; the
// mid-p value, which is not, is not used anywhere here.
double two_sided(const Tails& tails);

}  // namespace credence::stats
