// Sessions: what an agent or a person works through in one go. Invocations belong to one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"

namespace credence::skills {

enum class SessionOutcome : std::uint8_t { completed, failed, abandoned };

// A caller's own session_id makes the call idempotent: the same content gives the same session,
// other content is Code::conflict. started_at_us is now when left out, and then always the same.
struct CreateSession {
    std::optional<std::string> project_path;
    std::optional<std::string> session_id;
    std::optional<std::string> user_id;
    std::optional<std::int64_t> started_at_us;
};
void describe(Describe<CreateSession>&);

struct EndSession {
    std::string session_id;
    SessionOutcome outcome = SessionOutcome::completed;
    std::optional<std::int64_t> ended_at_us;
};
void describe(Describe<EndSession>&);

struct SessionRef {
    std::string session_id;
};
void describe(Describe<SessionRef>&);

struct Session {
    std::string session_id;
    std::optional<std::string> project_path;
    std::optional<std::string> user_id;  // keyed hash
    std::int64_t started_at_us = 0;
    std::optional<std::int64_t> ended_at_us;
    std::optional<SessionOutcome> outcome;
};
void describe(Describe<Session>&);

struct SkillInSession {
    std::string skill_name;
    std::int64_t invocation_count = 0;
};
void describe(Describe<SkillInSession>&);

// Counts of all its invocations, and what the log still holds says how they went.
struct SessionSummary {
    static constexpr std::int64_t kMaxSkills = 100;

    Session session;
    std::int64_t distinct_skills = 0;
    std::int64_t total_invocations = 0;
    std::int64_t completed_invocations = 0;
    std::int64_t abandoned_invocations = 0;
    std::int64_t forgotten_invocations = 0;  // their rows have left the log: neither of the two
    std::int64_t open_invocations = 0;       // begun, not in the figures above
    double total_duration_seconds = 0;
    std::optional<std::int64_t> first_invoked_at_us;
    std::optional<std::int64_t> last_invoked_at_us;
    std::vector<SkillInSession> skills;  // the most used first, at most kMaxSkills
};
void describe(Describe<SessionSummary>&);

struct ListSessions {
    std::optional<bool> active;
    std::optional<std::string> project_path;
    std::int64_t limit = 50;
    std::optional<std::string> cursor;
};
void describe(Describe<ListSessions>&);

struct SessionPage {
    std::vector<Session> sessions;  // newest first
    std::optional<std::string> next_cursor;
};
void describe(Describe<SessionPage>&);

// Events.
struct SkillSessionStarted {
    std::string session_id;
    std::int64_t started_at_us = 0;
};
void describe(Describe<SkillSessionStarted>&);

struct SkillSessionEnded {
    std::string session_id;
    SessionOutcome outcome = SessionOutcome::completed;
    std::int64_t ended_at_us = 0;
    std::int64_t total_invocations = 0;
    std::int64_t completed_invocations = 0;
};
void describe(Describe<SkillSessionEnded>&);

}  // namespace credence::skills
