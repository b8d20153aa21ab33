#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/units.h"
#include "capabilities/skills/insight/live_figures.h"
#include "capabilities/skills/insight/phases.h"
#include "stats/median.h"

namespace credence::skills {
namespace {

std::string shown_phase(const std::string& phase) {
    return phase.empty() ? kUnknownPhase : phase;
}

std::optional<double> mean_of(const PhaseTotal& total) {
    if (total.timed == 0) {
        return std::nullopt;
    }
    return total.duration_sum_seconds / static_cast<double>(total.timed);
}

void add_total(PhaseTotal& sum, const PhaseTotal& total) {
    sum.invocations += total.invocations;
    sum.completed += total.completed;
    sum.timed += total.timed;
    sum.duration_sum_seconds += total.duration_sum_seconds;
}

struct PhaseSum {
    PhaseTotal total;
    std::vector<PhaseSkill> skills;
};

void add_skill(std::map<std::string, PhaseSum>& phases, const SkillFigures& skill,
               const GetPhaseEffectiveness& request) {
    for (const auto& [name, total] : skill.phases) {
        const std::string phase = shown_phase(name);
        const bool asked = !request.workflow_phase || *request.workflow_phase == phase;
        if (!asked || total.invocations < request.min_invocations) {
            continue;
        }
        PhaseSum& sum = phases[phase];
        add_total(sum.total, total);
        sum.skills.push_back({skill.name, total.invocations, total.completed,
                              *rate_figure(total.completed, total.invocations), mean_of(total)});
    }
}

PhaseFigures figures_of_phase(const std::string& phase, PhaseSum sum) {
    std::ranges::sort(sum.skills, [](const PhaseSkill& a, const PhaseSkill& b) {
        return std::tuple(-a.completion_rate.low, -a.invocation_count, a.skill_name) <
               std::tuple(-b.completion_rate.low, -b.invocation_count, b.skill_name);
    });
    return {.workflow_phase = phase,
            .invocation_count = sum.total.invocations,
            .completed_count = sum.total.completed,
            .unique_skills = std::ssize(sum.skills),
            .completion_rate = *rate_figure(sum.total.completed, sum.total.invocations),
            .avg_duration_seconds = mean_of(sum.total),
            .skills = std::move(sum.skills)};
}

// At most kMaxPhaseRows skills in all.
void bound_rows(PhaseEffectiveness& answer) {
    auto left = static_cast<std::size_t>(kMaxPhaseRows);
    for (PhaseFigures& phase : answer.phases) {
        if (phase.skills.size() > left) {
            phase.skills.resize(left);
            answer.complete = false;
        }
        left -= phase.skills.size();
    }
    if (std::ssize(answer.phases) > kMaxPhaseRows) {
        answer.phases.resize(static_cast<std::size_t>(kMaxPhaseRows));
        answer.complete = false;
    }
}

struct Passage {
    std::int64_t count = 0;
    std::map<std::string, std::int64_t> skills;  // of the second invocation
    std::vector<double> gaps_s;
};

PhaseTransition transition_of(const std::pair<std::string, std::string>& phases,
                              const Passage& passage, std::int64_t total) {
    const auto common = std::ranges::max_element(passage.skills, {},
                                                 [](const auto& entry) { return entry.second; });
    return {.from_phase = phases.first,
            .to_phase = phases.second,
            .self_transition = phases.first == phases.second,
            .count = passage.count,
            .share = static_cast<double>(passage.count) / static_cast<double>(total),
            .most_common_skill = common->first,
            .median_gap_seconds = stats::median_of(passage.gaps_s)};
}

}  // namespace

PhaseEffectiveness phase_effectiveness(const SkillState& state,
                                       const GetPhaseEffectiveness& request) {
    std::map<std::string, PhaseSum> phases;
    if (request.skill_name) {
        if (const auto number = state.find(*request.skill_name)) {
            add_skill(phases, state.skills()[*number], request);
        }
    } else {
        for (const SkillFigures& skill : state.skills()) {
            add_skill(phases, skill, request);
        }
    }
    PhaseEffectiveness answer;
    for (auto& [phase, sum] : phases) {
        answer.phases.push_back(figures_of_phase(phase, std::move(sum)));
    }
    std::ranges::stable_sort(answer.phases, std::ranges::greater(),
                             &PhaseFigures::invocation_count);
    bound_rows(answer);
    return answer;
}

Bottlenecks bottlenecks_of(const SkillState& state, const FindBottlenecks& request) {
    Bottlenecks answer;
    for (const SkillFigures& skill : state.skills()) {
        for (const auto& [phase, total] : skill.phases) {
            if (total.invocations < std::max<std::int64_t>(1, request.min_invocations)) {
                continue;
            }
            ++answer.examined;
            const std::int64_t abandoned = total.invocations - total.completed;
            Figure rate = *rate_figure(abandoned, total.invocations);
            if (rate.value < request.min_abandonment_rate) {
                continue;
            }
            if (rate.low < request.min_abandonment_rate) {
                ++answer.suspected;
                continue;
            }
            answer.bottlenecks.push_back({shown_phase(phase), skill.name, total.invocations,
                                          abandoned, std::move(rate), mean_of(total)});
        }
    }
    std::ranges::sort(answer.bottlenecks, [](const Bottleneck& a, const Bottleneck& b) {
        return std::tuple(-a.abandonment_rate.low, a.workflow_phase, a.skill_name) <
               std::tuple(-b.abandonment_rate.low, b.workflow_phase, b.skill_name);
    });
    if (std::ssize(answer.bottlenecks) > request.limit) {
        answer.bottlenecks.resize(static_cast<std::size_t>(request.limit));
    }
    return answer;
}

PhaseTransitions transitions_of(const std::vector<PhaseStep>& steps, std::int64_t limit) {
    std::map<std::pair<std::string, std::string>, Passage> passages;
    PhaseTransitions answer;
    for (std::size_t i = 1; i < steps.size(); ++i) {
        const PhaseStep& before = steps[i - 1];
        const PhaseStep& after = steps[i];
        if (before.session_id != after.session_id) {
            continue;
        }
        Passage& passage = passages[{before.workflow_phase, after.workflow_phase}];
        ++passage.count;
        ++passage.skills[after.skill_name];
        passage.gaps_s.push_back(static_cast<double>(after.invoked_at_us - before.invoked_at_us) /
                                 static_cast<double>(kUsPerSecond));
        ++answer.total;
    }
    for (const auto& [phases, passage] : passages) {
        answer.transitions.push_back(transition_of(phases, passage, answer.total));
    }
    std::ranges::stable_sort(answer.transitions, std::ranges::greater(), &PhaseTransition::count);
    if (std::ssize(answer.transitions) > limit) {
        answer.transitions.resize(static_cast<std::size_t>(limit));
    }
    return answer;
}

}  // namespace credence::skills
