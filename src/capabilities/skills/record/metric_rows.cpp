#include "capabilities/skills/record/metric_rows.h"

#include <utility>

namespace credence::skills::metric_rows {

using store::Rows;
using store::Tx;

void describe(Describe<Totals>& d) {
    d.field<&Totals::skill_name>("");
    d.field<&Totals::total_invocations>("");
    d.field<&Totals::completed_invocations>("");
    d.field<&Totals::abandoned_invocations>("");
    d.field<&Totals::timed_invocations>("");
    d.field<&Totals::total_duration_seconds>("");
    d.field<&Totals::ranked_invocations>("");
    d.field<&Totals::selection_rank_sum>("");
    d.field<&Totals::rated_invocations>("");
    d.field<&Totals::rating_sum>("");
    d.field<&Totals::first_invoked_at_us>("");
    d.field<&Totals::last_invoked_at_us>("");
}

void describe(Describe<Standing>& d) {
    d.field<&Standing::skill_name>("");
    d.field<&Standing::total_invocations>("");
    d.field<&Standing::completed_invocations>("");
    d.field<&Standing::avg_duration_seconds>("");
    d.field<&Standing::last_invoked_at_us>("");
}

Result<std::optional<Totals>> find(Tx& tx, std::string_view tenant, std::string_view skill_name) {
    const Rows rows = TRY(tx.query(
        "SELECT skill_name, total_invocations, completed_invocations, abandoned_invocations, "
        "timed_invocations, total_duration_seconds, ranked_invocations, selection_rank_sum, "
        "rated_invocations, rating_sum, first_invoked_at_us, last_invoked_at_us "
        "FROM skill_metrics WHERE tenant = $1 AND skill_name = $2",
        tenant, skill_name));
    auto found = TRY(rows.as<Totals>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<Standing>> all(Tx& tx, std::string_view tenant, std::int64_t limit) {
    const Rows rows = TRY(tx.query(
        "SELECT skill_name, total_invocations, completed_invocations, avg_duration_seconds, "
        "last_invoked_at_us FROM skill_metrics WHERE tenant = $1 ORDER BY skill_name LIMIT $2",
        tenant, limit));
    return rows.as<Standing>();
}

Result<std::vector<UseCount>> counts(Tx& tx, std::string_view tenant, std::string_view skill_name,
                                     std::string_view kind) {
    const Rows rows = TRY(
        tx.query("SELECT value, uses FROM skill_counter WHERE tenant = $1 AND skill_name = $2 AND "
                 "kind = $3 ORDER BY uses DESC, value LIMIT $4",
                 tenant, skill_name, kind, SkillMetrics::kMaxCounts));
    return rows.as<UseCount>();
}

Result<Catalogue> catalogue(Tx& tx) {
    Catalogue out;
    const Rows names = TRY(tx.query(
        "SELECT type, name FROM sqlite_master /* no tenant */ "
        "WHERE type IN ('table', 'view', 'trigger') AND "
        "(tbl_name LIKE 'skill%' OR tbl_name LIKE 'session_skills%' OR "
        "tbl_name LIKE 'ab_test%' OR tbl_name LIKE 'mv_daily_skills%' OR name LIKE 'v_%' OR "
        "name LIKE 'trg_%') ORDER BY name"));
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string type = names.text(i, 0);
        auto& list = type == "table" ? out.tables : type == "view" ? out.views : out.triggers;
        list.push_back(names.text(i, 1));
    }
    const Rows version = TRY(tx.query("SELECT max(version) FROM skill_migrations /* no tenant */"));
    out.schema_version = version.integer(0, 0);
    return out;
}

Result<LogFigures> log_figures(Tx& tx, std::string_view tenant, std::int64_t through_id,
                               std::int64_t limit) {
    const Rows totals = TRY(tx.query(
        "SELECT coalesce(sum(total_invocations), 0) FROM skill_metrics WHERE tenant = $1", tenant));
    const Rows open =
        TRY(tx.query("SELECT count(*) FROM skill_open_invocation WHERE tenant = $1", tenant));
    // NOT INDEXED in spirit: + keeps the planner on the order of id, where the rows are few.
    const Rows beyond = TRY(tx.query(
        "SELECT count(*) FROM (SELECT id FROM skill_invocation WHERE +tenant = $1 AND id > $2 "
        "LIMIT $3) AS newer",
        tenant, through_id, limit));
    return LogFigures{totals.integer(0, 0), open.integer(0, 0), beyond.integer(0, 0)};
}

}  // namespace credence::skills::metric_rows
