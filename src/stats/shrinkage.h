// Says which of many rates is truly high when some of them rest on a single trial.
//
// Model: every group's true rate is drawn from one Beta(alpha, beta), its successes are binomial.
// The prior is estimated from the groups themselves (empirical Bayes: B. Efron and C. Morris, "Data
// analysis using Stein's estimator and its generalizations", Journal of the American Statistical
// Association 70 (1975), 311-319) by weighted moments (J. C. Kleinman, "Proportions with extraneous
// variance: single and independent samples", the same journal 68 (1973), 46-54):
//   p   = sum w_i p_i / w,  S = sum w_i (p_i - p)^2,  w = sum w_i,  w_i = n_i / (1 + (n_i - 1) rho)
//   A   = sum w_i (1 - w_i / w) / n_i,  B = sum w_i (1 - w_i / w)
//   rho = (S / (p (1 - p)) - A) / (B - A),  alpha + beta = (1 - rho) / rho,  alpha = p (alpha +
//   beta)
// from rho = 0 until it stands. A group then has the posterior Beta(alpha + successes, beta +
// failures): its mean is its raw rate drawn towards p by n / (n + alpha + beta).
// Pure and thread-safe. Counts must satisfy 0 <= successes <= n (CHECK).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stats/beta.h"
#include "stats/estimate.h"

namespace credence::stats {

struct RateCount {
    std::int64_t successes = 0;
    std::int64_t n = 0;
};

// The prior of the groups, or nullopt when fewer than two of them have a trial. The strength alpha
// + beta stays between 1 (the rates differ as much as they can) and the number of all trials (a
// prior cannot know more than what it was learned from), at most 10,000. Where every trial went the
// same way the mean is (successes + 1/2) / (trials + 1), so that both parameters stay positive.
// Linear in the groups, at most 50 rounds.
std::optional<BetaShape> fit_rate_prior(std::span<const RateCount> groups);

// What to shrink towards when fit_rate_prior knows nothing: Beta(1, 1), every rate equally likely.
inline constexpr BetaShape kNoRatePrior{.alpha = 1, .beta = 1};

// Posterior mean and central credible interval at 95 %; method "empirical_bayes_beta_95". With no
// trials this is the prior's own mean and interval.
Estimate shrunk_rate(const RateCount& count, const BetaShape& prior);

// The rate that the true one exceeds with probability 1 - level: what to rank by. level in (0, 1)
// (CHECK).
double rate_lower_bound(const RateCount& count, const BetaShape& prior, double level = 0.05);

// Positions in `groups` from the highest lower bound to the lowest; equal bounds keep their order.
std::vector<std::size_t> rank_by_lower_bound(std::span<const RateCount> groups,
                                             const BetaShape& prior);

}  // namespace credence::stats
