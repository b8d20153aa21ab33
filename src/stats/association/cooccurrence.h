// Which skills met in which sessions, and in what order: the counts behind `associate`, kept up to
// date with each event.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "stats/association/association.h"

namespace credence::stats {

struct CooccurrenceLimits {
    std::size_t open_sessions = 100'000;  // beyond it the one idle longest is closed
    std::size_t skills_in_session = 64;   // further ones of a session are not counted
    std::size_t skills = 100'000;         // further ones are not counted
    std::size_t pairs = 1'000'000;        // pairs that ever met; further ones are not kept
};

// What the limits cost, so that a reader can tell: 0 everywhere in ordinary use.
struct CooccurrenceLosses {
    std::int64_t sessions_closed = 0;  // if such a session goes on, it counts as a new one
    std::int64_t skills_ignored = 0;
    std::int64_t pairs_ignored = 0;
};

struct SkillPair {
    std::uint32_t other = 0;
    PairCounts counts;  // a is the skill asked for
    OrderCounts order;
};

// A skill in a session.
struct SessionUse {
    std::uint32_t skill = 0;
    std::int64_t first_at_us = 0;
};

// What was counted before, of one pair: low < high (CHECK).
struct CountedPair {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    std::int64_t both = 0;
    std::int64_t low_first = 0;
    std::int64_t high_first = 0;
};

// A session is a set of skills, each with the time of its first use. An event may come late or
// twice: the order follows the times, not the arrival. Skills are the caller's numbers, sessions
// the caller's keys.
//
// Not thread-safe. add: O(skills in the session), expected; partners: O(partners of the skill).
// About 100 bytes for a pair and 16 for a skill in an open session, within the limits.
class Cooccurrence {
public:
    explicit Cooccurrence(const CooccurrenceLimits& limits = {});  // limits of at least 1 (CHECK)

    // Whether any count changed: then those of the session's pairs with this skill.
    bool add(std::uint64_t session, std::uint32_t skill, std::int64_t at_us);

    // The session's set is let go; its counts stay.
    void close(std::uint64_t session);

    // Counts kept elsewhere, put back before the first add, each once: all sessions, the sessions
    // of a skill, a pair.
    void restore_sessions(std::int64_t sessions) { sessions_ = sessions; }
    void restore_skill(std::uint32_t skill, std::int64_t sessions);
    void restore_pair(const CountedPair& pair);
    // Makes a session open again that was counted with these skills, in the order of their
    // arrival, without counting it. Does nothing if it is open.
    void reopen(std::uint64_t session, std::span<const SessionUse> uses);
    bool is_open(std::uint64_t session) const { return open_.contains(session); }
    // Of an open session, in the order of arrival; valid until the next change.
    std::span<const SessionUse> uses_of(std::uint64_t session) const;

    std::int64_t sessions() const { return sessions_; }  // with at least one skill
    std::int64_t sessions_with(std::uint32_t skill) const;

    // Both orders of the arguments answer, each from its own side; the skills differ (CHECK).
    // nullopt if they may have met without being counted (a limit was reached).
    std::optional<SkillPair> pair(std::uint32_t skill, std::uint32_t other) const;

    // All skills that ever met this one, in the order of their first meeting.
    std::vector<SkillPair> partners(std::uint32_t skill) const;

    std::size_t pairs() const { return pairs_.size(); }
    std::size_t open_sessions() const { return open_.size(); }
    const CooccurrenceLosses& losses() const { return losses_; }

private:
    using Use = SessionUse;
    struct Meetings {
        std::int64_t both = 0;
        std::int64_t low_first = 0;  // the skill with the lower number came first
        std::int64_t high_first = 0;
    };
    struct Session {
        std::vector<Use> uses;
        std::list<std::uint64_t>::iterator age;
    };
    struct Skill {
        std::int64_t sessions = 0;
        std::vector<std::uint32_t> partners;
    };

    Session& open(std::uint64_t session);
    Session& make_room(std::uint64_t session);
    SkillPair view(std::uint32_t skill, std::uint32_t other, const Meetings& meetings) const;
    void meet(const Use& before, const Use& now);
    void reorder(Session& session, Use& use, std::int64_t at_us);

    CooccurrenceLimits limits_;
    CooccurrenceLosses losses_;
    std::int64_t sessions_ = 0;
    std::unordered_map<std::uint32_t, Skill> skills_;
    std::unordered_map<std::uint64_t, Meetings> pairs_;
    std::unordered_map<std::uint64_t, Session> open_;
    std::list<std::uint64_t> ages_;  // of open sessions, the one idle longest first
};

}  // namespace credence::stats
