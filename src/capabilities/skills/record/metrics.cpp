#include "capabilities/skills/record/metrics.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "capabilities/skills/record/invocations.h"
#include "capabilities/skills/record/metric_rows.h"
#include "capabilities/skills/record/record_check.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/state/ledger.h"
#include "stats/intervals.h"
#include "stats/shrinkage.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kMaxListed = 500;  // skills of one page

std::optional<double> mean_of(double sum, std::int64_t n) {
    return n > 0 ? std::optional(sum / static_cast<double>(n)) : std::nullopt;
}

Figure rate_of(std::int64_t completed, std::int64_t n) {
    const stats::Interval interval = stats::wilson_95(completed, n);
    return {.value = n > 0 ? static_cast<double>(completed) / static_cast<double>(n) : 0.5,
            .n = n,
            .low = interval.low,
            .high = interval.high,
            .method = "wilson_95"};
}

SkillMetrics metrics_of(const metric_rows::Totals& totals) {
    SkillMetrics out;
    out.skill_name = totals.skill_name;
    out.total_invocations = totals.total_invocations;
    out.completed_invocations = totals.completed_invocations;
    out.abandoned_invocations = totals.abandoned_invocations;
    out.completion_rate = rate_of(totals.completed_invocations, totals.total_invocations);
    out.timed_invocations = totals.timed_invocations;
    out.avg_duration_seconds = mean_of(totals.total_duration_seconds, totals.timed_invocations);
    out.avg_selection_rank =
        mean_of(static_cast<double>(totals.selection_rank_sum), totals.ranked_invocations);
    out.rated_invocations = totals.rated_invocations;
    out.avg_rating = mean_of(static_cast<double>(totals.rating_sum), totals.rated_invocations);
    out.first_invoked_at_us = totals.first_invoked_at_us;
    out.last_invoked_at_us = totals.last_invoked_at_us;
    return out;
}

std::vector<PhaseMetrics> phases_of(const SkillState& state, std::string_view skill_name) {
    std::vector<PhaseMetrics> out;
    const auto number = state.find(skill_name);
    if (!number) {
        return out;
    }
    for (const auto& [phase, total] : state.skills()[*number].phases) {
        PhaseMetrics metrics;
        if (!phase.empty()) {
            metrics.workflow_phase = phase;
        }
        metrics.invocations = total.invocations;
        metrics.completion_rate = rate_of(total.completed, total.invocations);
        metrics.avg_duration_seconds = mean_of(total.duration_sum_seconds, total.timed);
        out.push_back(std::move(metrics));
    }
    std::ranges::stable_sort(out, std::ranges::greater(), &PhaseMetrics::invocations);
    return out;
}

RankedSkill ranked(const metric_rows::Standing& standing, double bound) {
    return {.skill_name = standing.skill_name,
            .total_invocations = standing.total_invocations,
            .completed_invocations = standing.completed_invocations,
            .completion_rate = rate_of(standing.completed_invocations, standing.total_invocations),
            .completion_rate_lower_bound = bound,
            .avg_duration_seconds = standing.avg_duration_seconds,
            .last_invoked_at_us = standing.last_invoked_at_us};
}

// Positions of the skills in the order asked for; equals stay in the order of their names.
std::vector<std::size_t> order_of(const std::vector<metric_rows::Standing>& skills,
                                  const std::vector<double>& bounds, SkillOrder order) {
    std::vector<std::size_t> positions(skills.size());
    std::iota(positions.begin(), positions.end(), std::size_t{0});
    switch (order) {
        case SkillOrder::total:
            std::ranges::stable_sort(positions, std::ranges::greater(),
                                     [&](std::size_t i) { return skills[i].total_invocations; });
            break;
        case SkillOrder::completion_rate_lower_bound:
            std::ranges::stable_sort(positions, std::ranges::greater(),
                                     [&](std::size_t i) { return bounds[i]; });
            break;
        case SkillOrder::last_used:
            std::ranges::stable_sort(positions, std::ranges::greater(),
                                     [&](std::size_t i) { return skills[i].last_invoked_at_us; });
            break;
    }
    return positions;
}

}  // namespace

Result<SkillMetrics> Skills::get_skill_metrics(const Context& context, const SkillRef& request) {
    const std::string name =
        TRY(record::clean_name(request.skill_name, kMaxSkillNameBytes, "skill_name"));
    auto out = TRY(parts_.database.read([&](store::Tx& tx) -> Result<SkillMetrics> {
        const auto totals = TRY(metric_rows::find(tx, context.tenant, name));
        if (!totals) {
            return fail(Code::not_found, "this skill was never used", "skill_name");
        }
        SkillMetrics metrics = metrics_of(*totals);
        metrics.workflow_paths =
            TRY(metric_rows::counts(tx, context.tenant, name, "workflow_path"));
        metrics.common_errors = TRY(metric_rows::counts(tx, context.tenant, name, "error_type"));
        metrics.follow_up_actions =
            TRY(metric_rows::counts(tx, context.tenant, name, "follow_up_action"));
        return metrics;
    }));
    if (parts_.ledger != nullptr) {
        out.phases = TRY(parts_.ledger->read(
            context.tenant, [&](const SkillState& state) -> Result<std::vector<PhaseMetrics>> {
                return phases_of(state, name);
            }));
    }
    return out;
}

Result<SkillMetricsList> Skills::list_skill_metrics(const Context& context,
                                                    const ListSkillMetrics& request) {
    const auto skills = TRY(parts_.database.read([&](store::Tx& tx) {
        return metric_rows::all(tx, context.tenant, static_cast<std::int64_t>(kMaxSkills));
    }));
    std::vector<stats::RateCount> rates;
    rates.reserve(skills.size());
    for (const auto& skill : skills) {
        rates.push_back({skill.completed_invocations, skill.total_invocations});
    }
    const stats::BetaShape prior = stats::fit_rate_prior(rates).value_or(stats::kNoRatePrior);
    const auto bound_of = [&](std::size_t i) { return stats::rate_lower_bound(rates[i], prior); };
    std::vector<double> bounds(skills.size());
    if (request.order_by == SkillOrder::completion_rate_lower_bound) {
        for (std::size_t i = 0; i < skills.size(); ++i) {
            bounds[i] = bound_of(i);
        }
    }
    const auto order = order_of(skills, bounds, request.order_by);
    const auto begin = static_cast<std::size_t>(
        std::clamp<std::int64_t>(request.cursor.value_or(0), 0, std::ssize(order)));
    const auto limit =
        static_cast<std::size_t>(std::clamp<std::int64_t>(request.limit, 1, kMaxListed));
    const std::size_t end = std::min(order.size(), begin + limit);
    SkillMetricsList out;
    out.total_skills = std::ssize(order);
    for (std::size_t i = begin; i < end; ++i) {
        out.skills.push_back(ranked(skills[order[i]], bound_of(order[i])));
    }
    if (end < order.size()) {
        out.next_cursor = static_cast<std::int64_t>(end);
    }
    return out;
}

}  // namespace credence::skills
