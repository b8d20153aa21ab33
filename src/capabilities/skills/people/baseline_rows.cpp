#include "capabilities/skills/people/baseline_rows.h"

namespace credence::skills {

void describe(Describe<BaselineRow>& d) {
    d.field<&BaselineRow::skill_name>("");
    d.field<&BaselineRow::source>("");
    d.field<&BaselineRow::total_users>("");
    d.field<&BaselineRow::total_invocations>("");
    d.field<&BaselineRow::completed_invocations>("");
    d.field<&BaselineRow::global_completion_rate>("");
    d.field<&BaselineRow::global_avg_duration_seconds>("");
    d.field<&BaselineRow::most_common_workflow_phase>("");
    d.field<&BaselineRow::effectiveness_percentile>("");
    d.field<&BaselineRow::last_updated_at_us>("");
}

namespace baseline_rows {

Result<std::vector<BaselineRow>> imported(store::Tx& tx, std::string_view tenant) {
    return TRY(tx.query("SELECT skill_name, source, total_users, total_invocations, "
                        "completed_invocations, global_completion_rate, "
                        "global_avg_duration_seconds, most_common_workflow_phase, "
                        "effectiveness_percentile, last_updated_at_us "
                        "FROM skill_community_baselines WHERE tenant = $1 "
                        "ORDER BY skill_name, source",
                        tenant))
        .as<BaselineRow>();
}

Result<std::optional<std::int64_t>> newest(store::Tx& tx, std::string_view tenant,
                                           std::string_view source) {
    const auto found =
        TRY(tx.query("SELECT max(last_updated_at_us) FROM skill_community_baselines "
                     "WHERE tenant = $1 AND source = $2",
                     tenant, source));
    if (found.empty() || found.is_null(0, 0)) {
        return std::nullopt;
    }
    return found.integer(0, 0);
}

Result<std::int64_t> count_sources(store::Tx& tx, std::string_view tenant) {
    return TRY(tx.query("SELECT count(DISTINCT source) FROM skill_community_baselines "
                        "WHERE tenant = $1",
                        tenant))
        .integer(0, 0);
}

Result<void> replace(store::Tx& tx, std::string_view tenant, std::string_view source,
                     const std::vector<BaselineRow>& rows) {
    TRY(tx.run("DELETE FROM skill_community_baselines WHERE tenant = $1 AND source = $2", tenant,
               source));
    for (const BaselineRow& row : rows) {
        TRY(tx.run(
            "INSERT INTO skill_community_baselines (tenant, skill_name, source, "
            "total_users, total_invocations, completed_invocations, "
            "global_completion_rate, global_avg_duration_seconds, "
            "most_common_workflow_phase, effectiveness_percentile, last_updated_at_us) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            tenant, row.skill_name, source, row.total_users, row.total_invocations,
            row.completed_invocations, row.global_completion_rate, row.global_avg_duration_seconds,
            row.most_common_workflow_phase, row.effectiveness_percentile, row.last_updated_at_us));
    }
    return {};
}

Result<std::vector<UserDuration>> durations(store::Tx& tx, std::string_view tenant,
                                            std::string_view skill_name) {
    const auto found =
        TRY(tx.query("SELECT avg(duration_seconds), count(*) FROM skill_invocation "
                     "WHERE tenant = $1 AND skill_name = $2 AND completed = 1 "
                     "AND duration_seconds IS NOT NULL AND user_id IS NOT NULL GROUP BY user_id",
                     tenant, skill_name));
    std::vector<UserDuration> out;
    out.reserve(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        out.push_back({found.number(i, 0), found.integer(i, 1)});
    }
    return out;
}

Result<std::vector<PhaseUsers>> phases(store::Tx& tx, std::string_view tenant,
                                       std::int64_t min_users) {
    const auto found =
        TRY(tx.query("SELECT skill_name, workflow_phase, count(DISTINCT user_id) AS users "
                     "FROM skill_invocation WHERE tenant = $1 AND workflow_phase IS NOT NULL "
                     "AND user_id IS NOT NULL GROUP BY skill_name, workflow_phase "
                     "HAVING count(DISTINCT user_id) >= $2 "
                     "ORDER BY skill_name, users DESC, workflow_phase",
                     tenant, min_users));
    std::vector<PhaseUsers> out;
    out.reserve(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        out.push_back({found.text(i, 0), found.text(i, 1)});
    }
    return out;
}

}  // namespace baseline_rows
}  // namespace credence::skills
