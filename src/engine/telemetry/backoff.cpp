#include "engine/telemetry/backoff.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "base/units.h"

namespace credence::telemetry {

std::optional<std::int64_t> Backoff::failed(std::optional<std::int64_t> retry_after_ms) {
    if (++failures_ >= kMaxAttempts) {
        return std::nullopt;
    }
    const std::int64_t step_ms = step_ms_;
    step_ms_ = std::min(step_ms_ * 2, kMaxWaitMs);
    if (retry_after_ms) {
        return std::clamp<std::int64_t>(*retry_after_ms, 0, kMaxWaitMs);
    }
    const std::int64_t half_ms = step_ms / 2;
    return half_ms +
           static_cast<std::int64_t>(random_.next() % static_cast<std::uint64_t>(half_ms + 1));
}

bool is_retryable(int status) {
    return status == 429 || status == 502 || status == 503 || status == 504;
}

std::optional<std::int64_t> retry_after_ms(const std::vector<std::string>& headers) {
    for (const std::string_view header : headers) {
        const std::size_t colon = header.find(':');
        if (colon == std::string_view::npos ||
            !equals_ignoring_case(trim(header.substr(0, colon)), "Retry-After")) {
            continue;
        }
        const auto seconds = parse_integer(trim(header.substr(colon + 1)));
        if (seconds && *seconds >= 0) {
            return std::min(*seconds, Backoff::kMaxWaitMs) * kMsPerSecond;
        }
    }
    return std::nullopt;
}

}  // namespace credence::telemetry
