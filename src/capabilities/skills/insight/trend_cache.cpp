// Baselines, the part that keeps trends.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "capabilities/skills/insight/baseline_cache.h"
#include "capabilities/skills/insight/hour_rows.h"
#include "capabilities/skills/insight/windows.h"
#include "capabilities/skills/state/ledger.h"

namespace credence::skills {
namespace {

// Refit with the prior they have, unless that many have changed.
constexpr std::size_t kFewOf = 10;

// The first midnight of which the fold keeps the whole day.
std::int64_t first_kept_day_us(const SkillState& state) {
    const std::int64_t kept_us = state.newest_at_us() - SkillState::kHoursKept * kUsPerHour;
    return floor_to(kept_us, kUsPerDay) + 2 * kUsPerDay;
}

SkillDays days_in_window(const SkillFigures& skill, const TrendWindow& window,
                         std::int64_t from_us) {
    SkillDays out{.skill_name = skill.name,
                  .first_us = skill.hours.empty() ? 0 : skill.hours.front().at_us,
                  .runs_before = runs_before(skill, window.end_us),
                  .days = days_of(cells_between(skill.hours, from_us, window.end_us))};
    return out;
}

void put_before(std::vector<SkillDays>& skills, std::vector<hour_rows::SkillDay> older) {
    std::unordered_map<std::string_view, std::size_t> numbers;
    for (std::size_t i = 0; i < skills.size(); ++i) {
        numbers.emplace(skills[i].skill_name, i);
    }
    std::unordered_map<std::size_t, std::vector<Cell>> days;
    for (const hour_rows::SkillDay& day : older) {
        const auto found = numbers.find(day.skill_name);
        if (found != numbers.end()) {
            days[found->second].push_back(hour_rows::cell_of(day));
        }
    }
    for (auto& [number, before] : days) {
        SkillDays& skill = skills[number];
        skill.first_us = before.front().at_us;
        skill.days.insert(skill.days.begin(), before.begin(), before.end());
    }
}

bool same_days(const SkillDays& a, const SkillDays& b) {
    return a.runs_before == b.runs_before && a.skill_name == b.skill_name;
}

std::shared_ptr<TrendFamily> made_anew(const TrendWindow& window, std::vector<SkillDays> skills) {
    auto family = std::make_shared<TrendFamily>();
    family->window = window;
    family->prior = trend_prior(skills, window);
    family->trends.reserve(skills.size());
    for (const SkillDays& skill : skills) {
        family->trends.push_back(fit_trend(skill, window, family->prior));
    }
    family->skills = std::move(skills);
    return family;
}

std::shared_ptr<TrendFamily> with_changes(const TrendFamily& known, std::vector<SkillDays> skills,
                                          const std::vector<std::size_t>& changed) {
    auto family = std::make_shared<TrendFamily>(known);
    family->skills = std::move(skills);
    family->trends.resize(family->skills.size());
    for (const std::size_t number : changed) {
        family->trends[number] = fit_trend(family->skills[number], family->window, family->prior);
    }
    return family;
}

std::vector<std::size_t> changes(const TrendFamily* known, const std::vector<SkillDays>& skills) {
    std::vector<std::size_t> changed;
    for (std::size_t i = 0; i < skills.size(); ++i) {
        if (known == nullptr || i >= known->skills.size() ||
            !same_days(known->skills[i], skills[i])) {
            changed.push_back(i);
        }
    }
    return changed;
}

}  // namespace

Result<bool> Baselines::trends_hold(std::string_view tenant, const TrendFamily& family) {
    return ledger_.read(tenant, [&](const SkillState& state) -> Result<bool> {
        const auto& skills = state.skills();
        if (skills.size() < family.skills.size()) {
            return false;
        }
        for (std::size_t i = 0; i < skills.size(); ++i) {
            const std::int64_t before = runs_before(skills[i], family.window.end_us);
            const bool known = i < family.skills.size();
            if (known ? before != family.skills[i].runs_before ||
                            skills[i].name != family.skills[i].skill_name
                      : before != 0) {
                return false;
            }
        }
        return true;
    });
}

Result<std::vector<SkillDays>> Baselines::collect_days(std::string_view tenant,
                                                       const TrendWindow& window) {
    std::int64_t from_us = window.begin_us;
    auto skills =
        TRY(ledger_.read(tenant, [&](const SkillState& state) -> Result<std::vector<SkillDays>> {
            from_us = std::max(window.begin_us, first_kept_day_us(state));
            std::vector<SkillDays> out;
            out.reserve(state.skills().size());
            for (const SkillFigures& skill : state.skills()) {
                out.push_back(days_in_window(skill, window, from_us));
            }
            return out;
        }));
    if (from_us > window.begin_us) {
        put_before(skills, TRY(database_.read([&](store::Tx& tx) {
                       return hour_rows::days_between(tx, tenant, window.begin_us, from_us);
                   })));
    }
    return skills;
}

Result<std::shared_ptr<const TrendFamily>> Baselines::trends(std::string_view tenant,
                                                             TrendMetric metric,
                                                             std::int64_t window_days) {
    std::shared_ptr<TrendSlot> slot;
    {
        const std::lock_guard lock(mutex_);
        slot = slot_in(trend_slots_,
                       {std::string(tenant), static_cast<std::int64_t>(metric), window_days});
    }
    const std::lock_guard lock(slot->fitting);
    const TrendWindow window = trend_window(metric, window_days, clock_.now_us());
    const bool usable = slot->family && slot->family->window == window;
    if (usable && TRY(trends_hold(tenant, *slot->family))) {
        return slot->family;
    }
    auto skills = TRY(collect_days(tenant, window));
    const TrendFamily* const known = usable ? slot->family.get() : nullptr;
    const auto changed = changes(known, skills);
    slot->family = known != nullptr && changed.size() * kFewOf <= skills.size()
                       ? with_changes(*known, std::move(skills), changed)
                       : made_anew(window, std::move(skills));
    return slot->family;
}

}  // namespace credence::skills
