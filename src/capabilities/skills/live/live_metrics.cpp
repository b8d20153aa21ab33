#include "capabilities/skills/live/live_metrics.h"

#include <algorithm>

#include "base/units.h"
#include "stats/intervals.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kLiveWindowUs = 60 * kUsPerMinute;

std::int64_t runs_since(const SkillFigures& skill, std::int64_t from_us, std::int64_t to_us) {
    std::int64_t runs = 0;
    for (auto cell = skill.minutes.rbegin(); cell != skill.minutes.rend() && cell->at_us > from_us;
         ++cell) {
        runs += cell->at_us <= to_us ? cell->invocations : 0;
    }
    return runs;
}

struct BusySkill {
    const SkillFigures* skill;
    std::int64_t runs;
};

}  // namespace

LiveSkill live_skill(const SkillFigures& skill, std::int64_t now_us) {
    LiveSkill out;
    out.skill_name = skill.name;
    out.invocation_count = runs_since(skill, now_us - kLiveWindowUs, now_us);
    out.last_invocation_at_us = skill.last_invoked_at_us;
    std::int64_t completed = 0;
    std::int64_t timed = 0;
    double duration_sum_seconds = 0;
    for (const auto& [phase, total] : skill.phases) {
        out.total_invocations += total.invocations;
        completed += total.completed;
        timed += total.timed;
        duration_sum_seconds += total.duration_sum_seconds;
    }
    if (timed > 0) {
        out.avg_duration_seconds = duration_sum_seconds / static_cast<double>(timed);
    }
    const stats::Interval interval = stats::wilson_95(completed, out.total_invocations);
    out.completion_rate = {
        .value = out.total_invocations > 0
                     ? static_cast<double>(completed) / static_cast<double>(out.total_invocations)
                     : 0,
        .n = out.total_invocations,
        .low = interval.low,
        .high = interval.high,
        .method = "wilson_95"};
    return out;
}

std::vector<LiveSkill> busiest_skills(const SkillState& state, std::int64_t now_us,
                                      std::size_t limit) {
    std::vector<BusySkill> busy;
    for (const SkillFigures& skill : state.skills()) {
        if (skill.last_invoked_at_us <= now_us - kLiveWindowUs) {
            continue;
        }
        if (const std::int64_t runs = runs_since(skill, now_us - kLiveWindowUs, now_us); runs > 0) {
            busy.push_back({&skill, runs});
        }
    }
    const std::size_t count = std::min(limit, busy.size());
    std::partial_sort(busy.begin(), busy.begin() + static_cast<std::ptrdiff_t>(count), busy.end(),
                      [](const BusySkill& a, const BusySkill& b) {
                          return a.runs != b.runs ? a.runs > b.runs : a.skill->name < b.skill->name;
                      });
    std::vector<LiveSkill> out;
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(live_skill(*busy[i].skill, now_us));
    }
    return out;
}

std::vector<LiveSkill> live_skills(const SkillState& state, std::span<const std::string> names,
                                   std::int64_t now_us) {
    std::vector<LiveSkill> out;
    out.reserve(names.size());
    for (const std::string& name : names) {
        if (const auto number = state.find(name)) {
            out.push_back(live_skill(state.skills()[*number], now_us));
        }
    }
    return out;
}

void describe(Describe<LiveSkill>& d) {
    d.field<&LiveSkill::skill_name>("Its name");
    d.field<&LiveSkill::invocation_count>("Runs that began in the last hour, by whole minutes");
    d.field<&LiveSkill::total_invocations>("Runs of all time");
    d.field<&LiveSkill::completion_rate>("Share of all runs that completed");
    d.field<&LiveSkill::avg_duration_seconds>(
        "Mean of completed runs with a known duration; left out when there are none");
    d.field<&LiveSkill::last_invocation_at_us>("When the newest run began");
}

void describe(Describe<LiveAnomaly>& d) {
    d.field<&LiveAnomaly::id>("The anomaly");
    d.field<&LiveAnomaly::skill_name>("Whose");
    d.field<&LiveAnomaly::metric>("completion_rate, volume or duration");
    d.field<&LiveAnomaly::anomaly_type>("performance_drop, performance_spike or pattern_shift");
    d.field<&LiveAnomaly::detected_at_us>("When it was found");
    d.field<&LiveAnomaly::baseline_value>("What was usual");
    d.field<&LiveAnomaly::observed_value>("What was seen");
    d.field<&LiveAnomaly::deviation_score>("How far out, in standard normal units");
    d.field<&LiveAnomaly::adjusted_p>("After correction for all skills tested together");
}

void describe(Describe<LiveSnapshot>& d) {
    d.field<&LiveSnapshot::top_skills>("Most used in the last hour, at most 10");
    d.field<&LiveSnapshot::anomalies>("Open ones, newest first, at most 10");
}

void describe(Describe<SkillMetricsUpdated>& d) {
    d.field<&SkillMetricsUpdated::top_skills>("Most used in the last hour, at most 10");
    d.field<&SkillMetricsUpdated::changed>("Skills with new runs since the last event");
    d.field<&SkillMetricsUpdated::anomalies>("Open ones, newest first, at most 10");
}

}  // namespace credence::skills
