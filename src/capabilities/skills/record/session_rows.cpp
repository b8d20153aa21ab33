#include "capabilities/skills/record/session_rows.h"

#include <limits>
#include <utility>

namespace credence::skills::session_rows {

using store::Rows;
using store::Tx;

Result<std::optional<Head>> head(Tx& tx, std::string_view tenant, std::string_view session_id) {
    const Rows rows = TRY(
        tx.query("SELECT name_space, user_id, ended_at_us FROM skill_session WHERE tenant = $1 AND "
                 "session_id = $2",
                 tenant, session_id));
    if (rows.empty()) {
        return std::nullopt;
    }
    Head head{.name_space = rows.text(0, 0), .user_id = {}, .ended_at_us = {}};
    if (!rows.is_null(0, 1)) {
        head.user_id = rows.text(0, 1);
    }
    if (!rows.is_null(0, 2)) {
        head.ended_at_us = rows.integer(0, 2);
    }
    return head;
}

Result<std::optional<Session>> find(Tx& tx, std::string_view tenant, std::string_view name_space,
                                    std::string_view session_id) {
    const Rows rows = TRY(
        tx.query("SELECT session_id, project_path, user_id, started_at_us, ended_at_us, outcome "
                 "FROM skill_session WHERE tenant = $1 AND session_id = $2 AND name_space = $3",
                 tenant, session_id, name_space));
    auto found = TRY(rows.as<Session>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<void> insert(Tx& tx, std::string_view tenant, std::string_view name_space,
                    const Session& session) {
    TRY(
        tx.run("INSERT INTO skill_session (tenant, session_id, name_space, project_path, user_id, "
               "started_at_us) VALUES ($1, $2, $3, $4, $5, $6)",
               tenant, session.session_id, name_space, session.project_path, session.user_id,
               session.started_at_us));
    return {};
}

Result<void> end(Tx& tx, std::string_view tenant, const Session& session) {
    TRY(
        tx.run("UPDATE skill_session SET ended_at_us = $3, outcome = $4 WHERE tenant = $1 AND "
               "session_id = $2",
               tenant, session.session_id, session.ended_at_us,
               enumerator_of(session.outcome.value_or(SessionOutcome::completed))));
    return {};
}

Result<std::vector<Session>> list(Tx& tx, std::string_view tenant, const Page& page) {
    const record::PageCursor after = page.after.value_or(
        record::PageCursor{.at = std::numeric_limits<std::int64_t>::max(), .key = {}});
    const Rows rows = TRY(tx.query(
        "SELECT session_id, project_path, user_id, started_at_us, ended_at_us, outcome "
        "FROM skill_session WHERE tenant = $1 AND name_space = $2 AND started_at_us <= $3 AND "
        "(started_at_us < $3 OR session_id > $4) AND "
        "($5 IS NULL OR CASE WHEN ended_at_us IS NULL THEN 1 ELSE 0 END = $5) AND "
        "($6 IS NULL OR project_path = $6) ORDER BY started_at_us DESC, session_id LIMIT $7",
        tenant, page.name_space, after.at, after.key, page.active, page.project_path, page.limit));
    return rows.as<Session>();
}

Result<void> leave_namespace(Tx& tx, std::string_view tenant, std::string_view name_space,
                             std::int64_t mark) {
    // No namespace has a name with a blank.
    const std::string nobodys = "removed " + std::to_string(mark);
    TRY(tx.run("UPDATE skill_session SET name_space = $3 WHERE tenant = $1 AND name_space = $2",
               tenant, name_space, nobodys));
    return {};
}

Result<SessionSummary> summary(Tx& tx, std::string_view tenant, Session session) {
    SessionSummary out;
    const std::string& id = session.session_id;
    const Rows log = TRY(tx.query(
        "SELECT count(*), coalesce(sum(completed), 0), coalesce(sum(duration_seconds), 0.0), "
        "min(invoked_at_us), max(invoked_at_us) FROM skill_invocation WHERE tenant = $1 AND "
        "session_id = $2",
        tenant, id));
    const Rows totals =
        TRY(tx.query("SELECT count(*), coalesce(sum(invocation_count), 0) FROM session_skills "
                     "WHERE tenant = $1 AND session_id = $2",
                     tenant, id));
    const Rows open = TRY(
        tx.query("SELECT count(*) FROM skill_open_invocation WHERE tenant = $1 AND session_id = $2",
                 tenant, id));
    const Rows skills = TRY(
        tx.query("SELECT skill_name, invocation_count FROM session_skills WHERE tenant = $1 AND "
                 "session_id = $2 ORDER BY invocation_count DESC, skill_name LIMIT $3",
                 tenant, id, SessionSummary::kMaxSkills));
    const std::int64_t kept = log.integer(0, 0);
    out.distinct_skills = totals.integer(0, 0);
    out.total_invocations = totals.integer(0, 1);
    out.completed_invocations = log.integer(0, 1);
    out.abandoned_invocations = kept - out.completed_invocations;
    out.forgotten_invocations = out.total_invocations - kept;
    out.open_invocations = open.integer(0, 0);
    out.total_duration_seconds = log.number(0, 2);
    if (kept > 0) {
        out.first_invoked_at_us = log.integer(0, 3);
        out.last_invoked_at_us = log.integer(0, 4);
    }
    out.skills = TRY(skills.as<SkillInSession>());
    out.session = std::move(session);
    return out;
}

}  // namespace credence::skills::session_rows
