// The fold's SQL: the log, read in order, and the tables of the checkpoint.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shape.h"
#include "capabilities/skills/state/checkpoint.h"
#include "capabilities/skills/state/skill_state.h"
#include "engine/store/database.h"

namespace credence::skills::ledger_rows {

// The end of the log and what says that the fold was started anew.
struct Head {
    std::int64_t newest_id = 0;  // of all tenants
    std::int64_t epoch = 0;      // of the tenant; of all tenants, added up, where none was named
};
void describe(Describe<Head>&);
Result<Head> head(store::Tx& tx, std::string_view tenant);
Result<Head> head_of_all(store::Tx& tx);

// A row of skill_fold.
struct Fold {
    std::int64_t figures_through_id = 0;
    std::int64_t users_through_id = 0;
    std::int64_t pairs_through_id = 0;
    std::int64_t epoch = 0;
    std::int64_t sessions = 0;
    std::int64_t ignored = 0;
    std::int64_t newest_at_us = 0;
};
void describe(Describe<Fold>&);
Result<Fold> fold(store::Tx& tx, std::string_view tenant);  // zeros where there is none

// At most kMaxTenants names of tenants that have invocations.
Result<std::vector<std::string>> tenants(store::Tx& tx, std::int64_t limit);

// Rows of the log after `after_id`, of one tenant or (tenant '') of all. At most `limit` rows of
// the log are looked at; end_id is the last of them, after_id where the log has no more.
struct LogPage {
    store::Rows rows;
    std::int64_t end_id = 0;
};
Result<LogPage> log_page(store::Tx& tx, std::string_view tenant, std::int64_t after_id,
                         std::int64_t limit);
std::string_view tenant_of(const LogPage& page, std::size_t row);
// Borrows from the page.
InvocationFact fact_of(const LogPage& page, std::size_t row);

// The skills of a session, in the order of arrival, from rows up to `through_id`.
Result<std::vector<SessionSkill>> session_skills(store::Tx& tx, std::string_view tenant,
                                                 std::string_view session_id,
                                                 std::int64_t through_id);
// Sessions with the skill in [from_us, before_us).
struct HourOfSkill {
    std::string_view tenant;
    std::string_view skill_name;
    std::int64_t from_us = 0;
    std::int64_t before_us = 0;
};
Result<std::int64_t> sessions_in(store::Tx& tx, const HourOfSkill& hour);

// Fill a state from the tables, hours from `hours_from_us` on.
Result<void> restore(store::Tx& tx, std::string_view tenant, std::int64_t hours_from_us,
                     SkillState& state);
// Its minutes, from the log's rows since `from_us` up to `through_id`.
struct MinutesWanted {
    std::int64_t from_us = 0;
    std::int64_t through_id = 0;
};
Result<void> restore_minutes(store::Tx& tx, std::string_view tenant, const MinutesWanted& wanted,
                             SkillState& state);

// Each moves its part of skill_fold from the place in `from` to the checkpoint's, and writes its
// rows. False, with nothing written, where skill_fold is not what `from` says.
struct SaveOf {
    std::string_view tenant;
    const Fold& from;
    std::int64_t now_us = 0;
};
Result<bool> save(store::Tx& tx, const SaveOf& of, const FiguresCheckpoint& figures);
Result<bool> save(store::Tx& tx, const SaveOf& of, const UsersCheckpoint& users);
// lifts: of each pair of the checkpoint, in its order.
Result<bool> save(store::Tx& tx, const SaveOf& of, const PairsCheckpoint& pairs,
                  const std::vector<double>& lifts);

// Starts the fold anew; see Ledger::rebuild. keep_before_us: days before it stay.
Result<void> forget(store::Tx& tx, std::string_view tenant, std::int64_t keep_before_us,
                    std::int64_t now_us);
// The oldest row in the log; nothing where it has none.
Result<std::optional<std::int64_t>> oldest_at_us(store::Tx& tx, std::string_view tenant);

}  // namespace credence::skills::ledger_rows
