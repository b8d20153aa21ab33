// A number that says how sure it is.
#pragma once

#include <cstdint>
#include <string_view>

#include "stats/intervals.h"

namespace credence::stats {

// `interval` holds the true value with the confidence that `method` names ("wilson_95",
// "beta_credible_90"); `n` counts the independent units behind it, not the rows.
struct Estimate {
    double value = 0;
    std::int64_t n = 0;
    Interval interval;
    std::string_view method;  // a literal
};

}  // namespace credence::stats
