// What a test for an anomaly answers, whatever it looks at (success rate, volume, duration).
#pragma once

#include <cstdint>
#include <string_view>

#include "stats/beta_binomial.h"
#include "stats/estimate.h"

namespace credence::stats {

// Of the intervals of baselines: this much lies above, and this much below.
inline constexpr double kConfidenceTail = 0.025;

enum class Direction { kLow, kHigh };

// `p_value` is the chance of something at least as far out, on the nearer side, doubled, if nothing
// changed. Who tests many things adjusts it (multiplicity.h) before believing it.
struct AnomalyTest {
    Estimate baseline;    // what was expected before, with the confidence its method names
    double observed = 0;  // in the baseline's unit
    std::int64_t n = 0;   // recent trials, events or durations behind it
    Direction direction = Direction::kLow;
    double deviation = 0;  // (observed - expected) / standard deviation of what was predicted
    Tails tails;           // P(at most this), P(at least this), if nothing changed
    double p_value = 1;
    std::string_view method;  // a literal
};

}  // namespace credence::stats
