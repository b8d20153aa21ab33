// Statements on what is held of one user, named by the keyed hash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shape.h"
#include "capabilities/skills/record/invocation_rows.h"
#include "capabilities/skills/record/users.h"
#include "engine/store/database.h"

namespace credence::skills::user_rows {

// One user of one tenant.
struct Who {
    std::string_view tenant;
    std::string_view user_id;
};

// What must be taken out of the figures when a row goes.
struct Trace {
    std::int64_t id = 0;
    std::string skill_name;
    std::string session_id;
    std::int64_t invoked_at_us = 0;
    bool completed = false;
    std::optional<double> duration_seconds;
    std::optional<std::int64_t> selection_rank;
    std::optional<std::int64_t> rating;
    std::optional<std::string> workflow_path;
    std::optional<std::string> error_type;
    std::vector<std::string> follow_up_actions;
};
void describe(Describe<Trace>&);

// Where a page begins: behind this row, or this name.
struct After {
    std::int64_t number = 0;
    std::string text;
    std::int64_t limit = 0;
};

// The user's rows of the log behind `after`, oldest first. Reads on in the log until it has found
// `limit`: an index by user would cost each row more than erasures are worth.
Result<std::vector<Trace>> traces(store::Tx& tx, const Who& who, const After& after);
// They and everything counted from them, but for first and last of their skills; how many went.
Result<std::int64_t> take_back(store::Tx& tx, const Who& who, const std::vector<Trace>& traces);
// Makes a skill's figures anew from the log if the log still has all of its rows; a skill without
// any is forgotten.
Result<void> recount_skill(store::Tx& tx, std::string_view tenant, std::string_view skill_name);

// Everything else; how many went.
Result<std::int64_t> remove_open(store::Tx& tx, const Who& who);
Result<std::int64_t> leave_sessions(store::Tx& tx, const Who& who);
Result<std::int64_t> remove_interactions(store::Tx& tx, const Who& who);
struct ExperimentRows {
    std::int64_t assignments = 0;
    std::int64_t outcomes = 0;
};
Result<ExperimentRows> count_in_experiments(store::Tx& tx, const Who& who);

// Pages, each behind the one before.
Result<std::vector<Session>> sessions(store::Tx& tx, const Who& who, const After& after);
Result<std::vector<invocation_rows::OpenRow>> open(store::Tx& tx, const Who& who,
                                                   const After& after);
Result<std::vector<Invocation>> invocations(store::Tx& tx, const Who& who, const After& after);
Result<std::vector<ExportedInteraction>> interactions(store::Tx& tx, const Who& who,
                                                      const After& after);
Result<std::vector<ExportedAssignment>> assignments(store::Tx& tx, const Who& who,
                                                    const After& after);
Result<std::vector<ExportedOutcome>> outcomes(store::Tx& tx, const Who& who, const After& after);

}  // namespace credence::skills::user_rows
