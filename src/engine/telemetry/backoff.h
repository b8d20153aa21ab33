// When to try again to deliver what a collector did not take (OTLP/HTTP: "Failures" and
// "Throttling"): exponential waits with jitter, or what Retry-After asks for, bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"

namespace credence::telemetry {

// Not thread-safe.
class Backoff {
public:
    static constexpr int kMaxAttempts = 5;
    static constexpr std::int64_t kFirstWaitMs = 1'000;  // doubles
    static constexpr std::int64_t kMaxWaitMs = 30'000;   // also of a Retry-After

    explicit Backoff(Random& random) : random_(random) {}

    // How long to wait after another failure; nothing: give up. The wait is between half of the
    // current step and the whole of it; with a Retry-After, that.
    std::optional<std::int64_t> failed(std::optional<std::int64_t> retry_after_ms);

private:
    Random& random_;
    int failures_ = 0;
    std::int64_t step_ms_ = kFirstWaitMs;
};

// 429, 502, 503 and 504.
bool is_retryable(int status);

// The Retry-After among headers ("Name: value"), in milliseconds: seconds only; a date counts as
// none.
std::optional<std::int64_t> retry_after_ms(const std::vector<std::string>& headers);

}  // namespace credence::telemetry
