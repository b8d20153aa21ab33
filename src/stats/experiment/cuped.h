// The difference of two means with the part that was known beforehand taken out: CUPED. What a user
// did before the experiment cannot have been caused by it, so removing what it predicts shrinks the
// variance by the square of the correlation and moves nothing on average.
//
//   y_cuped = y - theta (x - mean(x)),   theta = cov(x, y) / var(x) within arms, both arms together
//
// A. Deng, Y. Xu, R. Kohavi, T. Walker, "Improving the sensitivity of online controlled experiments
// by utilizing pre-experiment data" (WSDM 2013). x MUST be fixed before the user's assignment; a
// user without a past gets any constant (the mean of the others, say). Pure, thread-safe, O(1).
#pragma once

#include <optional>

#include "stats/experiment/contrast.h"
#include "stats/moments.h"

namespace credence::stats {

struct Cuped {
    ArmSummary control;
    ArmSummary treatment;
    double theta = 0;
    double variance_left = 1;  // variance of the adjusted difference over that of the plain one
};

// y the outcome of a user, x the same or another measure before the experiment. theta is 0 where x
// does not vary. nullopt below two users in an arm or without variance.
std::optional<Cuped> cuped(const PairMoments& control, const PairMoments& treatment);

}  // namespace credence::stats
