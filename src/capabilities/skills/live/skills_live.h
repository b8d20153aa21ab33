// The module's side of the live feed: what changed becomes one event a tenant and tick, which
// surface/live and /v1/events tell on. Nothing changed: nothing is written.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "api/context.h"
#include "api/host.h"
#include "capabilities/skills/live/live_metrics.h"
#include "capabilities/skills/skills_parts.h"

namespace credence::skills {

// Thread-safe. Two processes on one store: each change is told by one of them.
class SkillsLive {
public:
    static constexpr std::size_t kMaxPendingTenants = 10'000;

    // Needs database, clock and ledger.
    explicit SkillsLive(const SkillsParts& parts) : parts_(parts) {}

    // The ledger folded something of this tenant (Ledger::on_folded).
    void folded(const std::string& tenant);

    // Run every live_interval_ms; never two at once. Emits skill_metrics_updated for each tenant
    // with changes. An error keeps its changes for the next tick.
    Result<void> tick();

    // Removes messages older than live_keep_hours. Run each hour.
    Result<void> forget_old();

    Result<LiveSnapshot> get_snapshot(const Context& context, const Empty& request);

private:
    struct Told {
        std::int64_t through_id = -1;     // published by this process last
        std::vector<std::string> unsent;  // changed, but the write failed
    };
    Result<void> publish(const std::string& tenant);

    SkillsParts parts_;
    std::map<std::string, Told, std::less<>> told_;  // of tick()
    std::mutex mutex_;
    std::set<std::string, std::less<>> pending_;
};

// Registers the operation and the feed "skills". The schedule is install()'s.
void serve_live(Host& host, SkillsLive& live);

}  // namespace credence::skills
