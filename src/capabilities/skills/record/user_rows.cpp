#include "capabilities/skills/record/user_rows.h"

#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace credence::skills::user_rows {
namespace {

using invocation_rows::CounterChange;
using store::Rows;
using store::Tx;

// What rows of one skill added to skill_metrics.
struct SkillShare {
    std::int64_t total = 0;
    std::int64_t completed = 0;
    std::int64_t timed = 0;
    double duration_seconds = 0;
    std::int64_t ranked = 0;
    std::int64_t rank_sum = 0;
    std::int64_t rated = 0;
    std::int64_t rating_sum = 0;
};

void add_trace(const Trace& trace, SkillShare& share) {
    const bool timed = trace.completed && trace.duration_seconds.has_value();
    ++share.total;
    share.completed += trace.completed ? 1 : 0;
    share.timed += timed ? 1 : 0;
    share.duration_seconds += timed ? *trace.duration_seconds : 0;
    share.ranked += trace.selection_rank ? 1 : 0;
    share.rank_sum += trace.selection_rank.value_or(0);
    share.rated += trace.rating ? 1 : 0;
    share.rating_sum += trace.rating.value_or(0);
}

Result<void> take_share(Tx& tx, std::string_view tenant, std::string_view skill_name,
                        const SkillShare& share) {
    TRY(tx.run(
        "UPDATE skill_metrics SET total_invocations = total_invocations - $3, "
        "completed_invocations = completed_invocations - $4, "
        "abandoned_invocations = abandoned_invocations - ($3 - $4), "
        "timed_invocations = timed_invocations - $5, "
        "total_duration_seconds = total_duration_seconds - $6, "
        "ranked_invocations = ranked_invocations - $7, "
        "selection_rank_sum = selection_rank_sum - $8, "
        "rated_invocations = rated_invocations - $9, rating_sum = rating_sum - $10, "
        "completion_rate = coalesce((completed_invocations - $4) * 1.0 "
        "/ nullif(total_invocations - $3, 0), 0), "
        "avg_duration_seconds = (total_duration_seconds - $6) "
        "/ nullif(timed_invocations - $5, 0) WHERE tenant = $1 AND skill_name = $2",
        tenant, skill_name, share.total, share.completed, share.timed, share.duration_seconds,
        share.ranked, share.rank_sum, share.rated, share.rating_sum));
    return {};
}

Result<void> take_from_session(Tx& tx, std::string_view tenant,
                               const std::pair<std::string_view, std::string_view>& place,
                               std::int64_t count) {
    TRY(tx.run(
        "UPDATE session_skills SET invocation_count = invocation_count - $4 WHERE tenant = $1 AND "
        "session_id = $2 AND skill_name = $3",
        tenant, place.first, place.second, count));
    TRY(tx.run(
        "DELETE FROM session_skills WHERE tenant = $1 AND session_id = $2 AND skill_name = $3 AND "
        "invocation_count <= 0",
        tenant, place.first, place.second));
    return {};
}

Result<void> take_counts(Tx& tx, std::string_view tenant, const std::vector<Trace>& traces) {
    std::map<std::tuple<std::string_view, std::string_view, std::string_view>, std::int64_t> sums;
    for (const Trace& trace : traces) {
        if (trace.workflow_path) {
            --sums[{trace.skill_name, "workflow_path", *trace.workflow_path}];
        }
        if (trace.error_type) {
            --sums[{trace.skill_name, "error_type", *trace.error_type}];
        }
        const std::set<std::string_view> actions(trace.follow_up_actions.begin(),
                                                 trace.follow_up_actions.end());
        for (const std::string_view action : actions) {
            --sums[{trace.skill_name, "follow_up_action", action}];
        }
    }
    std::vector<CounterChange> changes;
    changes.reserve(sums.size());
    for (const auto& [key, uses] : sums) {
        changes.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), uses});
    }
    TRY(invocation_rows::add_counts(tx, tenant, changes));
    for (const CounterChange& change : changes) {
        TRY(tx.run(
            "DELETE FROM skill_counter WHERE tenant = $1 AND skill_name = $2 AND kind = $3 AND "
            "value = $4 AND uses <= 0",
            tenant, change.skill_name, change.kind, change.value));
    }
    return {};
}

}  // namespace

void describe(Describe<Trace>& d) {
    d.field<&Trace::id>("");
    d.field<&Trace::skill_name>("");
    d.field<&Trace::session_id>("");
    d.field<&Trace::invoked_at_us>("");
    d.field<&Trace::completed>("");
    d.field<&Trace::duration_seconds>("");
    d.field<&Trace::selection_rank>("");
    d.field<&Trace::rating>("");
    d.field<&Trace::workflow_path>("");
    d.field<&Trace::error_type>("");
    d.field<&Trace::follow_up_actions>("");
}

Result<std::vector<Trace>> traces(Tx& tx, const Who& who, const After& after) {
    const Rows rows = TRY(
        tx.query("SELECT id, skill_name, session_id, invoked_at_us, completed, duration_seconds, "
                 "selection_rank, rating, workflow_path, error_type, "
                 "coalesce(follow_up_actions, '[]') AS follow_up_actions FROM skill_invocation "
                 "WHERE tenant = $1 AND user_id = $2 AND id > $3 ORDER BY id LIMIT $4",
                 who.tenant, who.user_id, after.number, after.limit));
    return rows.as<Trace>();
}

Result<std::int64_t> take_back(Tx& tx, const Who& who, const std::vector<Trace>& traces) {
    std::map<std::string_view, SkillShare> shares;
    std::map<std::pair<std::string_view, std::string_view>, std::int64_t> places;
    std::vector<Trace> taken;  // a row may have left since it was read
    taken.reserve(traces.size());
    for (const Trace& trace : traces) {
        if (TRY(tx.run("DELETE FROM skill_invocation WHERE id = $2 AND tenant = $1", who.tenant,
                       trace.id)) > 0) {
            taken.push_back(trace);
        }
    }
    for (const Trace& trace : taken) {
        add_trace(trace, shares[trace.skill_name]);
        ++places[{trace.session_id, trace.skill_name}];
    }
    for (const auto& [skill_name, share] : shares) {
        TRY(take_share(tx, who.tenant, skill_name, share));
    }
    for (const auto& [place, count] : places) {
        TRY(take_from_session(tx, who.tenant, place, count));
    }
    TRY(take_counts(tx, who.tenant, taken));
    return std::ssize(taken);
}

Result<void> recount_skill(Tx& tx, std::string_view tenant, std::string_view skill_name) {
    TRY(
        tx.run("DELETE FROM skill_metrics WHERE tenant = $1 AND skill_name = $2 AND "
               "total_invocations <= 0",
               tenant, skill_name));
    TRY(tx.run(
        "DELETE FROM skill_metrics_cache WHERE tenant = $1 AND skill_name = $2 AND NOT EXISTS "
        "(SELECT 1 FROM skill_metrics m WHERE m.tenant = $1 AND m.skill_name = $2)",
        tenant, skill_name));
    // Sums anew, so that no rounding of what was taken back stays; where retention has shortened
    // the log its own figures are all there is, and the totals stand as they were subtracted.
    TRY(
        tx.run("UPDATE skill_metrics SET total_duration_seconds = l.seconds, "
               "avg_duration_seconds = l.seconds / nullif(timed_invocations, 0), "
               "first_invoked_at_us = l.first_at_us FROM (SELECT count(*) AS rows_kept, "
               "coalesce(sum(CASE WHEN completed = 1 THEN duration_seconds END), 0.0) AS seconds, "
               "min(invoked_at_us) AS first_at_us FROM skill_invocation WHERE tenant = $1 AND "
               "skill_name = $2) AS l WHERE tenant = $1 AND skill_name = $2 AND "
               "total_invocations = l.rows_kept",
               tenant, skill_name));
    TRY(tx.run(
        "UPDATE skill_metrics SET last_invoked_at_us = coalesce((SELECT max(invoked_at_us) FROM "
        "skill_invocation WHERE tenant = $1 AND skill_name = $2), last_invoked_at_us) "
        "WHERE tenant = $1 AND skill_name = $2",
        tenant, skill_name));
    TRY(tx.run(
        "UPDATE skill_metrics_cache SET last_invocation_at_us = (SELECT m.last_invoked_at_us FROM "
        "skill_metrics m WHERE m.tenant = $1 AND m.skill_name = $2) WHERE tenant = $1 AND "
        "skill_name = $2",
        tenant, skill_name));
    return {};
}

Result<std::int64_t> remove_open(Tx& tx, const Who& who) {
    const std::string mark = "%" + std::string(who.user_id) + "%";
    return tx.run(
        "DELETE FROM skill_open_invocation WHERE tenant = $1 AND (draft LIKE $2 OR session_id IN "
        "(SELECT session_id FROM skill_session WHERE tenant = $1 AND user_id = $3))",
        who.tenant, mark, who.user_id);
}

Result<std::int64_t> leave_sessions(Tx& tx, const Who& who) {
    // A path can name its owner.
    return tx.run(
        "UPDATE skill_session SET user_id = NULL, project_path = NULL WHERE tenant = $1 AND "
        "user_id = $2",
        who.tenant, who.user_id);
}

Result<std::int64_t> remove_interactions(Tx& tx, const Who& who) {
    return tx.run("DELETE FROM skill_user_interactions WHERE tenant = $1 AND user_id = $2",
                  who.tenant, who.user_id);
}

Result<ExperimentRows> count_in_experiments(Tx& tx, const Who& who) {
    const Rows outcomes =
        TRY(tx.query("SELECT count(*) FROM ab_test_outcomes WHERE tenant = $1 AND user_id = $2",
                     who.tenant, who.user_id));
    const Rows assignments =
        TRY(tx.query("SELECT count(*) FROM ab_test_assignments WHERE tenant = $1 AND user_id = $2",
                     who.tenant, who.user_id));
    return ExperimentRows{assignments.integer(0, 0), outcomes.integer(0, 0)};
}

Result<std::vector<Session>> sessions(Tx& tx, const Who& who, const After& after) {
    const Rows rows = TRY(
        tx.query("SELECT session_id, project_path, user_id, started_at_us, ended_at_us, outcome "
                 "FROM skill_session WHERE tenant = $1 AND user_id = $2 AND session_id > $3 "
                 "ORDER BY session_id LIMIT $4",
                 who.tenant, who.user_id, after.text, after.limit));
    return rows.as<Session>();
}

Result<std::vector<invocation_rows::OpenRow>> open(Tx& tx, const Who& who, const After& after) {
    const std::string mark = "%" + std::string(who.user_id) + "%";
    const Rows rows =
        TRY(tx.query("SELECT handle, session_id, started_at_us, draft FROM skill_open_invocation "
                     "WHERE tenant = $1 AND handle > $4 AND (draft LIKE $2 OR session_id IN "
                     "(SELECT session_id FROM skill_session WHERE tenant = $1 AND user_id = $3)) "
                     "ORDER BY handle LIMIT $5",
                     who.tenant, mark, who.user_id, after.text, after.limit));
    return rows.as<invocation_rows::OpenRow>();
}

Result<std::vector<Invocation>> invocations(Tx& tx, const Who& who, const After& after) {
    const Rows rows =
        TRY(tx.query(std::string("SELECT ") + std::string(invocation_rows::invocation_columns()) +
                         " FROM skill_invocation i WHERE i.tenant = $1 AND i.user_id = $2 AND "
                         "i.id > $3 ORDER BY i.id LIMIT $4",
                     who.tenant, who.user_id, after.number, after.limit));
    return rows.as<Invocation>();
}

Result<std::vector<ExportedInteraction>> interactions(Tx& tx, const Who& who, const After& after) {
    const Rows rows = TRY(tx.query(
        "SELECT skill_name, invocations, completed, rating_sum, rating_count, "
        "first_invoked_at_us, last_invoked_at_us FROM skill_user_interactions WHERE tenant = $1 "
        "AND user_id = $2 AND skill_name > $3 ORDER BY skill_name LIMIT $4",
        who.tenant, who.user_id, after.text, after.limit));
    return rows.as<ExportedInteraction>();
}

Result<std::vector<ExportedAssignment>> assignments(Tx& tx, const Who& who, const After& after) {
    const Rows rows = TRY(
        tx.query("SELECT test_id, group_name, assigned_at_us, covariate FROM ab_test_assignments "
                 "WHERE tenant = $1 AND user_id = $2 AND test_id > $3 ORDER BY test_id LIMIT $4",
                 who.tenant, who.user_id, after.number, after.limit));
    return rows.as<ExportedAssignment>();
}

Result<std::vector<ExportedOutcome>> outcomes(Tx& tx, const Who& who, const After& after) {
    const Rows rows = TRY(tx.query(
        "SELECT outcome_id, test_id, skill_name, completed, duration_seconds, user_rating, "
        "recorded_at_us FROM ab_test_outcomes WHERE tenant = $1 AND user_id = $2 AND "
        "outcome_id > $3 "
        "ORDER BY outcome_id LIMIT $4",
        who.tenant, who.user_id, after.number, after.limit));
    return rows.as<ExportedOutcome>();
}

}  // namespace credence::skills::user_rows
