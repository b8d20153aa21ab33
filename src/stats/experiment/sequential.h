// Is there a difference, when anybody may look at any time? An e-value, a p-value and an interval
// that hold at all looks together: whatever rule stops the experiment, "no difference" is refused
// wrongly with probability at most 1 - confidence.
//
// Mixture sequential probability ratio test with a normal mixture over effects, N(0, tau^2); with
// V the variance of the difference, z = difference / sqrt(V) and r = tau^2 / V:
//   e-value    E = (1 + r)^(-1/2) exp(z^2 / 2 * r / (1 + r))
//   p-value    the least of 1 and 1 / E over the looks so far
//   interval   difference +- sqrt(V) sqrt((1 + 1/r) (2 log(1/alpha) + log(1 + r)))
// H. Robbins, "Statistical methods related to the law of the iterated logarithm" (1970); R. Johari,
// P. Koomen, L. Pekelis, D. Walsh, "Always valid inference", Operations Research 70 (2022). V is
// estimated, so the guarantee is that of asymptotic confidence sequences (I. Waudby-Smith, D.
// Arbour, R. Sinha, E. Kennedy, A. Ramdas, Annals of Statistics 52 (2024)). What makes it hold
// among few users too: V is the larger of Welch's variance and the pooled one (in a small arm of
// skewed outcomes a mean that is low by chance comes with a variance that is too small, which the
// other arm mends); t = difference / sqrt(V) is turned into the z of the same tail by Student's
// distribution; nothing is said below `min_users` in each arm; and shares carry the imagined users
// of contrast.h. Measured by experiment_simulation.h. With no wish to approximate: betting.h.
//
// tau must be chosen before the first outcome. Any value is valid; near the effect to be found is
// sharpest, and a factor of three either way costs little. Pure, thread-safe, a microsecond a look.
#pragma once

#include <cstdint>
#include <optional>

#include "stats/estimate.h"
#include "stats/experiment/contrast.h"

namespace credence::stats {

struct SequentialPlan {
    double effect_scale = 0;  // tau, in the metric's unit; > 0 (CHECK)
    double confidence = 0.95;
    std::int64_t min_users = 30;  // in each arm; >= 2 (CHECK)
};

struct Look {
    Estimate estimate;       // method "always_valid_95", or "always_valid" at another confidence
    double log_e = 0;        // natural logarithm of the e-value of "no difference"
    bool different = false;  // the interval excludes 0
};

// nullopt while too early: fewer users than the plan's, or V still so far above tau^2 that the
// interval would exceed 37 standard errors.
std::optional<Look> look(const Contrast& contrast, const SequentialPlan& plan);

// The tau that makes the interval narrowest when the variance of the difference is `variance` (> 0,
// CHECK): tau^2 = r * variance with r = 2 log(1/alpha) + log(1 + r), about 8.2 at 95 %.
double sharpest_effect_scale(double variance, double confidence);

// The widest z at which `look` still says nothing, at r = tau^2 / V: the square root in the
// interval above. r > 0 (CHECK).
double sequential_z(double r, double confidence);

// The best evidence of all looks so far: once different, always different. Keep one a metric.
struct Evidence {
    double best_log_e = 0;
    std::int64_t looks = 0;

    void add(const Look& look);
    // Always-valid p-value: exp(-best_log_e), at most 1.
    [[nodiscard]] double p() const;
};

}  // namespace credence::stats
