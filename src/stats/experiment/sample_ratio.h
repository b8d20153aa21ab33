// Did the arms get the shares of users they were meant to get? If not, something drops or moves
// users, and no comparison of the arms can be trusted.
//
//   at a fixed moment   chi-squared = sum (count - n share)^2 / (n share), arms - 1 degrees. K.
//                       Pearson (1900); A. Fabijan et al., "Diagnosing sample ratio mismatch in
//                       online controlled experiments" (KDD 2019).
//   at every look       e-value: the likelihood of the counts under shares drawn from a Dirichlet
//                       distribution, over that under the intended shares,
//                         [B(a + counts) / B(a)] / product share^count,   a = k * shares,
//                       M. Lindon, A. Malek, "Anytime-valid inference for multinomial count data"
//                       (NeurIPS 2022). Here 0.8 of the bet has k = 3,000 (sharp for mismatches of
//                       a few percent) and 0.2 has k = 100 (for gross ones, found within tens of
//                       users). Exact: P(e-value ever reaches 1/alpha) <= alpha with true shares.
//
// Counts are users first exposed, in any order of arrival; parts are merged by adding counts. Pure,
// thread-safe, O(arms).
#pragma once

#include <cstdint>
#include <span>

namespace credence::stats {

// users[i] >= 0 were assigned to arm i, whose intended share is weights[i] / sum of weights; at
// least two arms, as many weights, each weight > 0 and finite (CHECK, for all three).
struct SampleRatio {
    std::span<const std::int64_t> users;
    std::span<const double> weights;
};

// 0 without users. Reliable from an expectation of five users an arm.
double sample_ratio_chi_squared(const SampleRatio& ratio);

// Its p-value, for ONE look; 1 without users.
double sample_ratio_p(const SampleRatio& ratio);

// Natural logarithm of the e-value. Keep the largest of all looks; alarm(largest, 0.001) is the
// usual alarm.
double sample_ratio_log_e(const SampleRatio& ratio);

// exp(log_e) >= 1 / alpha. 0 < alpha < 1 (CHECK).
bool alarm(double log_e, double alpha);

}  // namespace credence::stats
