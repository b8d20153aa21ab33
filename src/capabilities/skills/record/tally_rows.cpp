#include "capabilities/skills/record/invocation_rows.h"
#include "capabilities/skills/record/many_rows.h"
#include "capabilities/skills/record/tally.h"

namespace credence::skills::tally_rows {
namespace {

using record::ManyRowsSql;
using record::SessionTally;
using record::SkillTally;
using store::Parameter;
using store::Tx;

// Each says what the trigger of the same table says (migrations 0001 and 0004), for many rows.
const ManyRowsSql& metrics_sql() {
    static const ManyRowsSql sql(
        {.head = "INSERT INTO skill_metrics (tenant, skill_name, total_invocations, "
                 "completed_invocations, abandoned_invocations, timed_invocations, "
                 "total_duration_seconds, ranked_invocations, selection_rank_sum, "
                 "rated_invocations, rating_sum, first_invoked_at_us, last_invoked_at_us, "
                 "completion_rate, avg_duration_seconds, updated_at_us) VALUES ",
         .columns = 14,
         .timed = true,
         .tail =
             " ON CONFLICT (tenant, skill_name) DO UPDATE SET "
             "total_invocations = total_invocations + excluded.total_invocations, "
             "completed_invocations = completed_invocations + excluded.completed_invocations, "
             "abandoned_invocations = abandoned_invocations + excluded.abandoned_invocations, "
             "timed_invocations = timed_invocations + excluded.timed_invocations, "
             "total_duration_seconds = total_duration_seconds + excluded.total_duration_seconds, "
             "ranked_invocations = ranked_invocations + excluded.ranked_invocations, "
             "selection_rank_sum = selection_rank_sum + excluded.selection_rank_sum, "
             "rated_invocations = rated_invocations + excluded.rated_invocations, "
             "rating_sum = rating_sum + excluded.rating_sum, "
             "first_invoked_at_us = min(first_invoked_at_us, excluded.first_invoked_at_us), "
             "last_invoked_at_us = max(last_invoked_at_us, excluded.last_invoked_at_us), "
             "completion_rate = (completed_invocations + excluded.completed_invocations) * 1.0 "
             "/ (total_invocations + excluded.total_invocations), "
             "avg_duration_seconds = (total_duration_seconds + excluded.total_duration_seconds) "
             "/ nullif(timed_invocations + excluded.timed_invocations, 0), "
             "updated_at_us = excluded.updated_at_us"});
    return sql;
}

const ManyRowsSql& session_skills_sql() {
    static const ManyRowsSql sql(
        {.head = "INSERT INTO session_skills (tenant, session_id, skill_name, invocation_count) "
                 "VALUES ",
         .columns = 3,
         .timed = false,
         .tail = " ON CONFLICT (tenant, session_id, skill_name) DO UPDATE SET "
                 "invocation_count = invocation_count + excluded.invocation_count"});
    return sql;
}

const ManyRowsSql& cache_sql() {
    static const ManyRowsSql sql(
        {.head = "INSERT INTO skill_metrics_cache (tenant, skill_name, last_invocation_at_us, "
                 "invocation_count_1h, invocation_count_24h, updated_at_us) VALUES ",
         .columns = 4,
         .timed = true,
         .tail =
             " ON CONFLICT (tenant, skill_name) DO UPDATE SET "
             "last_invocation_at_us = max(last_invocation_at_us, excluded.last_invocation_at_us), "
             "invocation_count_1h = invocation_count_1h + excluded.invocation_count_1h, "
             "invocation_count_24h = invocation_count_24h + excluded.invocation_count_24h, "
             "updated_at_us = excluded.updated_at_us"});
    return sql;
}

void bind_metrics(const SkillTally& tally, std::vector<Parameter>& out) {
    out.emplace_back(tally.skill_name);
    out.emplace_back(tally.total);
    out.emplace_back(tally.completed);
    out.emplace_back(tally.total - tally.completed);
    out.emplace_back(tally.timed);
    out.emplace_back(tally.duration_seconds);
    out.emplace_back(tally.ranked);
    out.emplace_back(tally.rank_sum);
    out.emplace_back(tally.rated);
    out.emplace_back(tally.rating_sum);
    out.emplace_back(tally.first_at_us);
    out.emplace_back(tally.last_at_us);
    out.emplace_back(static_cast<double>(tally.completed) / static_cast<double>(tally.total));
    if (tally.timed > 0) {
        out.emplace_back(tally.duration_seconds / static_cast<double>(tally.timed));
    } else {
        out.emplace_back(nullptr);
    }
}

void bind_session(const SessionTally& tally, std::vector<Parameter>& out) {
    out.emplace_back(tally.session_id);
    out.emplace_back(tally.skill_name);
    out.emplace_back(tally.count);
}

void bind_cache(const SkillTally& tally, std::vector<Parameter>& out) {
    out.emplace_back(tally.skill_name);
    out.emplace_back(tally.last_at_us);
    out.emplace_back(tally.last_hour);
    out.emplace_back(tally.last_day);
}

}  // namespace

// The mark is a row that only this transaction ever sees: no handle is empty.
Result<void> hold_triggers(Tx& tx, std::string_view tenant) {
    TRY(tx.run(
        "INSERT INTO skill_open_invocation (tenant, handle, session_id, started_at_us, draft) "
        "VALUES ($1, '', '', 0, '')",
        tenant));
    return {};
}

Result<void> release_triggers(Tx& tx, std::string_view tenant) {
    TRY(tx.run("DELETE FROM skill_open_invocation WHERE tenant = $1 AND handle = ''", tenant));
    return {};
}

Result<void> add(Tx& tx, const record::Stamp& stamp, const record::Tally& tally) {
    const std::span<const SkillTally> skills(tally.skills);
    TRY(record::insert_many(tx, metrics_sql(), stamp, skills, bind_metrics));
    TRY(record::insert_many(tx, cache_sql(), stamp, skills, bind_cache));
    TRY(record::insert_many(tx, session_skills_sql(), stamp,
                            std::span<const SessionTally>(tally.sessions), bind_session));
    return invocation_rows::add_counts(tx, stamp.tenant, tally.counters);
}

}  // namespace credence::skills::tally_rows
