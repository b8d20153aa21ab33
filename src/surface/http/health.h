// /health: whether the store answers. One probe at a time, cached, bounded, so that a flood of
// health checks costs nothing and a stuck store is reported rather than waited for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/worker_pool.h"

namespace credence::surface {

struct HealthParts {
    WorkerPool& pool;         // where the probe runs
    WorkerPool& coordinator;  // waits for probes: a thread blocked for at most probe_timeout_ms
    const Clock& clock;
    std::function<Result<void>()> probe_store;
    std::int64_t probe_timeout_ms = 1000;
};

// {"status":"healthy","version":"0.1.0","uptime_s":12,"checks":{"store":"ok"}}
// checks.store: ok | failed | timeout | busy (no worker was free to ask)
struct HealthReport {
    bool healthy = false;
    std::string body;
};

// Thread-safe. Destroy after the coordinator stopped.
class Health {
public:
    static constexpr std::int64_t kCacheUs = 250'000;
    static constexpr std::size_t kMaxWaiting = 1024;  // beyond: the last report is given

    explicit Health(HealthParts parts);
    ~Health();

    // Calls reply exactly once: now from the cache, or from another thread after a probe.
    void report(std::function<void(HealthReport)> reply);

private:
    struct Probe;
    void probe();
    HealthReport compose(std::string_view store) const;

    struct State;
    HealthParts parts_;
    std::int64_t started_us_;
    std::unique_ptr<State> state_;
};

}  // namespace credence::surface
