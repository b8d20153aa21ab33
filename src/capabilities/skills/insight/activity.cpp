#include "capabilities/skills/insight/activity.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <utility>

#include "capabilities/skills/insight/anomaly_rows.h"
#include "capabilities/skills/insight/hour_rows.h"
#include "capabilities/skills/insight/live_figures.h"
#include "capabilities/skills/insight/windows.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/state/ledger.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kMaxShownAnomalies = 100;
constexpr const char* kAllSkills = "all";

// Hours of one skill, or of all of them added up.
Result<std::vector<Cell>> hours_of_state(const SkillState& state,
                                         const std::optional<std::string>& skill_name,
                                         std::int64_t from_us, std::int64_t to_us) {
    if (skill_name) {
        const auto number = state.find(*skill_name);
        if (!number) {
            return fail(Code::not_found, "no such skill was ever used", "skill_name");
        }
        const auto cells = cells_between(state.skills()[*number].hours, from_us, to_us);
        return std::vector<Cell>(cells.begin(), cells.end());
    }
    std::map<std::int64_t, Cell> hours;
    for (const SkillFigures& skill : state.skills()) {
        for (const Cell& cell : cells_between(skill.hours, from_us, to_us)) {
            add_cell(hours[cell.at_us], cell);
        }
    }
    std::vector<Cell> out;
    out.reserve(hours.size());
    for (auto& [at_us, cell] : hours) {
        cell.at_us = at_us;
        out.push_back(cell);
    }
    return out;
}

using SessionsByHour = std::unordered_map<std::int64_t, std::int64_t>;

std::vector<SkillHour> newest_first(const std::vector<Cell>& cells, const std::string& name,
                                    const SessionsByHour& sessions) {
    std::vector<SkillHour> out;
    out.reserve(cells.size());
    for (auto cell = cells.rbegin(); cell != cells.rend(); ++cell) {
        SkillHour hour{.hour_timestamp_us = cell->at_us,
                       .skill_name = name,
                       .invocation_count = cell->invocations,
                       .completion_rate = rate_figure(cell->completed, cell->invocations),
                       .avg_duration_seconds = mean_seconds(*cell),
                       .unique_sessions = std::nullopt};
        if (const auto found = sessions.find(cell->at_us); found != sessions.end()) {
            hour.unique_sessions = found->second;
        }
        out.push_back(std::move(hour));
    }
    return out;
}

std::vector<Cell> with_empty_hours(const std::vector<Cell>& cells, std::int64_t from_us,
                                   std::int64_t to_us) {
    std::vector<Cell> out;
    auto cell = cells.begin();
    for (std::int64_t at_us = from_us; at_us < to_us; at_us += kUsPerHour) {
        const bool known = cell != cells.end() && cell->at_us == at_us;
        out.push_back(known ? *cell++ : Cell{.at_us = at_us});
    }
    return out;
}

}  // namespace

Result<RealTimeMetrics> Skills::get_real_time_metrics(const Context& context,
                                                      const GetRealTimeMetrics& request) {
    const std::int64_t now_us = parts_.clock.now_us();
    RealTimeMetrics out = TRY(parts_.ledger->read(
        context.tenant, [&](const SkillState& state) -> Result<RealTimeMetrics> {
            return live_figures(state, request, now_us);
        }));
    auto rows = TRY(parts_.database.read([&](store::Tx& tx) {
        return anomaly_rows::list(tx, context.tenant,
                                  {.open_only = true, .limit = kMaxShownAnomalies});
    }));
    for (auto& row : rows) {
        out.anomalies.push_back(anomaly_rows::stored_of(std::move(row)));
    }
    return out;
}

Result<HourlyMetrics> Skills::get_hourly_metrics(const Context& context,
                                                 const GetHourlyMetrics& request) {
    const std::int64_t open_us = floor_to(parts_.clock.now_us(), kUsPerHour);
    const std::int64_t to_us = open_us + kUsPerHour;
    const std::int64_t from_us = to_us - request.hours * kUsPerHour;
    auto cells = TRY(parts_.ledger->read(context.tenant, [&](const SkillState& state) {
        return hours_of_state(state, request.skill_name, from_us, to_us);
    }));
    SessionsByHour sessions;
    if (request.skill_name) {
        const auto rows = TRY(parts_.database.read([&](store::Tx& tx) {
            return hour_rows::sessions_by_hour(
                tx, context.tenant,
                {.skill_name = *request.skill_name, .from_us = from_us, .to_us = open_us});
        }));
        for (const auto& row : rows) {
            sessions.emplace(row.timestamp_us, row.unique_sessions);
        }
    }
    if (request.include_empty) {
        cells = with_empty_hours(cells, from_us, to_us);
    }
    return HourlyMetrics{newest_first(cells, request.skill_name.value_or(kAllSkills), sessions)};
}

}  // namespace credence::skills
