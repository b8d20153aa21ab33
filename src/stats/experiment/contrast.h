// How far apart two arms of an experiment are, and how sure that is: the difference of two means or
// two ratios over USERS, and the lift of one over the other. The result feeds fixed_horizon() for
// an experiment that is read once at its planned end, and sequential.h for one that is watched.
//
//   mean      value = mean(y), variance = s^2 / users
//   ratio     value = R = sum(y) / sum(x), variance = s^2(y - R x) / (users * mean(x)^2): the delta
//             method, which is also the cluster-robust variance with users as clusters. A. Deng,
//             U. Knoblich, J. Lu, "Applying the delta method in metric analytics" (KDD 2018).
//             With y successes and x rows of a user it is the success rate over all rows.
//   degrees   Welch and Satterthwaite: (v1 + v2)^2 / (v1^2/(n1-1) + v2^2/(n2-1)). B. L. Welch,
//             "The generalization of 'Student's' problem", Biometrika 34 (1947).
//   lift      log(treatment / control), variance v1/value1^2 + v2/value2^2 (delta method)
//
// Pure, thread-safe, O(1).
#pragma once

#include <cstdint>
#include <optional>

#include "stats/estimate.h"
#include "stats/moments.h"

namespace credence::stats {

// Sums of squares below this share of their terms are what rounding left.
inline constexpr double kRounding = 1e-12;

struct ArmSummary {
    double value = 0;
    double variance = 0;  // of the value, not of a user; > 0
    std::int64_t users = 0;
};

// A metric that cannot leave an interval of this width (1 for shares) can vary by accident even
// while it has not been seen to: two imagined users, half a width above and below, join the
// variance (A. Agresti, B. Caffo, The American Statistician 54 (2000), add two likewise), which
// makes it a little larger and never 0. 0 for a metric without bounds.
using Width = double;

// nullopt below two users, or where the variance is 0: nothing is known. width >= 0 (CHECK).
std::optional<ArmSummary> arm_mean(const Moments& arm, Width width);

// Likewise; also nullopt where mean(x) <= 0. `width` is that of one row (of y / x).
std::optional<ArmSummary> arm_ratio(const PairMoments& arm, Width width);

struct Contrast {
    double value = 0;
    double variance = 0;  // > 0
    // The same as if a user varied alike in both arms: for looks at any time (sequential.h says
    // why).
    double pooled_variance = 0;
    double degrees_of_freedom = 0;
    std::int64_t control_users = 0;
    std::int64_t treatment_users = 0;
};

// treatment - control.
Contrast difference(const ArmSummary& control, const ArmSummary& treatment);

// log(treatment / control); lift = exp(value) - 1. nullopt unless both values are positive.
std::optional<Contrast> log_ratio(const ArmSummary& control, const ArmSummary& treatment);

// Turns the ends of a log ratio into a lift: exp(x) - 1.
Estimate as_lift(const Estimate& log_ratio);

// value +- t * sqrt(variance). Holds for ONE look at a moment fixed beforehand. Method "welch_95",
// or "welch" at another confidence. 0 < confidence < 1 (CHECK).
Estimate fixed_horizon(const Contrast& contrast, double confidence);

// The two-sided p-value of "no difference", for one look.
double fixed_horizon_p(const Contrast& contrast);

}  // namespace credence::stats
