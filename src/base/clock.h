// The only source of time.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace credence {

// Thread-safe. Two clocks in one: wall time for records, steady time for durations.
class Clock {
public:
    virtual ~Clock() = default;
    // Microseconds since 1970-01-01T00:00:00Z.
    virtual std::int64_t now_us() const = 0;
    // Microseconds since an arbitrary start; never goes back.
    virtual std::int64_t steady_us() const = 0;
};

class SystemClock final : public Clock {
public:
    std::int64_t now_us() const override;
    std::int64_t steady_us() const override;
};

// Stands still until told otherwise. Used by tests and `serve --testing`.
class ManualClock final : public Clock {
public:
    explicit ManualClock(std::int64_t now_us) : now_us_(now_us) {}
    std::int64_t now_us() const override { return now_us_.load(); }
    std::int64_t steady_us() const override { return now_us_.load(); }
    void set_us(std::int64_t now_us) { now_us_.store(now_us); }
    void advance_us(std::int64_t by_us) { now_us_.fetch_add(by_us); }

private:
    std::atomic<std::int64_t> now_us_;
};

// "2025-01-01T00:00:00.000000Z" (RFC 3339).
std::string format_time_us(std::int64_t at_us);

}  // namespace credence
