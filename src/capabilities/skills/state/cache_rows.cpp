#include "capabilities/skills/state/cache_rows.h"

#include <map>

#include "base/units.h"

namespace credence::skills::cache_rows {
namespace {

struct RecentCount {
    std::int64_t invocations = 0;
    std::int64_t completed = 0;
};

// Of the minute in which the window begins, the part within it.
Result<RecentCount> first_minute(store::Tx& tx, const RefreshOf& of, std::string_view skill_name,
                                 std::int64_t after_us) {
    const std::int64_t end_us = after_us - after_us % kUsPerMinute + kUsPerMinute;
    const auto found =
        TRY(tx.query("SELECT count(*), coalesce(sum(completed), 0) FROM skill_invocation "
                     "WHERE tenant = $1 AND skill_name = $2 AND invoked_at_us > $3 "
                     "AND invoked_at_us < $4 AND id <= $5",
                     of.tenant, skill_name, after_us, end_us, of.through_id));
    return RecentCount{found.integer(0, 0), found.integer(0, 1)};
}

struct NewCount {
    std::int64_t last_hour = 0;
    RecentCount last_day;
};

Result<std::map<std::string, NewCount>> after_the_fold(store::Tx& tx, const RefreshOf& of) {
    const auto found = TRY(
        tx.query("SELECT skill_name, sum(CASE WHEN invoked_at_us > $3 THEN 1 ELSE 0 END), "
                 "count(*), sum(completed) FROM skill_invocation "
                 "WHERE id > $2 AND ($1 = '' OR tenant = $1) AND invoked_at_us > $4 "
                 "GROUP BY skill_name",
                 of.tenant, of.through_id, of.now_us - 60 * kUsPerMinute, of.now_us - kUsPerDay));
    std::map<std::string, NewCount> counts;
    for (std::size_t row = 0; row < found.size(); ++row) {
        counts[found.text(row, 0)] = {found.integer(row, 1),
                                      {found.integer(row, 2), found.integer(row, 3)}};
    }
    return counts;
}

}  // namespace

Result<std::vector<std::string>> counted_skills(store::Tx& tx, std::string_view tenant) {
    const auto found =
        TRY(tx.query("SELECT skill_name FROM skill_metrics_cache WHERE tenant = $1 "
                     "AND (invocation_count_24h > 0 OR invocation_count_1h > 0)",
                     tenant));
    std::vector<std::string> names;
    for (std::size_t row = 0; row < found.size(); ++row) {
        names.push_back(found.text(row, 0));
    }
    return names;
}

Result<void> refresh(store::Tx& tx, const RefreshOf& of, std::span<const RecentSkill> skills) {
    auto newer = TRY(after_the_fold(tx, of));
    for (const RecentSkill& skill : skills) {
        const NewCount& more = newer[skill.skill_name];
        const auto hour =
            TRY(first_minute(tx, of, skill.skill_name, of.now_us - 60 * kUsPerMinute));
        const auto day = TRY(first_minute(tx, of, skill.skill_name, of.now_us - kUsPerDay));
        const std::int64_t last_hour = skill.last_hour + hour.invocations + more.last_hour;
        const std::int64_t last_day = skill.last_day + day.invocations + more.last_day.invocations;
        const std::int64_t completed =
            skill.completed_last_day + day.completed + more.last_day.completed;
        TRY(
            tx.run("UPDATE skill_metrics_cache SET invocation_count_1h = $3, "
                   "invocation_count_24h = $4, avg_completion_rate_24h = $5 * 1.0 / nullif($4, 0), "
                   "updated_at_us = $6 WHERE tenant = $1 AND skill_name = $2 "
                   "AND (invocation_count_1h <> $3 OR invocation_count_24h <> $4 "
                   "OR coalesce(avg_completion_rate_24h, -1) "
                   "<> coalesce($5 * 1.0 / nullif($4, 0), -1))",
                   of.tenant, skill.skill_name, last_hour, last_day, completed, of.now_us));
    }
    return {};
}

}  // namespace credence::skills::cache_rows
