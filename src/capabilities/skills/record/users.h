// What is held of one user, given out and taken away. The caller names the user; the store knows
// only the keyed hash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/record/invocations.h"
#include "capabilities/skills/record/sessions.h"

namespace credence::skills {

struct UserRef {
    std::string user_id;
};
void describe(Describe<UserRef>&);

struct ExportUser {
    std::string user_id;
    std::optional<std::string> cursor = {};  // next_cursor of the page before
};
void describe(Describe<ExportUser>&);

struct ErasedUser {
    std::int64_t invocations = 0;
    std::int64_t open_invocations = 0;
    std::int64_t sessions = 0;  // that are nobody's now
    std::int64_t skills = 0;    // whose figures were corrected
    std::int64_t interactions = 0;
    std::int64_t experiment_assignments = 0;
    std::int64_t experiment_outcomes = 0;
};
void describe(Describe<ErasedUser>&);

struct ExportedInteraction {
    std::string skill_name;
    std::int64_t invocations = 0;
    std::int64_t completed = 0;
    std::int64_t rating_sum = 0;
    std::int64_t rating_count = 0;
    std::int64_t first_invoked_at_us = 0;
    std::int64_t last_invoked_at_us = 0;
};
void describe(Describe<ExportedInteraction>&);

struct ExportedAssignment {
    std::int64_t test_id = 0;
    std::string group_name;
    std::int64_t assigned_at_us = 0;
    std::optional<double> covariate;
};
void describe(Describe<ExportedAssignment>&);

struct ExportedOutcome {
    std::int64_t outcome_id = 0;
    std::int64_t test_id = 0;
    std::optional<std::string> skill_name;
    std::optional<bool> completed;
    std::optional<double> duration_seconds;
    std::optional<std::int64_t> user_rating;
    std::int64_t recorded_at_us = 0;
};
void describe(Describe<ExportedOutcome>&);

// A page of all lists together, at most kMaxRows rows; the lists are filled one after another.
struct ExportedUser {
    static constexpr std::int64_t kMaxRows = 1'000;

    std::string user_id;  // keyed hash
    std::vector<Session> sessions;
    std::vector<OpenInvocation> open_invocations;
    std::vector<Invocation> invocations;
    std::vector<ExportedInteraction> interactions;
    std::vector<ExportedAssignment> experiment_assignments;
    std::vector<ExportedOutcome> experiment_outcomes;
    std::optional<std::string> next_cursor;
};
void describe(Describe<ExportedUser>&);

// Event: figures only, never who.
struct SkillUserErased {
    std::int64_t invocations = 0;
    std::int64_t sessions = 0;
    std::int64_t skills = 0;
};
void describe(Describe<SkillUserErased>&);

}  // namespace credence::skills
