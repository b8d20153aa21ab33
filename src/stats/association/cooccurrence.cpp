#include "stats/association/cooccurrence.h"

#include <algorithm>

#include "base/check.h"

namespace credence::stats {
namespace {

std::uint64_t key_of(std::uint32_t a, std::uint32_t b) {
    return (std::uint64_t{std::min(a, b)} << 32) | std::max(a, b);
}

// 1 if the skill with the lower number was first, -1 if the other, 0 if at the same instant.
int order_of(std::uint32_t a, std::int64_t a_at_us, std::uint32_t b, std::int64_t b_at_us) {
    const int order = static_cast<int>(a_at_us < b_at_us) - static_cast<int>(a_at_us > b_at_us);
    return a < b ? order : -order;
}

}  // namespace

Cooccurrence::Cooccurrence(const CooccurrenceLimits& limits) : limits_(limits) {
    CHECK(limits.open_sessions > 0 && limits.skills_in_session > 0 && limits.skills > 0 &&
              limits.pairs > 0,
          "limits of at least 1");
}

Cooccurrence::Session& Cooccurrence::open(std::uint64_t session) {
    const auto found = open_.find(session);
    if (found != open_.end()) {
        ages_.splice(ages_.end(), ages_, found->second.age);
        return found->second;
    }
    ++sessions_;
    return make_room(session);
}

Cooccurrence::Session& Cooccurrence::make_room(std::uint64_t session) {
    if (open_.size() >= limits_.open_sessions) {
        close(ages_.front());
        ++losses_.sessions_closed;
    }
    Session& opened = open_[session];
    opened.age = ages_.insert(ages_.end(), session);
    return opened;
}

void Cooccurrence::meet(const Use& before, const Use& now) {
    const std::uint64_t key = key_of(before.skill, now.skill);
    auto found = pairs_.find(key);
    if (found == pairs_.end()) {
        if (pairs_.size() >= limits_.pairs) {
            ++losses_.pairs_ignored;
            return;
        }
        found = pairs_.try_emplace(key).first;
        skills_[before.skill].partners.push_back(now.skill);
        skills_[now.skill].partners.push_back(before.skill);
    }
    Meetings& meetings = found->second;
    const int order = order_of(before.skill, before.first_at_us, now.skill, now.first_at_us);
    ++meetings.both;
    meetings.low_first += order > 0 ? 1 : 0;
    meetings.high_first += order < 0 ? 1 : 0;
}

// A use that turns out to have been earlier may change who came first.
void Cooccurrence::reorder(Session& session, Use& use, std::int64_t at_us) {
    for (const Use& other : session.uses) {
        const auto found = pairs_.find(key_of(use.skill, other.skill));
        if (other.skill == use.skill || found == pairs_.end()) {
            continue;
        }
        const int was = order_of(use.skill, use.first_at_us, other.skill, other.first_at_us);
        const int is = order_of(use.skill, at_us, other.skill, other.first_at_us);
        Meetings& meetings = found->second;
        meetings.low_first += (is > 0 ? 1 : 0) - (was > 0 ? 1 : 0);
        meetings.high_first += (is < 0 ? 1 : 0) - (was < 0 ? 1 : 0);
    }
    use.first_at_us = at_us;
}

bool Cooccurrence::add(std::uint64_t session, std::uint32_t skill, std::int64_t at_us) {
    Session& seen = open(session);
    const auto known = std::ranges::find(seen.uses, skill, &Use::skill);
    if (known != seen.uses.end()) {
        if (at_us >= known->first_at_us) {
            return false;
        }
        reorder(seen, *known, at_us);
        return true;
    }
    const bool too_many = skills_.size() >= limits_.skills && !skills_.contains(skill);
    if (too_many || seen.uses.size() >= limits_.skills_in_session) {
        ++losses_.skills_ignored;
        return false;
    }
    ++skills_[skill].sessions;
    const Use now{skill, at_us};
    for (const Use& before : seen.uses) {
        meet(before, now);
    }
    seen.uses.push_back(now);
    return true;
}

void Cooccurrence::restore_skill(std::uint32_t skill, std::int64_t sessions) {
    if (skills_.size() < limits_.skills || skills_.contains(skill)) {
        skills_[skill].sessions = sessions;
    }
}

void Cooccurrence::restore_pair(const CountedPair& pair) {
    CHECK(pair.low < pair.high, "the lower number first");
    if (pairs_.size() < limits_.pairs) {
        pairs_[key_of(pair.low, pair.high)] = {pair.both, pair.low_first, pair.high_first};
        skills_[pair.low].partners.push_back(pair.high);
        skills_[pair.high].partners.push_back(pair.low);
    }
    if (pairs_.size() >= limits_.pairs) {
        // What is missing may have been left out before.
        losses_.pairs_ignored = std::max<std::int64_t>(losses_.pairs_ignored, 1);
    }
}

void Cooccurrence::reopen(std::uint64_t session, std::span<const SessionUse> uses) {
    if (open_.contains(session)) {
        return;
    }
    const std::size_t kept = std::min(uses.size(), limits_.skills_in_session);
    make_room(session).uses.assign(uses.begin(), uses.begin() + static_cast<std::ptrdiff_t>(kept));
}

std::span<const SessionUse> Cooccurrence::uses_of(std::uint64_t session) const {
    const auto found = open_.find(session);
    return found == open_.end() ? std::span<const SessionUse>() : found->second.uses;
}

void Cooccurrence::close(std::uint64_t session) {
    const auto found = open_.find(session);
    if (found != open_.end()) {
        ages_.erase(found->second.age);
        open_.erase(found);
    }
}

std::int64_t Cooccurrence::sessions_with(std::uint32_t skill) const {
    const auto found = skills_.find(skill);
    return found == skills_.end() ? 0 : found->second.sessions;
}

SkillPair Cooccurrence::view(std::uint32_t skill, std::uint32_t other,
                             const Meetings& meetings) const {
    return {other,
            {sessions_, sessions_with(skill), sessions_with(other), meetings.both},
            skill < other ? OrderCounts{meetings.low_first, meetings.high_first}
                          : OrderCounts{meetings.high_first, meetings.low_first}};
}

std::optional<SkillPair> Cooccurrence::pair(std::uint32_t skill, std::uint32_t other) const {
    CHECK(skill != other, "a skill with itself");
    const auto found = pairs_.find(key_of(skill, other));
    if (found == pairs_.end() && losses_.pairs_ignored > 0) {
        return std::nullopt;
    }
    return view(skill, other, found == pairs_.end() ? Meetings{} : found->second);
}

std::vector<SkillPair> Cooccurrence::partners(std::uint32_t skill) const {
    std::vector<SkillPair> found;
    const auto known = skills_.find(skill);
    if (known == skills_.end()) {
        return found;
    }
    found.reserve(known->second.partners.size());
    for (const std::uint32_t other : known->second.partners) {
        found.push_back(view(skill, other, pairs_.at(key_of(skill, other))));
    }
    return found;
}

}  // namespace credence::stats
