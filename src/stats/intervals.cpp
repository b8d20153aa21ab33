#include "stats/intervals.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace credence::stats {

Interval wilson(std::int64_t successes, std::int64_t n, double z) {
    CHECK(successes >= 0 && successes <= n, "more successes than trials");
    if (n == 0) {
        return {};
    }
    const double trials = static_cast<double>(n);
    const double share = static_cast<double>(successes) / trials;
    const double square = z * z;
    const double scale = 1 + square / trials;
    const double centre = (share + square / (2 * trials)) / scale;
    const double half =
        z * std::sqrt(share * (1 - share) / trials + square / (4 * trials * trials)) / scale;
    return {successes == 0 ? 0.0 : std::max(0.0, centre - half),
            successes == n ? 1.0 : std::min(1.0, centre + half)};
}

Interval wilson_95(std::int64_t successes, std::int64_t n) {
    return wilson(successes, n, kNormal95);
}

}  // namespace credence::stats
