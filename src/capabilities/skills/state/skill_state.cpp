#include "capabilities/skills/state/skill_state.h"

#include <sodium/crypto_shorthash.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/units.h"
#include "stats/portable_math.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kHourUs = 60 * kUsPerMinute;

std::int64_t cell_start(std::int64_t at_us, std::int64_t length_us) {
    const std::int64_t rest = at_us % length_us;
    return at_us - (rest < 0 ? rest + length_us : rest);
}

// A session is known by 64 bits: among a million open ones two are the same with odds of 1 in 10^7.
std::uint64_t hash64(std::string_view text) {
    static constexpr std::array<unsigned char, crypto_shorthash_KEYBYTES> kKey = {
        's', 'k', 'i', 'l', 'l', ' ', 's', 'e', 's', 's', 'i', 'o', 'n', ' ', '1', '.'};
    std::array<unsigned char, crypto_shorthash_BYTES> bytes{};
    crypto_shorthash(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     kKey.data());
    std::uint64_t hash = 0;
    for (const unsigned char byte : bytes) {
        hash = hash << 8 | byte;
    }
    return hash;
}

std::uint64_t hour_key(std::uint32_t skill, std::int64_t at_us) {
    return std::uint64_t{skill} << 32 | static_cast<std::uint32_t>(at_us / kHourUs);
}

std::uint64_t both_of(std::uint32_t first, std::uint32_t second) {
    return std::uint64_t{first} << 32 | second;
}

std::optional<double> timed_seconds(const InvocationFact& fact) {
    const bool timed = fact.completed && fact.duration_seconds &&
                       std::isfinite(*fact.duration_seconds) && *fact.duration_seconds >= 0;
    return timed ? fact.duration_seconds : std::nullopt;
}

void add_to_cell(Cell& cell, const InvocationFact& fact) {
    ++cell.invocations;
    cell.completed += fact.completed ? 1 : 0;
    if (const auto seconds = timed_seconds(fact)) {
        constexpr double kLeastSeconds = 1e-6;
        ++cell.timed;
        cell.duration_sum_seconds += *seconds;
        cell.log_duration_sum += stats::portable_log(std::max(kLeastSeconds, *seconds));
    }
}

// The cell of this time, made in its place where it is missing. Most rows belong to the last one.
std::pair<Cell*, bool> cell_at(std::vector<Cell>& cells, std::int64_t at_us) {
    auto place = cells.end();
    while (place != cells.begin() && std::prev(place)->at_us >= at_us) {
        --place;
    }
    if (place != cells.end() && place->at_us == at_us) {
        return {&*place, false};
    }
    return {&*cells.insert(place, Cell{.at_us = at_us}), true};
}

void drop_before(std::vector<Cell>& cells, std::int64_t before_us) {
    const auto kept = std::ranges::lower_bound(cells, before_us, {}, &Cell::at_us);
    cells.erase(cells.begin(), kept);
}

}  // namespace

SkillState::SkillState() = default;

std::optional<std::uint32_t> SkillState::find(std::string_view skill_name) const {
    const auto found = skill_numbers_.find(skill_name);
    return found == skill_numbers_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint32_t> SkillState::find_user(std::string_view user_id) const {
    const auto found = user_numbers_.find(user_id);
    return found == user_numbers_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::uint32_t> SkillState::take_changed() {
    for (const std::uint32_t skill : changed_) {
        is_changed_[skill] = false;
    }
    return std::exchange(changed_, {});
}

std::int64_t SkillState::through(Part part) const {
    return std::max(through_id_, restored_through_[static_cast<std::size_t>(part)]);
}

std::optional<std::uint32_t> SkillState::number_of(std::string_view skill_name) {
    if (const auto known = find(skill_name)) {
        return known;
    }
    if (skills_.size() >= kMaxSkills) {
        return std::nullopt;
    }
    const auto number = static_cast<std::uint32_t>(skills_.size());
    skills_.emplace_back().name = skill_name;
    skill_numbers_.emplace(skill_name, number);
    is_changed_.push_back(false);
    return number;
}

std::optional<std::uint32_t> SkillState::number_of_user(std::string_view user_id) {
    if (const auto known = find_user(user_id)) {
        return known;
    }
    if (users_.size() >= kMaxUsers) {
        return std::nullopt;
    }
    const auto number = static_cast<std::uint32_t>(users_.size());
    users_.emplace_back().user_id = user_id;
    user_numbers_.emplace(user_id, number);
    return number;
}

void SkillState::note_changed(std::uint32_t skill) {
    if (!is_changed_[skill]) {
        is_changed_[skill] = true;
        changed_.push_back(skill);
    }
}

void SkillState::apply(const InvocationFact& fact) {
    CHECK(fact.id > through_id_, "the log is folded in the order of id");
    through_id_ = fact.id;
    const auto is_new_to = [&](Part part) {
        return fact.id > restored_through_[static_cast<std::size_t>(part)];
    };
    const auto skill = number_of(fact.skill_name);
    if (!skill) {
        ignored_ += is_new_to(Part::figures) ? 1 : 0;
        return;
    }
    if (is_new_to(Part::figures)) {
        add_figures(*skill, fact);
    }
    if (is_new_to(Part::users) && !fact.user_id.empty()) {
        add_use(*skill, fact);
    }
    if (is_new_to(Part::pairs)) {
        add_meeting(*skill, fact);
    }
    note_changed(*skill);
}

void SkillState::advance(std::int64_t at_us) {
    if (at_us <= newest_at_us_) {
        return;
    }
    newest_at_us_ = at_us;
    const std::int64_t minute_us =
        cell_start(at_us, kUsPerMinute) - (kMinutesKept - 1) * kUsPerMinute;
    while (!leaving_minutes_.empty() && leaving_minutes_.begin()->first < minute_us) {
        for (const std::uint32_t skill : leaving_minutes_.begin()->second) {
            drop_before(skills_[skill].minutes, minute_us);
        }
        leaving_minutes_.erase(leaving_minutes_.begin());
    }
    const std::int64_t hour_us = cell_start(at_us, kHourUs) - (kHoursKept - 1) * kHourUs;
    while (!leaving_hours_.empty() && leaving_hours_.begin()->first < hour_us) {
        for (const std::uint32_t skill : leaving_hours_.begin()->second) {
            drop_hours(skill, hour_us);
        }
        leaving_hours_.erase(leaving_hours_.begin());
    }
}

// What was not written yet is kept aside for the checkpoint.
void SkillState::drop_hours(std::uint32_t skill, std::int64_t before_us) {
    std::vector<Cell>& hours = skills_[skill].hours;
    for (const Cell& cell : hours) {
        if (cell.at_us >= before_us) {
            break;
        }
        if (const auto found = touched_.hours.find(hour_key(skill, cell.at_us));
            found != touched_.hours.end()) {
            found->second = PendingHour{cell, false};
        }
    }
    drop_before(hours, before_us);
}

void SkillState::add_minute(std::uint32_t skill, const InvocationFact& fact) {
    const std::int64_t minute_us = cell_start(fact.invoked_at_us, kUsPerMinute);
    if (minute_us <= cell_start(newest_at_us_, kUsPerMinute) - kMinutesKept * kUsPerMinute) {
        return;
    }
    const auto [cell, is_new] = cell_at(skills_[skill].minutes, minute_us);
    add_to_cell(*cell, fact);
    if (is_new) {
        leaving_minutes_[minute_us].push_back(skill);
    }
}

void SkillState::add_hour(std::uint32_t skill, const InvocationFact& fact) {
    const std::int64_t hour_us = cell_start(fact.invoked_at_us, kHourUs);
    auto& touched = touched_.hours[hour_key(skill, hour_us)];
    if (hour_us <= cell_start(newest_at_us_, kHourUs) - kHoursKept * kHourUs) {
        if (!touched) {
            touched = PendingHour{Cell{.at_us = hour_us}, true};
        }
        add_to_cell(touched->cell, fact);
        return;
    }
    const auto [cell, is_new] = cell_at(skills_[skill].hours, hour_us);
    add_to_cell(*cell, fact);
    if (is_new) {
        leaving_hours_[hour_us].push_back(skill);
    }
}

void SkillState::add_hour_session(std::uint32_t skill, const InvocationFact& fact) {
    const std::int64_t hour_us = cell_start(fact.invoked_at_us, kHourUs);
    if (hour_us <= hours_unseen_through_us_) {
        return;
    }
    if (hour_sessions_size_ >= kMaxHourSessions) {
        hour_sessions_.clear();
        hour_sessions_size_ = 0;
        hours_unseen_through_us_ = cell_start(newest_at_us_, kHourUs);
        return;
    }
    HourSessions& hour = hour_sessions_[hour_us];
    constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15;  // 2^64 over the golden ratio
    if (hour.seen.insert(hash64(fact.session_id) ^ (skill + 1) * kSpread).second) {
        ++hour_sessions_size_;
        ++hour.skills[skill];
    }
}

void SkillState::add_figures(std::uint32_t skill, const InvocationFact& fact) {
    advance(fact.invoked_at_us);
    add_minute(skill, fact);
    add_hour(skill, fact);
    add_hour_session(skill, fact);
    SkillFigures& figures = skills_[skill];
    figures.last_invoked_at_us = std::max(figures.last_invoked_at_us, fact.invoked_at_us);
    auto found = figures.phases.find(fact.workflow_phase);
    if (found == figures.phases.end()) {
        const bool full = figures.phases.size() >= kMaxPhases;
        found = figures.phases.try_emplace(full ? std::string() : std::string(fact.workflow_phase))
                    .first;
    }
    PhaseTotal& total = found->second;
    ++total.invocations;
    total.completed += fact.completed ? 1 : 0;
    if (const auto seconds = timed_seconds(fact)) {
        ++total.timed;
        total.duration_sum_seconds += *seconds;
        const auto bucket = std::ranges::lower_bound(kDurationBounds, *seconds);
        ++total.buckets[static_cast<std::size_t>(bucket - kDurationBounds.begin())];
    }
    touched_.totals.try_emplace(&total, TouchedTotal{skill, &found->first});
}

UserSkill* SkillState::use_of(std::uint32_t user, std::uint32_t skill) {
    std::vector<UserSkill>& skills = users_[user].skills;
    const auto place = std::ranges::lower_bound(skills, skill, {}, &UserSkill::skill);
    if (place != skills.end() && place->skill == skill) {
        return &*place;
    }
    if (uses_ >= kMaxUses) {
        return nullptr;
    }
    ++uses_;
    return &*skills.insert(place, UserSkill{.skill = skill});
}

void SkillState::add_use(std::uint32_t skill, const InvocationFact& fact) {
    const auto user = number_of_user(fact.user_id);
    UserSkill* const use = user ? use_of(*user, skill) : nullptr;
    if (use == nullptr) {
        return;
    }
    if (use->invocations == 0) {
        use->first_at_us = fact.invoked_at_us;
        use->last_at_us = fact.invoked_at_us;
    }
    ++use->invocations;
    use->first_at_us = std::min(use->first_at_us, fact.invoked_at_us);
    use->last_at_us = std::max(use->last_at_us, fact.invoked_at_us);
    if (fact.rating) {
        ++use->ratings;
        use->rating_sum += static_cast<std::int32_t>(*fact.rating);
    }
    if (fact.completed && ++use->completed == 1) {
        user_index_.add(*user, skill);
    }
    touched_.uses.insert(both_of(*user, skill));
}

void SkillState::add_meeting(std::uint32_t skill, const InvocationFact& fact) {
    const std::uint64_t session = hash64(fact.session_id);
    if (!meetings_.add(session, skill, fact.invoked_at_us)) {
        return;
    }
    touched_.skill_sessions.insert(skill);
    for (const stats::SessionUse& use : meetings_.uses_of(session)) {
        if (use.skill != skill) {
            touched_.pairs.insert(both_of(std::min(skill, use.skill), std::max(skill, use.skill)));
        }
    }
}

bool SkillState::knows_session(std::string_view session_id) const {
    return meetings_.is_open(hash64(session_id));
}

void SkillState::reopen_session(std::string_view session_id, std::span<const SessionSkill> skills) {
    std::vector<stats::SessionUse> uses;
    for (const SessionSkill& skill : skills) {
        if (const auto number = number_of(skill.skill_name)) {
            uses.push_back({*number, skill.first_at_us});
        }
    }
    if (!uses.empty()) {
        meetings_.reopen(hash64(session_id), uses);
    }
}

void SkillState::restore_place(const RestoredPlace& place) {
    CHECK(through_id_ == 0 && skills_.empty(), "only an empty state is restored");
    restored_through_ = {place.figures_through_id, place.users_through_id, place.pairs_through_id};
    through_id_ = *std::ranges::min_element(restored_through_);
    newest_at_us_ = place.newest_at_us;
    ignored_ = place.ignored;
    meetings_.restore_sessions(place.sessions);
    if (place.figures_through_id > 0) {
        hours_unseen_through_us_ = cell_start(newest_at_us_, kHourUs);
    }
}

}  // namespace credence::skills
