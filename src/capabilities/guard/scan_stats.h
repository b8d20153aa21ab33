// Counts and latencies of scans, by tenant and minute, for guard.stats, and the process's totals
// for Prometheus.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/shape.h"
#include "capabilities/guard/scan.h"

namespace credence::guard {

struct StageLatency {
    std::string stage;
    std::int64_t n = 0;
    std::int64_t p50_us = 0;
    std::int64_t p95_us = 0;
    std::int64_t p99_us = 0;
};
void describe(Describe<StageLatency>&);

// Of one tenant over a window.
struct ScanCounts {
    std::int64_t scans = 0;
    std::int64_t cached = 0;
    std::map<std::string, std::int64_t> verdicts;
    std::map<std::string, std::int64_t> categories;
    std::map<std::string, std::int64_t> channels;
    std::vector<StageLatency> latencies;
};
void describe(Describe<ScanCounts>&);

// Thread-safe. A record costs one short lock of the tenant's own.
class ScanStats {
public:
    static constexpr std::int64_t kMinutes = 60;
    static constexpr std::size_t kMaxTenants =
        256;                                   // others are counted together, and told to none
    static constexpr std::size_t kStages = 5;  // total, rules, model, memory, media
    // Two buckets for each doubling from 1 us on; the last holds all above.
    static constexpr std::size_t kBuckets = 48;

    ScanStats(const Clock& clock, Metrics& metrics);

    void record(std::string_view tenant, const ScanResult& result, SourceKind channel);
    // Of the last `minutes` (1 to kMinutes), this one included. Percentiles are the upper ends of
    // buckets, at most 42 % above the value.
    ScanCounts counts(std::string_view tenant, std::int64_t minutes) const;

private:
    struct Minute {
        std::int64_t number = -1;  // since 1970; -1: never used
        std::int64_t cached = 0;
        std::array<std::int64_t, 4> verdicts{};
        std::array<std::int64_t, kCategories> categories{};
        std::array<std::int64_t, kSourceKinds> channels{};
        std::array<std::array<std::uint32_t, kBuckets>, kStages> latencies{};
    };
    struct Tenant {
        mutable std::mutex mutex;
        std::array<Minute, kMinutes> minutes;
    };

    Tenant& tenant_of(std::string_view name);
    void count(const ScanResult& result);

    const Clock& clock_;
    std::array<Counter*, 4> verdicts_{};
    std::array<Counter*, kCategories> categories_{};
    std::array<Histogram*, kStages> stages_{};
    Counter& cached_;
    mutable std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Tenant>, std::less<>> tenants_;
    Tenant others_;
};

}  // namespace credence::guard
