// Confidence intervals for shares. Pure and thread-safe.
#pragma once

#include <cstdint>

namespace credence::stats {

// The 97.5 % quantile of the standard normal distribution.
inline constexpr double kNormal95 = 1.959963984540054;

struct Interval {
    double low = 0;
    double high = 1;
};

// The score interval for a binomial share at confidence 1 - 2 * Phi(-z):
//   (p + z^2/2n +- z * sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)
// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
// the American Statistical Association 22 (1927), 209-212. Stays inside [0, 1] and behaves for
// small n and shares near 0 or 1, where the normal approximation does not. [0, 1] when n is 0.
// Needs 0 <= successes <= n.
Interval wilson(std::int64_t successes, std::int64_t n, double z);

// The same at 95 %.
Interval wilson_95(std::int64_t successes, std::int64_t n);

}  // namespace credence::stats
