#include "base/token_bucket.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/units.h"

namespace credence {
namespace {

// A whole token, less the rounding of adding fractions: who waits wait_us() gets one.
constexpr double kWholeToken = 1.0 - 1e-9;

}  // namespace

bool TokenBucket::take(std::int64_t steady_us) {
    if (steady_us > updated_us_) {
        const double elapsed_s = static_cast<double>(steady_us - updated_us_) / kUsPerSecond;
        tokens_ = std::min(burst_, tokens_ + elapsed_s * rate_);
        updated_us_ = steady_us;
    }
    if (tokens_ < kWholeToken) {
        return false;
    }
    tokens_ = std::max(0.0, tokens_ - 1.0);
    return true;
}

std::int64_t TokenBucket::wait_us() const {
    if (tokens_ >= kWholeToken) {
        return 0;
    }
    constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
    if (rate_ <= 0.0 || burst_ < 1.0) {
        return kNever;
    }
    const double wait = std::ceil((1.0 - tokens_) / rate_ * kUsPerSecond);
    return wait < static_cast<double>(kNever) ? static_cast<std::int64_t>(wait) : kNever;
}

}  // namespace credence
