#include "capabilities/skills/people/community_counts.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>

#include "stats/shrinkage.h"

namespace credence::skills {
namespace {

constexpr std::uint32_t kNotTold = std::numeric_limits<std::uint32_t>::max();

SkillCounts totals_of(const SkillFigures& figures) {
    SkillCounts counts{.skill_name = figures.name, .last_at_us = figures.last_invoked_at_us};
    std::int64_t most = 0;
    for (const auto& [phase, total] : figures.phases) {
        counts.timed += total.timed;
        counts.duration_sum_seconds += total.duration_sum_seconds;
        if (!phase.empty() && total.invocations > most) {
            most = total.invocations;
            counts.top_phase = phase;
        }
    }
    return counts;
}

// Positions in the fold of the skills to tell of, most users first.
std::vector<std::uint32_t> told_skills(const SkillState& state,
                                       const std::vector<std::int64_t>& users,
                                       std::int64_t min_users) {
    std::vector<std::uint32_t> told;
    for (std::uint32_t skill = 0; skill < users.size(); ++skill) {
        if (users[skill] >= std::max<std::int64_t>(1, min_users)) {
            told.push_back(skill);
        }
    }
    std::ranges::sort(told, [&](std::uint32_t left, std::uint32_t right) {
        return users[left] != users[right] ? users[left] > users[right]
                                           : state.skills()[left].name < state.skills()[right].name;
    });
    told.resize(std::min(told.size(), kMaxCommunitySkills));
    return told;
}

// The sources of one skill while they are added up.
struct MergingBaseline {
    CommunityBaseline told;
    std::int64_t completed = 0;
    double duration_weight = 0;
    double duration_sum = 0;
    std::int64_t phase_users = 0;
};

void add_source(MergingBaseline& merging, const BaselineRow& row) {
    CommunityBaseline& told = merging.told;
    told.skill_name = row.skill_name;
    told.total_users += row.total_users;
    told.total_invocations += row.total_invocations;
    merging.completed += row.completed_invocations;
    if (row.global_avg_duration_seconds && row.completed_invocations > 0) {
        const auto weight = static_cast<double>(row.completed_invocations);
        merging.duration_weight += weight;
        merging.duration_sum += weight * *row.global_avg_duration_seconds;
    }
    if (row.most_common_workflow_phase && row.total_users > merging.phase_users) {
        merging.phase_users = row.total_users;
        told.most_common_workflow_phase = row.most_common_workflow_phase;
    }
    told.sources.push_back(row.source);
    told.last_updated_at_us = std::max(told.last_updated_at_us, row.last_updated_at_us);
}

BaselineRow local_row(const SkillCounts& counts) {
    BaselineRow row{.skill_name = counts.skill_name,
                    .source = "local",
                    .total_users = counts.users,
                    .total_invocations = counts.invocations,
                    .completed_invocations = counts.completed,
                    .last_updated_at_us = counts.last_at_us};
    if (counts.timed > 0) {
        row.global_avg_duration_seconds =
            counts.duration_sum_seconds / static_cast<double>(counts.timed);
    }
    if (!counts.top_phase.empty()) {
        row.most_common_workflow_phase = counts.top_phase;
    }
    return row;
}

}  // namespace

std::int64_t count_interactions(const SkillState& state) {
    std::int64_t interactions = 0;
    for (const SkillFigures& skill : state.skills()) {
        for (const auto& [phase, total] : skill.phases) {
            interactions += total.invocations;
        }
    }
    return interactions;
}

CommunityCounts count_community(const SkillState& state, std::int64_t min_users) {
    std::vector<std::int64_t> users(state.skills().size());
    for (const UserFigures& user : state.users()) {
        for (const UserSkill& used : user.skills) {
            users.at(used.skill) += used.invocations > 0 ? 1 : 0;
        }
    }
    CommunityCounts counts{.interactions = count_interactions(state)};
    std::vector<std::uint32_t> items(users.size(), kNotTold);
    std::size_t rows = 0;
    for (const std::uint32_t skill : told_skills(state, users, min_users)) {
        items[skill] = static_cast<std::uint32_t>(counts.skills.size());
        counts.skills.push_back(totals_of(state.skills()[skill]));
        counts.skills.back().users = users[skill];
        rows += static_cast<std::size_t>(users[skill]);
    }
    counts.feedback.reserve(rows);
    for (std::uint32_t user = 0; user < state.users().size(); ++user) {
        for (const UserSkill& used : state.users()[user].skills) {
            const std::uint32_t item = items[used.skill];
            if (item != kNotTold && used.invocations > 0) {
                counts.skills[item].invocations += used.invocations;
                counts.skills[item].completed += used.completed;
                counts.feedback.push_back({.user = user,
                                           .item = item,
                                           .successes = used.completed,
                                           .n = used.invocations,
                                           .last_at_us = used.last_at_us});
            }
        }
    }
    return counts;
}

std::optional<std::vector<OwnSkill>> skills_of(const SkillState& state,
                                               std::string_view user_hash) {
    const std::optional<std::uint32_t> user = state.find_user(user_hash);
    if (!user) {
        return std::nullopt;
    }
    std::vector<OwnSkill> own;
    for (const UserSkill& used : state.users()[*user].skills) {
        if (used.invocations > 0) {
            own.push_back({.skill_name = state.skills()[used.skill].name,
                           .invocations = used.invocations,
                           .completed = used.completed,
                           .last_at_us = used.last_at_us});
        }
    }
    return own;
}

std::vector<double> mid_ranks(const std::vector<double>& bounds) {
    std::vector<std::size_t> order(bounds.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&bounds](std::size_t position) { return bounds[position]; });
    std::vector<double> ranks(bounds.size());
    for (std::size_t from = 0; from < order.size();) {
        std::size_t to = from;
        while (to < order.size() && bounds[order[to]] == bounds[order[from]]) {
            ++to;
        }
        const double middle = static_cast<double>(from + to) / 2;
        for (; from < to; ++from) {
            ranks[order[from]] = middle / static_cast<double>(order.size());
        }
    }
    return ranks;
}

std::vector<CommunityBaseline> merge_baselines(const std::vector<SkillCounts>& local,
                                               const std::vector<BaselineRow>& imported) {
    std::map<std::string, MergingBaseline, std::less<>> merging;
    for (const SkillCounts& counts : local) {
        add_source(merging[counts.skill_name], local_row(counts));
    }
    for (const BaselineRow& row : imported) {
        add_source(merging[row.skill_name], row);
    }
    std::vector<stats::RateCount> rates;
    rates.reserve(merging.size());
    for (const auto& [name, one] : merging) {
        rates.push_back({one.completed, one.told.total_invocations});
    }
    const stats::BetaShape prior = stats::fit_rate_prior(rates).value_or(stats::kNoRatePrior);
    std::vector<double> bounds;
    bounds.reserve(rates.size());
    std::ranges::transform(rates, std::back_inserter(bounds),
                           [&prior](const auto& rate) { return rate_lower_bound(rate, prior); });
    const std::vector<double> ranks = mid_ranks(bounds);
    std::vector<CommunityBaseline> out;
    out.reserve(rates.size());
    for (auto& [name, one] : merging) {
        const std::size_t position = out.size();
        one.told.global_completion_rate = figure_of(shrunk_rate(rates[position], prior));
        one.told.effectiveness_percentile = ranks[position];
        if (one.duration_weight > 0) {
            one.told.global_avg_duration_seconds = one.duration_sum / one.duration_weight;
        }
        out.push_back(std::move(one.told));
    }
    std::ranges::stable_sort(out, [](const auto& left, const auto& right) {
        return left.effectiveness_percentile > right.effectiveness_percentile;
    });
    return out;
}

}  // namespace credence::skills
