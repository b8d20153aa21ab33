// Intervals for one share and for the difference of two, that hold for every n. For independent
// trials: where a user has several, use arm_ratio() of contrast.h. Pure, thread-safe.
#pragma once

#include <cstdint>

#include "stats/estimate.h"

namespace credence::stats {

// Successes of n independent trials; 0 <= successes <= n (CHECK).
struct Trials {
    std::int64_t successes = 0;
    std::int64_t n = 0;
};

// Never covers less often than it says (usually more): the Beta quantiles
//   low  = Beta(x, n - x + 1) at alpha/2,    high = Beta(x + 1, n - x) at 1 - alpha/2.
// C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case
// of the binomial", Biometrika 26 (1934). [0, 1] when n is 0, with value 0.5. 0 < confidence < 1
// (CHECK). Method "clopper_pearson_95", "clopper_pearson" at another confidence. Parameters up to
// 1e5 to 1e-9 (beta.h).
Estimate clopper_pearson(const Trials& trials, double confidence);

// treatment's share - control's: with w the Wilson limits of each,
//   low  = d - sqrt((p2 - low2)^2 + (high1 - p1)^2),   high = d + sqrt((high2 - p2)^2 + (p1 -
//   low1)^2)
// R. G. Newcombe, "Interval estimation for the difference between independent proportions",
// Statistics in Medicine 17 (1998), method 10. Inside [-1, 1]; [-1, 1] with value 0 when an n is 0.
// Method "newcombe_95" or "newcombe".
Estimate newcombe(const Trials& control, const Trials& treatment, double confidence);

}  // namespace credence::stats
