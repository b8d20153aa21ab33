// Taking a checkpoint out of a state and putting it back.
#include <algorithm>

#include "base/check.h"
#include "base/units.h"
#include "capabilities/skills/state/checkpoint.h"
#include "capabilities/skills/state/skill_state.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kCheckpointHourUs = 60 * kUsPerMinute;

std::uint32_t first_of(std::uint64_t key) {
    return static_cast<std::uint32_t>(key >> 32);
}

std::uint32_t second_of(std::uint64_t key) {
    return static_cast<std::uint32_t>(key);
}

}  // namespace

std::size_t SkillState::changed_rows(Part part) const {
    switch (part) {
        case Part::figures:
            return touched_.hours.size() + touched_.totals.size();
        case Part::users:
            return touched_.uses.size();
        case Part::pairs:
            return touched_.pairs.size() + touched_.skill_sessions.size();
    }
    return 0;
}

SavedHour SkillState::saved_hour(std::uint64_t key,
                                 const std::optional<PendingHour>& pending) const {
    const SkillFigures& skill = skills_[first_of(key)];
    SavedHour saved;
    saved.skill_name = skill.name;
    const std::int64_t at_us =
        std::int64_t{static_cast<std::int32_t>(second_of(key))} * kCheckpointHourUs;
    if (pending) {
        saved.cell = pending->cell;
        saved.adds = pending->adds;
    } else {
        const auto found = std::ranges::lower_bound(skill.hours, at_us, {}, &Cell::at_us);
        CHECK(found != skill.hours.end() && found->at_us == at_us, "a changed hour is in memory");
        saved.cell = *found;
    }
    const auto hour = hour_sessions_.find(at_us);
    if (hour != hour_sessions_.end() && at_us > hours_unseen_through_us_ && !saved.adds) {
        const auto sessions = hour->second.skills.find(first_of(key));
        if (sessions != hour->second.skills.end()) {
            saved.sessions = sessions->second;
        }
    }
    return saved;
}

FiguresCheckpoint SkillState::take_figures() {
    FiguresCheckpoint taken{.through_id = through(Part::figures),
                            .newest_at_us = newest_at_us_,
                            .ignored = ignored_,
                            .hours = {},
                            .totals = {}};
    taken.hours.reserve(touched_.hours.size());
    for (const auto& [key, pending] : touched_.hours) {
        taken.hours.push_back(saved_hour(key, pending));
    }
    for (const auto& [total, place] : touched_.totals) {
        const SkillFigures& figures = skills_[place.skill];
        taken.totals.push_back({figures.name, *place.phase, *total, figures.last_invoked_at_us});
    }
    touched_.hours.clear();
    touched_.totals.clear();
    // Hours before the newest are not followed any more: rows that come late ask the log.
    const std::int64_t newest_hour_us = newest_at_us_ - newest_at_us_ % kCheckpointHourUs;
    while (!hour_sessions_.empty() && hour_sessions_.begin()->first < newest_hour_us) {
        hour_sessions_size_ -= hour_sessions_.begin()->second.seen.size();
        hour_sessions_.erase(hour_sessions_.begin());
    }
    hours_unseen_through_us_ =
        std::max(hours_unseen_through_us_, newest_hour_us - kCheckpointHourUs);
    return taken;
}

UsersCheckpoint SkillState::take_users() {
    UsersCheckpoint taken{.through_id = through(Part::users), .uses = {}};
    taken.uses.reserve(touched_.uses.size());
    for (const std::uint64_t key : touched_.uses) {
        const UserFigures& user = users_[first_of(key)];
        const auto use =
            std::ranges::lower_bound(user.skills, second_of(key), {}, &UserSkill::skill);
        taken.uses.push_back({user.user_id, skills_[second_of(key)].name, *use});
    }
    touched_.uses.clear();
    return taken;
}

PairsCheckpoint SkillState::take_pairs() {
    PairsCheckpoint taken{.through_id = through(Part::pairs),
                          .sessions = meetings_.sessions(),
                          .skills = {},
                          .pairs = {}};
    for (const std::uint32_t skill : touched_.skill_sessions) {
        taken.skills.push_back({skills_[skill].name, meetings_.sessions_with(skill)});
    }
    taken.pairs.reserve(touched_.pairs.size());
    for (const std::uint64_t key : touched_.pairs) {
        const bool in_order = skills_[first_of(key)].name < skills_[second_of(key)].name;
        const std::uint32_t a = in_order ? first_of(key) : second_of(key);
        const std::uint32_t b = in_order ? second_of(key) : first_of(key);
        const auto pair = meetings_.pair(a, b);
        if (pair && pair->counts.both > 0) {
            taken.pairs.push_back({skills_[a].name, skills_[b].name, pair->counts, pair->order});
        }
    }
    touched_.pairs.clear();
    touched_.skill_sessions.clear();
    return taken;
}

void SkillState::restore_total(const SavedTotal& row) {
    if (const auto skill = number_of(row.skill_name)) {
        SkillFigures& figures = skills_[*skill];
        figures.phases[row.workflow_phase] = row.total;
        figures.last_invoked_at_us = std::max(figures.last_invoked_at_us, row.last_invoked_at_us);
    }
}

void SkillState::restore_hour(std::string_view skill_name, const Cell& cell) {
    if (const auto skill = number_of(skill_name)) {
        std::vector<Cell>& hours = skills_[*skill].hours;
        const auto place = std::ranges::lower_bound(hours, cell.at_us, {}, &Cell::at_us);
        hours.insert(place, cell);
        leaving_hours_[cell.at_us].push_back(*skill);
    }
}

void SkillState::restore_minute(const InvocationFact& fact) {
    if (const auto skill = number_of(fact.skill_name)) {
        add_minute(*skill, fact);
    }
}

void SkillState::restore_use(const SavedUse& row) {
    const auto skill = number_of(row.skill_name);
    const auto user = skill ? number_of_user(row.user_id) : std::nullopt;
    UserSkill* const use = user ? use_of(*user, *skill) : nullptr;
    if (use == nullptr) {
        return;
    }
    *use = row.use;
    use->skill = *skill;
    if (use->completed > 0) {
        user_index_.add(*user, *skill);
    }
}

void SkillState::restore_skill_sessions(const SavedSkillSessions& row) {
    if (const auto skill = number_of(row.skill_name)) {
        meetings_.restore_skill(*skill, row.sessions);
    }
}

void SkillState::restore_pair(const SavedPair& row) {
    const auto a = number_of(row.skill_a);
    const auto b = number_of(row.skill_b);
    if (!a || !b || *a == *b) {
        return;
    }
    const auto& [a_first, b_first] = row.order;
    meetings_.restore_pair(*a < *b ? stats::CountedPair{*a, *b, row.counts.both, a_first, b_first}
                                   : stats::CountedPair{*b, *a, row.counts.both, b_first, a_first});
}

}  // namespace credence::skills
