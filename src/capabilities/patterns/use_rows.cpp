#include "capabilities/patterns/use_rows.h"

#include "base/units.h"

namespace credence::patterns {

void describe(Describe<UseRow>& d) {
    d.field<&UseRow::id>("");
    d.field<&UseRow::pattern_id>("");
    d.field<&UseRow::name_space>("");
    d.field<&UseRow::agent_id>("");
    d.field<&UseRow::used_at_us>("");
    d.field<&UseRow::day>("");
    d.field<&UseRow::access_level>("");
    d.field<&UseRow::execution_time_ms>("");
    d.field<&UseRow::outcome>("");
    d.field<&UseRow::source>("");
    d.field<&UseRow::context_data>("");
    d.field<&UseRow::verification_id>("");
    d.field<&UseRow::reviewer>("");
    d.field<&UseRow::labelled_at_us>("");
}

void describe(Describe<UserRow>& d) {
    d.field<&UserRow::pattern_id>("");
    d.field<&UserRow::name_space>("");
    d.field<&UserRow::agent_id>("");
    d.field<&UserRow::uses>("");
    d.field<&UserRow::day>("");
    d.field<&UserRow::day_uses>("");
    d.field<&UserRow::success_count>("");
    d.field<&UserRow::failure_count>("");
    d.field<&UserRow::evidence_success>("");
    d.field<&UserRow::evidence_failure>("");
    d.field<&UserRow::evidence_at_us>("");
}

std::int64_t day_of(std::int64_t at_us) {
    return at_us >= 0 ? at_us / kUsPerDay : ((at_us + 1) / kUsPerDay) - 1;
}

namespace use_rows {
namespace {

constexpr std::string_view kUse =
    "SELECT id, pattern_id, name_space, agent_id, used_at_us, day, access_level, "
    "execution_time_ms, outcome, source, context_data, verification_id, reviewer, labelled_at_us "
    "FROM pattern_use WHERE tenant = $1 AND ";

constexpr std::string_view kUser =
    "SELECT pattern_id, name_space, agent_id, uses, day, day_uses, success_count, failure_count, "
    "evidence_success, evidence_failure, evidence_at_us FROM pattern_user WHERE tenant = $1 AND ";

std::string with(std::string_view select, std::string_view rest) {
    return std::string(select).append(rest);
}

struct DayKey {
    std::int64_t day = 0;
    std::string_view access_level;
};

Result<void> count_day(store::Tx& tx, std::string_view tenant, const PatternRow& pattern,
                       const DayKey& key) {
    TRY(tx.run(
        "INSERT INTO pattern_usage_day (tenant, name_space, day, category, access_level, owner, "
        "uses) VALUES ($1, $2, $3, $4, $5, $6, 1) "
        "ON CONFLICT (tenant, name_space, day, category, access_level, owner) "
        "DO UPDATE SET uses = pattern_usage_day.uses + 1",
        tenant, pattern.name_space, key.day, pattern.category, key.access_level, pattern.owner));
    return {};
}

// Takes a pattern's uses out of the days' counts, or adds them.
Result<void> shift_days(store::Tx& tx, std::string_view tenant, const PatternRow& pattern,
                        const PatternId& uses_of, int sign) {
    const auto counts =
        TRY(tx.query("SELECT day, access_level, COUNT(id) FROM pattern_use "
                     "WHERE tenant = $1 AND pattern_id = $2 "
                     "GROUP BY day, access_level",
                     tenant, uses_of));
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (sign > 0) {
            TRY(tx.run(
                "INSERT INTO pattern_usage_day (tenant, name_space, day, category, access_level, "
                "owner, uses) VALUES ($1, $2, $3, $4, $5, $6, $7) "
                "ON CONFLICT (tenant, name_space, day, category, access_level, owner) "
                "DO UPDATE SET uses = pattern_usage_day.uses + $7",
                tenant, pattern.name_space, counts.integer(i, 0), pattern.category,
                counts.text(i, 1), pattern.owner, counts.integer(i, 2)));
            continue;
        }
        TRY(
            tx.run("UPDATE pattern_usage_day SET uses = uses - $7 WHERE tenant = $1 "
                   "AND name_space = $2 AND day = $3 AND category = $4 AND access_level = $5 "
                   "AND owner = $6",
                   tenant, pattern.name_space, counts.integer(i, 0), pattern.category,
                   counts.text(i, 1), pattern.owner, counts.integer(i, 2)));
        TRY(
            tx.run("DELETE FROM pattern_usage_day WHERE tenant = $1 AND name_space = $2 "
                   "AND day = $3 AND uses = 0",
                   tenant, pattern.name_space, counts.integer(i, 0)));
    }
    return {};
}

}  // namespace

Result<void> insert(store::Tx& tx, std::string_view tenant, const PatternRow& pattern,
                    const UseRow& use) {
    TRY(
        tx.run("INSERT INTO pattern_use (tenant, id, pattern_id, name_space, agent_id, used_at_us, "
               "day, access_level, execution_time_ms, outcome, source, context_data, "
               "verification_id, reviewer, labelled_at_us) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
               tenant, use.id, use.pattern_id, use.name_space, use.agent_id, use.used_at_us,
               use.day, enumerator_of(use.access_level), use.execution_time_ms,
               enumerator_of(use.outcome), enumerator_of(use.source), use.context_data,
               use.verification_id, use.reviewer, use.labelled_at_us));
    return count_day(tx, tenant, pattern, {use.day, enumerator_of(use.access_level)});
}

Result<void> update(store::Tx& tx, std::string_view tenant, const UseRow& use) {
    TRY(
        tx.run("UPDATE pattern_use SET outcome = $3, source = $4, verification_id = $5, "
               "reviewer = $6, labelled_at_us = $7 WHERE tenant = $1 AND id = $2",
               tenant, use.id, enumerator_of(use.outcome), enumerator_of(use.source),
               use.verification_id, use.reviewer, use.labelled_at_us));
    return {};
}

Result<std::optional<UseRow>> find(store::Tx& tx, std::string_view tenant, const UseId& id) {
    static const std::string kSql = with(kUse, "id = $2");
    auto found = TRY(TRY(tx.query(kSql, tenant, id)).as<UseRow>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::optional<UseRow>> pending(store::Tx& tx, std::string_view tenant,
                                      const PendingQuery& query) {
    static const std::string kSql =
        with(kUse,
             "pattern_id = $2 AND name_space = $3 AND agent_id = $4 AND used_at_us >= $5 "
             "AND source IN ('none', 'reported') ORDER BY used_at_us DESC, id DESC LIMIT 1");
    auto found = TRY(TRY(tx.query(kSql, tenant, query.pattern_id, query.name_space, query.agent_id,
                                  query.since_us))
                         .as<UseRow>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<bool> has_verification(store::Tx& tx, std::string_view tenant, const PatternId& id,
                              std::string_view verification_id) {
    return !TRY(tx.query("SELECT id FROM pattern_use WHERE tenant = $1 AND pattern_id = $2 "
                         "AND verification_id = $3",
                         tenant, id, verification_id))
                .empty();
}

Result<UserRow> user(store::Tx& tx, std::string_view tenant, const UserRow& key) {
    static const std::string kSql =
        with(kUser, "pattern_id = $2 AND name_space = $3 AND agent_id = $4");
    auto found = TRY(
        TRY(tx.query(kSql, tenant, key.pattern_id, key.name_space, key.agent_id)).as<UserRow>());
    return found.empty() ? key : std::move(found.front());
}

Result<void> put_user(store::Tx& tx, std::string_view tenant, const UserRow& user) {
    TRY(
        tx.run("INSERT INTO pattern_user (tenant, pattern_id, name_space, agent_id, uses, day, "
               "day_uses, success_count, failure_count, evidence_success, evidence_failure, "
               "evidence_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
               "ON CONFLICT (tenant, pattern_id, name_space, agent_id) DO UPDATE SET uses = $5, "
               "day = $6, day_uses = $7, success_count = $8, failure_count = $9, "
               "evidence_success = $10, evidence_failure = $11, evidence_at_us = $12",
               tenant, user.pattern_id, user.name_space, user.agent_id, user.uses, user.day,
               user.day_uses, user.success_count, user.failure_count, user.evidence_success,
               user.evidence_failure, user.evidence_at_us));
    return {};
}

Result<std::vector<UserRow>> users(store::Tx& tx, std::string_view tenant, const PatternId& id) {
    static const std::string kSql = with(kUser, "pattern_id = $2 ORDER BY name_space, agent_id");
    return TRY(tx.query(kSql, tenant, id)).as<UserRow>();
}

Result<void> clear_evidence(store::Tx& tx, std::string_view tenant, const PatternId& id) {
    TRY(
        tx.run("UPDATE pattern_user SET evidence_success = 0, evidence_failure = 0 "
               "WHERE tenant = $1 AND pattern_id = $2",
               tenant, id));
    return {};
}

Result<void> erase(store::Tx& tx, std::string_view tenant, const PatternRow& pattern) {
    TRY(shift_days(tx, tenant, pattern, pattern.id, -1));
    TRY(tx.run("DELETE FROM pattern_use WHERE tenant = $1 AND pattern_id = $2", tenant,
               pattern.id));
    TRY(tx.run("DELETE FROM pattern_user WHERE tenant = $1 AND pattern_id = $2", tenant,
               pattern.id));
    TRY(tx.run("DELETE FROM pattern_promotion WHERE tenant = $1 AND pattern_id = $2", tenant,
               pattern.id));
    return {};
}

Result<void> move(store::Tx& tx, std::string_view tenant, const PatternRow& from,
                  const PatternRow& to) {
    TRY(shift_days(tx, tenant, from, from.id, -1));
    TRY(shift_days(tx, tenant, to, from.id, 1));
    // One verification may have labelled both; the use stays, its link to it goes.
    TRY(
        tx.run("UPDATE pattern_use SET verification_id = NULL "
               "WHERE tenant = $1 AND pattern_id = $2 AND verification_id IN "
               "(SELECT o.verification_id FROM pattern_use o WHERE o.tenant = $1 "
               "AND o.pattern_id = $3 AND o.verification_id IS NOT NULL)",
               tenant, from.id, to.id));
    TRY(tx.run("UPDATE pattern_use SET pattern_id = $3 WHERE tenant = $1 AND pattern_id = $2",
               tenant, from.id, to.id));
    return {};
}

Result<void> drop_days(store::Tx& tx, std::string_view tenant, std::string_view name_space) {
    TRY(tx.run("DELETE FROM pattern_usage_day WHERE tenant = $1 AND name_space = $2", tenant,
               name_space));
    return {};
}

Result<std::int64_t> forget_before(store::Tx& tx, std::int64_t day, int limit) {
    const std::int64_t removed =
        TRY(tx.run("DELETE FROM pattern_use WHERE (tenant, id) IN "
                   "(SELECT o.tenant, o.id FROM pattern_use o WHERE o.used_at_us < $1 LIMIT $2)",
                   day * kUsPerDay, limit));
    if (removed < limit) {
        TRY(tx.run("DELETE FROM pattern_usage_day WHERE tenant IS NOT NULL AND day < $1", day));
    }
    return removed;
}

}  // namespace use_rows
}  // namespace credence::patterns
