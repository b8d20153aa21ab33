// Baselines and trends of whole families of skills, kept so that a look costs tests only.
//
// Baselines hold until the hour turns, trends until midnight; a late row of an older hour is
// noticed (windows.h: runs_before) and only its skill is fitted again. Fitting takes 3 ms a skill
// and runs outside the ledger's lock; two callers who want the same family wait for one fit. For
// kGraceMinutes after the turn of the hour looks go on with the baselines of the hour before, so
// that nobody waits where refresh() is scheduled.
//
// Thread-safe. At most kMaxFamilies of each kind are kept, the one idle longest leaves. Memory:
// 2 KB a skill and family of baselines; 48 bytes a skill and day and 0.5 KB a skill for trends.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "capabilities/skills/insight/family_tests.h"
#include "capabilities/skills/insight/trend_fit.h"
#include "capabilities/skills/skills_parts.h"

namespace credence::skills {

class Ledger;

// How to look: at the last recent_hours up to now, or at the closed hour that begins at
// closed_hour_us (recent_hours is 1 then), against baseline_hours before.
struct LookRequest {
    std::int64_t baseline_hours = 0;
    std::int64_t recent_hours = 1;
    std::int64_t closed_hour_us = 0;  // 0: up to now
};

struct Judgement {
    std::shared_ptr<const Family> family;
    Look look;
    FamilyTests tests;
};

struct TrendFamily {
    TrendWindow window;
    stats::DispersionPrior prior;
    std::vector<SkillDays> skills;   // by number
    std::vector<SkillTrend> trends;  // the same order; without change points
};

class Baselines {
public:
    static constexpr std::size_t kMaxFamilies = 256;
    static constexpr std::size_t kMaxTestedSkills = 10'000;  // of a tenant; further ones: unknown
    static constexpr std::int64_t kIdleHours = 2;            // then refresh() leaves a family alone
    static constexpr std::int64_t kGraceMinutes = 10;

    Baselines(Ledger& ledger, store::Database& database, const Clock& clock,
              const SkillsSettings& settings);
    ~Baselines();

    Result<Judgement> judge(std::string_view tenant, const LookRequest& request);
    // The false discovery rate of the settings, and their baseline in hours.
    double false_discovery_rate() const { return settings_.anomaly_false_discovery_rate; }
    std::int64_t baseline_hours() const;

    // Windows longer than the fold keeps (69 whole days) read the stored hours: a second for
    // 1,000 skills and a year, once a day and after late rows.
    Result<std::shared_ptr<const TrendFamily>> trends(std::string_view tenant, TrendMetric metric,
                                                      std::int64_t window_days);

    // Fits what was asked for lately and the turn of the hour has made old. Run every 30 seconds.
    Result<void> refresh();

private:
    struct Pending;
    struct Collected;
    struct Slot {
        std::mutex fitting;
        std::shared_ptr<const Family> family;  // guarded by mutex_
        std::int64_t used_at_us = 0;           // guarded by mutex_
    };
    struct TrendSlot {
        std::mutex fitting;
        std::shared_ptr<const TrendFamily> family;
        std::int64_t used_at_us = 0;  // guarded by mutex_
    };
    using Key = std::tuple<std::string, std::int64_t, std::int64_t>;  // tenant, two lengths

    // The slot of the key, made when it is new; the least recently used one makes room.
    template <class Map>
    typename Map::mapped_type slot_in(Map& slots, const Key& key) {
        auto found = slots.find(key);
        if (found == slots.end()) {
            if (slots.size() >= kMaxFamilies) {
                slots.erase(std::ranges::min_element(
                    slots, {}, [](const auto& entry) { return entry.second->used_at_us; }));
            }
            using Made = typename Map::mapped_type::element_type;
            found = slots.emplace(key, std::make_shared<Made>()).first;
        }
        found->second->used_at_us = clock_.now_us();
        return found->second;
    }

    BaselineWindow window_of(const LookRequest& request) const;
    // By what is known already, or nothing if that must be fitted first.
    Result<std::optional<Collected>> collect_known(std::string_view tenant, Slot& slot,
                                                   const LookRequest& request);
    // Fits what is missing.
    Result<Collected> prepare(std::string_view tenant, Slot& slot, const LookRequest& request);
    Result<Collected> collect(std::string_view tenant, const Family* known,
                              const BaselineWindow& window, const Look& look);
    Look look_of(const LookRequest& request, const BaselineWindow& window) const;
    std::shared_ptr<const Family> family_of(const Slot& slot);
    static std::shared_ptr<const Family> fitted(const Family* known, const BaselineWindow& window,
                                                const Collected& collected);
    Result<bool> trends_hold(std::string_view tenant, const TrendFamily& family);
    Result<std::vector<SkillDays>> collect_days(std::string_view tenant, const TrendWindow& window);

    Ledger& ledger_;
    store::Database& database_;
    const Clock& clock_;
    const SkillsSettings& settings_;
    std::mutex mutex_;
    std::map<Key, std::shared_ptr<Slot>> slots_;
    std::map<Key, std::shared_ptr<TrendSlot>> trend_slots_;
};

}  // namespace credence::skills
