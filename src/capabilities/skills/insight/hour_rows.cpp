#include "capabilities/skills/insight/hour_rows.h"

namespace credence::skills::hour_rows {

void describe(Describe<SkillDay>& d) {
    d.field<&SkillDay::skill_name>("");
    d.field<&SkillDay::day_us>("");
    d.field<&SkillDay::invocations>("");
    d.field<&SkillDay::completed>("");
    d.field<&SkillDay::timed>("");
    d.field<&SkillDay::duration_sum_seconds>("");
    d.field<&SkillDay::log_duration_sum>("");
}

void describe(Describe<HourSessions>& d) {
    d.field<&HourSessions::timestamp_us>("");
    d.field<&HourSessions::unique_sessions>("");
}

Cell cell_of(const SkillDay& day) {
    return {.at_us = day.day_us,
            .invocations = day.invocations,
            .completed = day.completed,
            .timed = day.timed,
            .duration_sum_seconds = day.duration_sum_seconds,
            .log_duration_sum = day.log_duration_sum};
}

Result<std::vector<SkillDay>> days_between(store::Tx& tx, std::string_view tenant,
                                           std::int64_t from_us, std::int64_t to_us) {
    return TRY(tx.query("SELECT skill_name, timestamp_us / 86400000000 * 86400000000 AS day_us, "
                        "SUM(invocation_count) AS invocations, SUM(completed_count) AS completed, "
                        "SUM(timed_count) AS timed, "
                        "SUM(duration_sum_seconds) AS duration_sum_seconds, "
                        "SUM(log_duration_sum) AS log_duration_sum FROM skill_time_series "
                        "WHERE tenant = $1 AND timestamp_us >= $2 AND timestamp_us < $3 "
                        "GROUP BY skill_name, day_us ORDER BY skill_name, day_us",
                        tenant, from_us, to_us))
        .as<SkillDay>();
}

Result<std::vector<HourSessions>> sessions_by_hour(store::Tx& tx, std::string_view tenant,
                                                   const SkillHours& hours) {
    return TRY(tx.query("SELECT timestamp_us, unique_sessions FROM skill_time_series "
                        "WHERE tenant = $1 AND skill_name = $2 AND timestamp_us >= $3 "
                        "AND timestamp_us < $4 ORDER BY timestamp_us",
                        tenant, hours.skill_name, hours.from_us, hours.to_us))
        .as<HourSessions>();
}

}  // namespace credence::skills::hour_rows
