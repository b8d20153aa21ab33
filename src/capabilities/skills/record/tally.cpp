#include "capabilities/skills/record/tally.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "base/units.h"

namespace credence::skills::record {
namespace {

constexpr std::int64_t kTallyHourUs = 60 * kUsPerMinute;

void add_row(const NewInvocation& row, std::int64_t now_us, SkillTally& tally) {
    const bool timed = row.completed && row.duration_seconds.has_value();
    tally.first_at_us =
        tally.total == 0 ? row.invoked_at_us : std::min(tally.first_at_us, row.invoked_at_us);
    tally.last_at_us = std::max(tally.last_at_us, row.invoked_at_us);
    ++tally.total;
    tally.completed += row.completed ? 1 : 0;
    tally.timed += timed ? 1 : 0;
    tally.duration_seconds += timed ? *row.duration_seconds : 0;
    tally.ranked += row.selection_rank ? 1 : 0;
    tally.rank_sum += row.selection_rank.value_or(0);
    tally.rated += row.rating ? 1 : 0;
    tally.rating_sum += row.rating.value_or(0);
    tally.last_hour += row.invoked_at_us > now_us - kTallyHourUs ? 1 : 0;
    tally.last_day += row.invoked_at_us > now_us - kUsPerDay ? 1 : 0;
}

std::vector<SessionTally> sessions_of(std::span<const NewInvocation> rows) {
    const auto key = [](const SessionTally& tally) {
        return std::tie(tally.session_id, tally.skill_name);
    };
    std::vector<SessionTally> told;
    told.reserve(rows.size());
    for (const NewInvocation& row : rows) {
        told.push_back({row.session_id, row.skill_name, 1});
    }
    std::ranges::sort(told, {}, key);
    std::vector<SessionTally> sums;
    for (const SessionTally& tally : told) {
        if (!sums.empty() && key(sums.back()) == key(tally)) {
            ++sums.back().count;
        } else {
            sums.push_back(tally);
        }
    }
    return sums;
}

}  // namespace

std::vector<invocation_rows::CounterChange> counts_of(std::span<const NewInvocation> rows) {
    using invocation_rows::CounterChange;
    std::vector<CounterChange> told;
    for (const NewInvocation& row : rows) {
        if (row.workflow_path) {
            told.push_back({row.skill_name, "workflow_path", *row.workflow_path, 1});
        }
        if (row.error_type) {
            told.push_back({row.skill_name, "error_type", *row.error_type, 1});
        }
        for (const std::string& action : row.follow_ups) {
            told.push_back({row.skill_name, "follow_up_action", action, 1});
        }
    }
    const auto key = [](const CounterChange& change) {
        return std::tie(change.skill_name, change.kind, change.value);
    };
    std::ranges::sort(told, {}, key);
    std::vector<CounterChange> sums;
    for (const CounterChange& change : told) {
        if (!sums.empty() && key(sums.back()) == key(change)) {
            sums.back().uses += change.uses;
        } else {
            sums.push_back(change);
        }
    }
    return sums;
}

Tally tally_of(std::span<const NewInvocation> rows, std::int64_t now_us) {
    Tally tally;
    std::unordered_map<std::string_view, SkillTally> skills;
    for (const NewInvocation& row : rows) {
        SkillTally& skill = skills[row.skill_name];
        skill.skill_name = row.skill_name;
        add_row(row, now_us, skill);
    }
    for (const auto& [name, skill] : skills) {
        tally.skills.push_back(skill);
    }
    std::ranges::sort(tally.skills, {}, &SkillTally::skill_name);
    tally.sessions = sessions_of(rows);
    tally.counters = counts_of(rows);
    return tally;
}

}  // namespace credence::skills::record
