// A token bucket: `rate` tokens a second, at most `burst` saved up. Not thread-safe; the owner
// locks.
#pragma once

#include <cstdint>

namespace credence {

class TokenBucket {
public:
    TokenBucket(double tokens_per_s, double burst, std::int64_t steady_us)
        : rate_(tokens_per_s), burst_(burst), tokens_(burst), updated_us_(steady_us) {}

    // Takes one token if there is one.
    bool take(std::int64_t steady_us);
    // Whole tokens left.
    std::int64_t remaining() const { return static_cast<std::int64_t>(tokens_); }
    // Microseconds until one token is there; 0 when there is one.
    std::int64_t wait_us() const;
    std::int64_t updated_us() const { return updated_us_; }

private:
    double rate_;
    double burst_;
    double tokens_;
    std::int64_t updated_us_;
};

}  // namespace credence
