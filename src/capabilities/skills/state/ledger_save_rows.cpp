// Writing a checkpoint, and starting the fold anew.
#include "base/units.h"
#include "capabilities/skills/state/ledger_rows.h"

namespace credence::skills::ledger_rows {
namespace {

std::string json_of(const PhaseTotal& total) {
    std::string out = "[";
    for (const std::int64_t count : total.buckets) {
        out += (out.size() > 1 ? "," : "") + std::to_string(count);
    }
    return out + "]";
}

Result<void> ensure_fold(store::Tx& tx, const SaveOf& of) {
    TRY(
        tx.run("INSERT INTO skill_fold (tenant, through_id, epoch, sessions, published_id, "
               "folded_at_us) VALUES ($1, 0, 0, 0, 0, $2) ON CONFLICT (tenant) DO NOTHING",
               of.tenant, of.now_us));
    return {};
}

// Two ways to write an hour: what the state knows whole, and what came on top of it.
constexpr std::string_view kHourInsert =
    "INSERT INTO skill_time_series AS t (tenant, skill_name, timestamp_us, invocation_count, "
    "completed_count, completion_rate, timed_count, duration_sum_seconds, log_duration_sum, "
    "avg_duration_seconds, unique_sessions) VALUES ($1, $2, $3, $4, $5, $5 * 1.0 / $4, $6, $7, "
    "$8, $7 / nullif($6, 0), $9) ON CONFLICT (tenant, skill_name, timestamp_us) DO UPDATE SET ";
constexpr std::string_view kHourWhole =
    "invocation_count = excluded.invocation_count, completed_count = excluded.completed_count, "
    "completion_rate = excluded.completion_rate, timed_count = excluded.timed_count, "
    "duration_sum_seconds = excluded.duration_sum_seconds, "
    "log_duration_sum = excluded.log_duration_sum, "
    "avg_duration_seconds = excluded.avg_duration_seconds, ";
constexpr std::string_view kHourOnTop =
    "invocation_count = t.invocation_count + excluded.invocation_count, "
    "completed_count = t.completed_count + excluded.completed_count, "
    "completion_rate = (t.completed_count + excluded.completed_count) * 1.0 "
    "/ (t.invocation_count + excluded.invocation_count), "
    "timed_count = t.timed_count + excluded.timed_count, "
    "duration_sum_seconds = t.duration_sum_seconds + excluded.duration_sum_seconds, "
    "log_duration_sum = t.log_duration_sum + excluded.log_duration_sum, "
    "avg_duration_seconds = (t.duration_sum_seconds + excluded.duration_sum_seconds) "
    "/ nullif(t.timed_count + excluded.timed_count, 0), ";
// Where the log has forgotten rows of the hour, what was counted before stays.
constexpr std::string_view kHourSessions =
    "unique_sessions = CASE WHEN excluded.unique_sessions > t.unique_sessions "
    "THEN excluded.unique_sessions ELSE t.unique_sessions END";

Result<void> save_hour(store::Tx& tx, const SaveOf& of, const SavedHour& hour) {
    static const std::string kWhole =
        std::string(kHourInsert).append(kHourWhole).append(kHourSessions);
    static const std::string kOnTop =
        std::string(kHourInsert).append(kHourOnTop).append(kHourSessions);
    const Cell& cell = hour.cell;
    TRY(tx.run(hour.adds ? kOnTop : kWhole, of.tenant, hour.skill_name, cell.at_us,
               cell.invocations, cell.completed, cell.timed, cell.duration_sum_seconds,
               cell.log_duration_sum, hour.sessions.value_or(0)));
    return {};
}

// A day is made of its hours.
Result<void> save_day(store::Tx& tx, const SaveOf& of, const SavedHour& hour) {
    const std::int64_t day_us = hour.cell.at_us - hour.cell.at_us % kUsPerDay;
    TRY(
        tx.run("INSERT INTO mv_daily_skills (tenant, date, skill_name, invocations, completions, "
               "abandonments, avg_duration_seconds) "
               "SELECT tenant, strftime('%Y-%m-%d', $3 / 1000000, 'unixepoch'), skill_name, "
               "sum(invocation_count), sum(completed_count), "
               "sum(invocation_count) - sum(completed_count), "
               "sum(duration_sum_seconds) / nullif(sum(timed_count), 0) FROM skill_time_series "
               "WHERE tenant = $1 AND skill_name = $2 AND timestamp_us >= $3 "
               "AND timestamp_us < $4 GROUP BY tenant, skill_name "
               "ON CONFLICT (tenant, date, skill_name) DO UPDATE SET "
               "invocations = excluded.invocations, completions = excluded.completions, "
               "abandonments = excluded.abandonments, "
               "avg_duration_seconds = excluded.avg_duration_seconds",
               of.tenant, hour.skill_name, day_us, day_us + kUsPerDay));
    return {};
}

Result<void> save_total(store::Tx& tx, const SaveOf& of, const SavedTotal& row) {
    TRY(
        tx.run("INSERT INTO skill_total (tenant, skill_name, workflow_phase, invocations, "
               "completed, timed, duration_sum_seconds, buckets, last_invoked_at_us) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
               "ON CONFLICT (tenant, skill_name, workflow_phase) DO UPDATE SET "
               "invocations = excluded.invocations, completed = excluded.completed, "
               "timed = excluded.timed, duration_sum_seconds = excluded.duration_sum_seconds, "
               "buckets = excluded.buckets, last_invoked_at_us = excluded.last_invoked_at_us",
               of.tenant, row.skill_name, row.workflow_phase, row.total.invocations,
               row.total.completed, row.total.timed, row.total.duration_sum_seconds,
               json_of(row.total), row.last_invoked_at_us));
    return {};
}

Result<void> save_use(store::Tx& tx, const SaveOf& of, const SavedUse& row) {
    TRY(
        tx.run("INSERT INTO skill_user_interactions (tenant, user_id, skill_name, invocations, "
               "completed, rating_sum, rating_count, first_invoked_at_us, last_invoked_at_us) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
               "ON CONFLICT (tenant, user_id, skill_name) DO UPDATE SET "
               "invocations = excluded.invocations, completed = excluded.completed, "
               "rating_sum = excluded.rating_sum, rating_count = excluded.rating_count, "
               "first_invoked_at_us = excluded.first_invoked_at_us, "
               "last_invoked_at_us = excluded.last_invoked_at_us",
               of.tenant, row.user_id, row.skill_name, row.use.invocations, row.use.completed,
               row.use.rating_sum, row.use.ratings, row.use.first_at_us, row.use.last_at_us));
    return {};
}

}  // namespace

Result<bool> save(store::Tx& tx, const SaveOf& of, const FiguresCheckpoint& figures) {
    TRY(ensure_fold(tx, of));
    const auto moved = TRY(
        tx.run("UPDATE skill_fold SET figures_through_id = $4, newest_at_us = $5, ignored = $6, "
               "through_id = min($4, users_through_id, pairs_through_id), "
               "folded_at_us = $7 WHERE tenant = $1 AND epoch = $2 AND figures_through_id = $3",
               of.tenant, of.from.epoch, of.from.figures_through_id, figures.through_id,
               figures.newest_at_us, figures.ignored, of.now_us));
    if (moved == 0) {
        return false;
    }
    for (const SavedHour& hour : figures.hours) {
        TRY(save_hour(tx, of, hour));
    }
    // Hours come sorted: a day is made once, after its last one.
    for (std::size_t i = 0; i < figures.hours.size(); ++i) {
        const SavedHour& hour = figures.hours[i];
        const SavedHour* const next =
            i + 1 < figures.hours.size() ? &figures.hours[i + 1] : nullptr;
        if (next == nullptr || next->skill_name != hour.skill_name ||
            next->cell.at_us / kUsPerDay != hour.cell.at_us / kUsPerDay) {
            TRY(save_day(tx, of, hour));
        }
    }
    for (const SavedTotal& total : figures.totals) {
        TRY(save_total(tx, of, total));
    }
    return true;
}

Result<bool> save(store::Tx& tx, const SaveOf& of, const UsersCheckpoint& users) {
    TRY(ensure_fold(tx, of));
    const auto moved = TRY(
        tx.run("UPDATE skill_fold SET users_through_id = $4, folded_at_us = $5, "
               "through_id = min(figures_through_id, $4, pairs_through_id) "
               "WHERE tenant = $1 AND epoch = $2 AND users_through_id = $3",
               of.tenant, of.from.epoch, of.from.users_through_id, users.through_id, of.now_us));
    if (moved == 0) {
        return false;
    }
    for (const SavedUse& use : users.uses) {
        TRY(save_use(tx, of, use));
    }
    return true;
}

Result<bool> save(store::Tx& tx, const SaveOf& of, const PairsCheckpoint& pairs,
                  const std::vector<double>& lifts) {
    TRY(ensure_fold(tx, of));
    const auto moved =
        TRY(tx.run("UPDATE skill_fold SET pairs_through_id = $4, sessions = $5, folded_at_us = $6, "
                   "through_id = min(figures_through_id, users_through_id, $4) "
                   "WHERE tenant = $1 AND epoch = $2 AND pairs_through_id = $3",
                   of.tenant, of.from.epoch, of.from.pairs_through_id, pairs.through_id,
                   pairs.sessions, of.now_us));
    if (moved == 0) {
        return false;
    }
    for (const SavedSkillSessions& skill : pairs.skills) {
        TRY(
            tx.run("INSERT INTO skill_session_count (tenant, skill_name, sessions) "
                   "VALUES ($1, $2, $3) ON CONFLICT (tenant, skill_name) "
                   "DO UPDATE SET sessions = excluded.sessions",
                   of.tenant, skill.skill_name, skill.sessions));
    }
    for (std::size_t i = 0; i < pairs.pairs.size(); ++i) {
        const SavedPair& pair = pairs.pairs[i];
        TRY(
            tx.run("INSERT INTO skill_dependencies (tenant, skill_a, skill_b, "
                   "co_occurrence_count, a_first_count, b_first_count, lift_score, "
                   "last_updated_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
                   "ON CONFLICT (tenant, skill_a, skill_b) DO UPDATE SET "
                   "co_occurrence_count = excluded.co_occurrence_count, "
                   "a_first_count = excluded.a_first_count, "
                   "b_first_count = excluded.b_first_count, lift_score = excluded.lift_score, "
                   "last_updated_at_us = excluded.last_updated_at_us",
                   of.tenant, pair.skill_a, pair.skill_b, pair.counts.both, pair.order.a_first,
                   pair.order.b_first, lifts[i], of.now_us));
    }
    return true;
}

// What the kept hours say of forgotten rows becomes the beginning of the totals. Their durations
// are left out: in which bucket they belong is no longer known.
Result<void> keep_totals(store::Tx& tx, std::string_view tenant) {
    TRY(tx.run("DELETE FROM skill_total WHERE tenant = $1", tenant));
    TRY(
        tx.run("INSERT INTO skill_total (tenant, skill_name, workflow_phase, invocations, "
               "completed, timed, duration_sum_seconds, buckets, last_invoked_at_us) "
               "SELECT tenant, skill_name, '', sum(invocation_count), sum(completed_count), 0, 0, "
               "'[]', max(timestamp_us) FROM skill_time_series WHERE tenant = $1 "
               "GROUP BY tenant, skill_name",
               tenant));
    return {};
}

Result<void> forget(store::Tx& tx, std::string_view tenant, std::int64_t keep_before_us,
                    std::int64_t now_us) {
    TRY(
        tx.run("INSERT INTO skill_fold (tenant, through_id, epoch, sessions, published_id, "
               "folded_at_us) VALUES ($1, 0, 1, 0, 0, $2) ON CONFLICT (tenant) DO UPDATE SET "
               "through_id = 0, figures_through_id = 0, users_through_id = 0, pairs_through_id = "
               "0, sessions = 0, "
               "ignored = 0, epoch = skill_fold.epoch + 1, "
               "folded_at_us = excluded.folded_at_us",
               tenant, now_us));
    // The newest time bounds what is kept in memory, also of the hours that stay.
    TRY(
        tx.run("UPDATE skill_fold SET newest_at_us = coalesce((SELECT max((SELECT "
               "max(i.invoked_at_us) FROM skill_invocation i WHERE i.tenant = m.tenant "
               "AND i.skill_name = m.skill_name)) FROM skill_metrics_cache m "
               "WHERE m.tenant = $1), 0) WHERE tenant = $1",
               tenant));
    TRY(tx.run("DELETE FROM skill_time_series WHERE tenant = $1 AND timestamp_us >= $2", tenant,
               keep_before_us));
    TRY(
        tx.run("DELETE FROM mv_daily_skills WHERE tenant = $1 "
               "AND date >= strftime('%Y-%m-%d', $2 / 1000000, 'unixepoch')",
               tenant, keep_before_us));
    TRY(keep_totals(tx, tenant));
    TRY(tx.run("DELETE FROM skill_user_interactions WHERE tenant = $1", tenant));
    TRY(tx.run("DELETE FROM skill_session_count WHERE tenant = $1", tenant));
    TRY(tx.run("DELETE FROM skill_dependencies WHERE tenant = $1 AND declared_lift IS NULL",
               tenant));
    TRY(
        tx.run("UPDATE skill_dependencies SET co_occurrence_count = 0, a_first_count = 0, "
               "b_first_count = 0, lift_score = NULL WHERE tenant = $1",
               tenant));
    return {};
}

}  // namespace credence::skills::ledger_rows
