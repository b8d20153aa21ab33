#include "capabilities/skills/import/import_rows.h"

#include "capabilities/skills/import/old_invocation.h"

namespace credence::skills::import_rows {

Result<bool> put_session(store::Tx& tx, std::string_view tenant, std::string_view name_space,
                         const std::pair<const std::string, Span>& session) {
    const auto& [session_id, span] = session;
    const auto known =
        TRY(tx.query("SELECT name_space, started_at_us, ended_at_us FROM skill_session "
                     "WHERE tenant = $1 AND session_id = $2",
                     tenant, session_id));
    if (known.empty()) {
        TRY(
            tx.run("INSERT INTO skill_session (tenant, session_id, name_space, started_at_us, "
                   "ended_at_us, outcome) VALUES ($1, $2, $3, $4, $5, 'completed')",
                   tenant, session_id, name_space, span.from_us, span.to_us));
        return true;
    }
    if (known.text(0, 0) != name_space) {
        return fail(Code::conflict,
                    "session " + session_id + " belongs to another namespace already", "file");
    }
    const bool wider = span.from_us < known.integer(0, 1) ||
                       (!known.is_null(0, 2) && span.to_us > known.integer(0, 2));
    if (wider) {
        TRY(
            tx.run("UPDATE skill_session SET started_at_us = min(started_at_us, $3), "
                   "ended_at_us = max(ended_at_us, $4) WHERE tenant = $1 AND session_id = $2",
                   tenant, session_id, span.from_us, span.to_us));
    }
    return wider;
}

Result<std::map<std::string, std::int64_t>> keys_of_session(store::Tx& tx, std::string_view tenant,
                                                            std::string_view session_id) {
    const auto rows =
        TRY(tx.query("SELECT skill_name, invoked_at_us, completed, count(*) FROM skill_invocation "
                     "WHERE tenant = $1 AND session_id = $2 "
                     "GROUP BY skill_name, invoked_at_us, completed",
                     tenant, session_id));
    std::map<std::string, std::int64_t> out;
    TrackInvocation row;
    row.session_id = session_id;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        row.skill_name = rows.text(i, 0);
        row.invoked_at_us = rows.integer(i, 1);
        row.completed = rows.integer(i, 2) != 0;
        out.emplace(row_key(row), rows.integer(i, 3));
    }
    return out;
}

}  // namespace credence::skills::import_rows
