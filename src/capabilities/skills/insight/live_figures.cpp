#include "capabilities/skills/insight/live_figures.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "capabilities/skills/insight/windows.h"
#include "stats/intervals.h"

namespace credence::skills {
namespace {

struct Counted {
    const SkillFigures* skill = nullptr;
    Cell total;
};

bool used_more(const Counted& a, const Counted& b) {
    return a.total.invocations != b.total.invocations ? a.total.invocations > b.total.invocations
                                                      : a.skill->name < b.skill->name;
}

TopSkill top_skill_of(const Counted& counted) {
    PhaseTotal lifetime;
    for (const auto& [phase, total] : counted.skill->phases) {
        lifetime.invocations += total.invocations;
        lifetime.completed += total.completed;
    }
    TopSkill out{
        .skill_name = counted.skill->name,
        .invocation_count = counted.total.invocations,
        .completed_count = counted.total.completed,
        .completion_rate = *rate_figure(counted.total.completed, counted.total.invocations),
        .avg_duration_seconds = mean_seconds(counted.total),
        .last_invocation_at_us = counted.skill->last_invoked_at_us,
        .completion_rate_lifetime = std::nullopt};
    if (lifetime.invocations > 0) {
        out.completion_rate_lifetime =
            static_cast<double>(lifetime.completed) / static_cast<double>(lifetime.invocations);
    }
    return out;
}

}  // namespace

std::optional<Figure> rate_figure(std::int64_t completed, std::int64_t runs) {
    if (runs == 0) {
        return std::nullopt;
    }
    const stats::Interval interval = stats::wilson_95(completed, runs);
    return Figure{.value = static_cast<double>(completed) / static_cast<double>(runs),
                  .n = runs,
                  .low = interval.low,
                  .high = interval.high,
                  .method = "wilson_95"};
}

std::optional<double> mean_seconds(const Cell& cell) {
    if (cell.timed == 0) {
        return std::nullopt;
    }
    return cell.duration_sum_seconds / static_cast<double>(cell.timed);
}

RealTimeMetrics live_figures(const SkillState& state, const GetRealTimeMetrics& request,
                             std::int64_t now_us) {
    const bool by_minutes = request.time_window_hours <= kMaxHoursByMinutes;
    const auto window_us = static_cast<std::int64_t>(
        std::llround(request.time_window_hours * static_cast<double>(kUsPerHour)));
    RealTimeMetrics out;
    out.window_start_at_us = floor_to(now_us - window_us, by_minutes ? kUsPerMinute : kUsPerHour);
    out.window_end_at_us = now_us;
    std::vector<Counted> used;
    for (const SkillFigures& skill : state.skills()) {
        if (skill.last_invoked_at_us < out.window_start_at_us) {
            continue;
        }
        const Cell total = sum_of(cells_between(by_minutes ? skill.minutes : skill.hours,
                                                out.window_start_at_us, now_us + 1));
        if (total.invocations > 0) {
            out.invocation_count += total.invocations;
            used.push_back({&skill, total});
        }
    }
    out.active_skills = std::ssize(used);
    const auto shown = std::min(used.size(), static_cast<std::size_t>(request.limit));
    std::ranges::partial_sort(used, used.begin() + static_cast<std::ptrdiff_t>(shown), used_more);
    used.resize(shown);
    std::ranges::transform(used, std::back_inserter(out.top_skills), top_skill_of);
    return out;
}

}  // namespace credence::skills
