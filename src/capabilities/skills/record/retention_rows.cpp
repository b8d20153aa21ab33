#include "capabilities/skills/record/retention_rows.h"

namespace credence::skills::retention_rows {
namespace {

using store::Rows;
using store::Tx;

std::vector<std::string> texts_of(const Rows& rows) {
    std::vector<std::string> out;
    out.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        out.push_back(rows.text(i, 0));
    }
    return out;
}

}  // namespace

void describe(Describe<Stale>& d) {
    d.field<&Stale::tenant>("");
    d.field<&Stale::name_space>("");
    d.field<&Stale::handle>("");
    d.field<&Stale::draft>("");
}

Result<std::vector<std::string>> tenants(Tx& tx, std::string_view after, std::int64_t limit) {
    return texts_of(TRY(tx.query(
        "SELECT DISTINCT tenant FROM skill_metrics WHERE tenant > $1 ORDER BY tenant LIMIT $2",
        after, limit)));
}

Result<std::vector<std::string>> skills(Tx& tx, std::string_view tenant, std::string_view after,
                                        std::int64_t before_us) {
    return texts_of(TRY(
        tx.query("SELECT skill_name FROM skill_metrics WHERE tenant = $1 AND skill_name > $2 AND "
                 "first_invoked_at_us < $3 ORDER BY skill_name LIMIT $4",
                 tenant, after, before_us, kSkillsAtOnce)));
}

Result<std::int64_t> drop(Tx& tx, std::string_view tenant, const OldRows& rows) {
    return tx.run(
        "DELETE FROM skill_invocation WHERE tenant = $1 AND id IN (SELECT i.id FROM "
        "skill_invocation i WHERE i.tenant = $1 AND i.skill_name = $2 AND i.invoked_at_us < $3 "
        "AND i.id <= coalesce((SELECT f.through_id FROM skill_fold f WHERE f.tenant = $1), 0) "
        "LIMIT $4)",
        tenant, rows.skill_name, rows.before_us, rows.limit);
}

Result<std::int64_t> clear_queries(Tx& tx, std::string_view tenant, const OldRows& rows) {
    return tx.run(
        "UPDATE skill_invocation SET user_query = NULL, embedding = NULL WHERE tenant = $1 AND "
        "id IN (SELECT i.id FROM skill_invocation i WHERE i.tenant = $1 AND i.skill_name = $2 AND "
        "i.invoked_at_us < $3 AND (i.user_query IS NOT NULL OR i.embedding IS NOT NULL) LIMIT $4)",
        tenant, rows.skill_name, rows.before_us, rows.limit);
}

Result<std::int64_t> drop_hours(Tx& tx, std::int64_t before_us, std::int64_t limit) {
    return tx.run(
        "DELETE FROM skill_time_series WHERE (tenant, skill_name, timestamp_us) IN (SELECT "
        "h.tenant, h.skill_name, h.timestamp_us FROM skill_time_series h WHERE h.timestamp_us < $1 "
        "LIMIT $2)",
        before_us, limit);
}

Result<std::vector<Stale>> stale(Tx& tx, std::int64_t before_us, std::int64_t limit) {
    const Rows rows = TRY(
        tx.query("SELECT o.tenant, s.name_space, o.handle, o.draft FROM skill_open_invocation o "
                 "JOIN skill_session s ON s.tenant = o.tenant AND s.session_id = o.session_id "
                 "WHERE o.started_at_us < $1 ORDER BY o.started_at_us LIMIT $2",
                 before_us, limit));
    return rows.as<Stale>();
}

}  // namespace credence::skills::retention_rows
