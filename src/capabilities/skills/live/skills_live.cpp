#include "capabilities/skills/live/skills_live.h"

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "capabilities/skills/live/live_rows.h"
#include "capabilities/skills/state/ledger.h"
#include "engine/store/event.h"

namespace credence::skills {
namespace {

// Events that nobody asked for are nobody's doing.
struct LiveTeller {
    std::string tenant;
    std::string actor = "system";
};

struct LiveLook {
    SkillMetricsUpdated event;
    std::int64_t through_id = 0;
};

}  // namespace

void SkillsLive::folded(const std::string& tenant) {
    const std::scoped_lock lock(mutex_);
    if (pending_.size() < kMaxPendingTenants) {
        pending_.insert(tenant);
    }
}

Result<void> SkillsLive::tick() {
    std::set<std::string, std::less<>> tenants;
    {
        const std::scoped_lock lock(mutex_);
        tenants.swap(pending_);
    }
    Result<void> outcome;
    for (const std::string& tenant : tenants) {
        if (auto published = publish(tenant); !published) {
            folded(tenant);
            outcome = std::move(published);
        }
    }
    return outcome;
}

Result<void> SkillsLive::publish(const std::string& tenant) {
    Told& told = told_[tenant];
    std::vector<std::string> names = std::exchange(told.unsent, {});
    for (std::string& name : parts_.ledger->take_changed(tenant, kMaxLiveChanged)) {
        if (std::ranges::find(names, name) == names.end()) {
            names.push_back(std::move(name));
        }
    }
    if (names.empty()) {
        return {};
    }
    if (names.size() >= kMaxLiveChanged) {
        folded(tenant);  // there may be more
    }
    const std::int64_t now_us = parts_.clock.now_us();
    auto look = parts_.ledger->read(tenant, [&](const SkillState& state) -> Result<LiveLook> {
        LiveLook out;
        out.event.top_skills = busiest_skills(state, now_us, kMaxLiveTop);
        out.event.changed = live_skills(state, names, now_us);
        out.through_id = state.through_id();
        return out;
    });
    if (!look) {
        told.unsent = std::move(names);
        return std::unexpected(std::move(look).error());
    }
    const auto published = parts_.database.write([&](store::Tx& tx) -> Result<bool> {
        if (!TRY(live_rows::claim(tx, {tenant, look->through_id, told.through_id, now_us}))) {
            return false;  // another process has told it
        }
        look->event.anomalies = TRY(live_rows::open_anomalies(tx, tenant, kMaxLiveAnomalies));
        TRY(tx.emit(LiveTeller{tenant}, look->event));
        return true;
    });
    if (!published) {
        told.unsent = std::move(names);
        return std::unexpected(published.error());
    }
    if (*published) {
        told.through_id = look->through_id;
    }
    return {};
}

Result<void> SkillsLive::forget_old() {
    constexpr std::int64_t kAtOnce = 1'000;
    constexpr int kMaxSteps = 1'000;
    const std::int64_t before_us =
        parts_.clock.now_us() - parts_.settings.live_keep_hours * kUsPerHour;
    for (int step = 0; step < kMaxSteps; ++step) {
        const std::int64_t gone = TRY(parts_.database.write([&](store::Tx& tx) {
            return store::EventLog::forget(tx, "skill_metrics_updated", before_us, kAtOnce);
        }));
        if (gone < kAtOnce) {
            break;
        }
    }
    return {};
}

Result<LiveSnapshot> SkillsLive::get_snapshot(const Context& context, const Empty&) {
    LiveSnapshot out;
    out.top_skills = TRY(parts_.ledger->read(
        context.tenant, [&](const SkillState& state) -> Result<std::vector<LiveSkill>> {
            return busiest_skills(state, parts_.clock.now_us(), kMaxLiveTop);
        }));
    out.anomalies = TRY(parts_.database.read([&](store::Tx& tx) {
        return live_rows::open_anomalies(tx, context.tenant, kMaxLiveAnomalies);
    }));
    return out;
}

}  // namespace credence::skills
