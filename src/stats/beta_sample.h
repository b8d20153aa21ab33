// Draws from a Beta distribution: a rate as it might be, for Thompson sampling (W. R. Thompson, "On
// the likelihood that one unknown probability exceeds another in view of the evidence of two
// samples", Biometrika 25 (1933), 285-294).
//
// X / (X + Y) with X ~ Gamma(alpha), Y ~ Gamma(beta), each by G. Marsaglia and W. W. Tsang, "A
// simple method for generating gamma variables", ACM Transactions on Mathematical Software 26
// (2000), 363-372; below a shape of 1 by Gamma(a) = Gamma(a + 1) * U^(1/a). Normals by Marsaglia's
// polar method (1964). The same bits everywhere from the same source of chance.
#pragma once

#include "base/random.h"
#include "stats/beta.h"

namespace credence::stats {

// Uniform in (0, 1), on a grid of 2^-52 shifted by half a step.
double uniform_sample(Random& random);

// Standard normal.
double normal_sample(Random& random);

// In [0, 1]. Parameters must be positive and finite (CHECK).
double beta_sample(const BetaShape& shape, Random& random);

}  // namespace credence::stats
