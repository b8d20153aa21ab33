#include "capabilities/patterns/patterns_rows.h"

#include "base/json.h"

namespace credence::patterns {

void describe(Describe<PatternRow>& d) {
    d.field<&PatternRow::id>("");
    d.field<&PatternRow::name_space>("");
    d.field<&PatternRow::owner>("");
    d.field<&PatternRow::pattern_name>("");
    d.field<&PatternRow::category>("");
    d.field<&PatternRow::subcategory>("");
    d.field<&PatternRow::access_level>("");
    d.field<&PatternRow::shared_with_agents>("");
    d.field<&PatternRow::learning_weight>("");
    d.field<&PatternRow::complexity_score>("");
    d.field<&PatternRow::version>("");
    d.field<&PatternRow::parent_pattern_id>("");
    d.field<&PatternRow::superseded_by>("");
    d.field<&PatternRow::live>("");
    d.field<&PatternRow::created_at_us>("");
    d.field<&PatternRow::created_by>("");
    d.field<&PatternRow::updated_at_us>("");
    d.field<&PatternRow::archived_at_us>("");
    d.field<&PatternRow::usage_count>("");
    d.field<&PatternRow::success_count>("");
    d.field<&PatternRow::failure_count>("");
    d.field<&PatternRow::reported_success_count>("");
    d.field<&PatternRow::reported_failure_count>("");
    d.field<&PatternRow::evidence_success>("");
    d.field<&PatternRow::evidence_failure>("");
    d.field<&PatternRow::evidence_at_us>("");
    d.field<&PatternRow::confidence>("");
    d.field<&PatternRow::distinct_users>("");
    d.field<&PatternRow::avg_execution_time_ms>("");
    d.field<&PatternRow::timing>("");
    d.field<&PatternRow::last_used_at_us>("");
    d.field<&PatternRow::pattern_data>("");
}

namespace pattern_rows {

void describe(Describe<TenantPattern>& d) {
    d.field<&TenantPattern::tenant>("");
    d.field<&TenantPattern::id>("");
}

namespace {

constexpr std::string_view kSelect =
    "SELECT p.id, p.name_space, p.owner, p.pattern_name, p.category, p.subcategory, "
    "p.access_level, p.shared_with_agents, p.learning_weight, p.complexity_score, p.version, "
    "p.parent_pattern_id, p.superseded_by, p.live, p.created_at_us, p.created_by, "
    "p.updated_at_us, p.archived_at_us, p.usage_count, p.success_count, p.failure_count, "
    "p.reported_success_count, p.reported_failure_count, p.evidence_success, p.evidence_failure, "
    "p.evidence_at_us, p.confidence, p.distinct_users, p.avg_execution_time_ms, p.timing, "
    "p.last_used_at_us, b.pattern_data "
    "FROM pattern p JOIN pattern_body b ON b.tenant = p.tenant AND b.id = p.id "
    "WHERE p.tenant = $1 AND ";

std::string select(std::string_view rest) {
    return std::string(kSelect).append(rest);
}

Result<std::optional<PatternRow>> find_exactly(store::Tx& tx, std::string_view tenant,
                                               std::string_view id) {
    static const std::string kSql = select("p.id = $2");
    auto found = TRY(TRY(tx.query(kSql, tenant, id)).as<PatternRow>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

}  // namespace

Result<void> insert(store::Tx& tx, std::string_view tenant, const PatternRow& row) {
    TRY(tx.run(
        "INSERT INTO pattern (tenant, id, name_space, owner, pattern_name, category, subcategory, "
        "access_level, shared_with_agents, learning_weight, complexity_score, version, "
        "parent_pattern_id, live, created_at_us, created_by, updated_at_us, usage_count, "
        "success_count, failure_count, reported_success_count, reported_failure_count, "
        "evidence_success, evidence_failure, evidence_at_us, confidence, distinct_users, timing) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '[]', $9, $10, $11, $12, 1, $13, $14, $13, 0, 0, "
        "0, 0, 0, $15, $16, $17, $18, 0, '')",
        tenant, row.id, row.name_space, row.owner, row.pattern_name, row.category, row.subcategory,
        enumerator_of(row.access_level), row.learning_weight, row.complexity_score, row.version,
        row.parent_pattern_id, row.created_at_us, row.created_by, row.evidence_success,
        row.evidence_failure, row.evidence_at_us, row.confidence));
    TRY(tx.run("INSERT INTO pattern_body (tenant, id, pattern_data) VALUES ($1, $2, $3)", tenant,
               row.id, row.pattern_data.text));
    if (!row.shared_with_agents.empty()) {
        TRY(update_shares(tx, tenant, row));
    }
    return add_total(tx, tenant, row, 1);
}

Result<std::optional<PatternRow>> find(store::Tx& tx, std::string_view tenant,
                                       const PatternId& id) {
    auto found = TRY(find_exactly(tx, tenant, id.to_string()));
    if (found) {
        return found;
    }
    const auto target = TRY(
        tx.query("SELECT target FROM pattern_redirect WHERE tenant = $1 AND id = $2", tenant, id));
    return target.empty() ? found : find_exactly(tx, tenant, target.text(0, 0));
}

Result<void> update_details(store::Tx& tx, std::string_view tenant, const PatternRow& row) {
    const bool live = !row.archived_at_us && !row.superseded_by;
    TRY(tx.run(
        "UPDATE pattern SET access_level = $3, learning_weight = $4, complexity_score = $5, "
        "superseded_by = $6, live = $7, updated_at_us = $8, archived_at_us = $9 "
        "WHERE tenant = $1 AND id = $2",
        tenant, row.id, enumerator_of(row.access_level), row.learning_weight, row.complexity_score,
        row.superseded_by, live, row.updated_at_us, row.archived_at_us));
    return {};
}

Result<void> update_statistics(store::Tx& tx, std::string_view tenant, const PatternRow& row) {
    TRY(
        tx.run("UPDATE pattern SET usage_count = $3, success_count = $4, failure_count = $5, "
               "reported_success_count = $6, reported_failure_count = $7, evidence_success = $8, "
               "evidence_failure = $9, evidence_at_us = $10, confidence = $11, "
               "distinct_users = $12, avg_execution_time_ms = $13, timing = $14, "
               "last_used_at_us = $15 WHERE tenant = $1 AND id = $2",
               tenant, row.id, row.usage_count, row.success_count, row.failure_count,
               row.reported_success_count, row.reported_failure_count, row.evidence_success,
               row.evidence_failure, row.evidence_at_us, row.confidence, row.distinct_users,
               row.avg_execution_time_ms, row.timing, row.last_used_at_us));
    return {};
}

Result<void> update_body(store::Tx& tx, std::string_view tenant, const PatternRow& row) {
    TRY(tx.run("UPDATE pattern_body SET pattern_data = $3 WHERE tenant = $1 AND id = $2", tenant,
               row.id, row.pattern_data.text));
    return {};
}

Result<void> update_shares(store::Tx& tx, std::string_view tenant, const PatternRow& row) {
    TRY(tx.run("UPDATE pattern SET shared_with_agents = $3 WHERE tenant = $1 AND id = $2", tenant,
               row.id, to_json(row.shared_with_agents)));
    TRY(tx.run("DELETE FROM pattern_share WHERE tenant = $1 AND pattern_id = $2", tenant, row.id));
    for (const std::string& agent : row.shared_with_agents) {
        TRY(
            tx.run("INSERT INTO pattern_share (tenant, name_space, agent_id, pattern_id) "
                   "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                   tenant, row.name_space, agent, row.id));
    }
    return {};
}

Result<void> erase(store::Tx& tx, std::string_view tenant, const PatternRow& row) {
    TRY(
        tx.run("UPDATE pattern SET parent_pattern_id = $3 "
               "WHERE tenant = $1 AND parent_pattern_id = $2",
               tenant, row.id, row.parent_pattern_id));
    if (row.parent_pattern_id) {
        TRY(
            tx.run("UPDATE pattern SET superseded_by = $3, "
                   "live = CASE WHEN $3 IS NULL AND archived_at_us IS NULL THEN 1 ELSE 0 END "
                   "WHERE tenant = $1 AND id = $2",
                   tenant, *row.parent_pattern_id, row.superseded_by));
    }
    TRY(tx.run("DELETE FROM pattern_share WHERE tenant = $1 AND pattern_id = $2", tenant, row.id));
    TRY(tx.run("DELETE FROM pattern_redirect WHERE tenant = $1 AND target = $2", tenant, row.id));
    TRY(tx.run("DELETE FROM pattern_body WHERE tenant = $1 AND id = $2", tenant, row.id));
    TRY(tx.run("DELETE FROM pattern WHERE tenant = $1 AND id = $2", tenant, row.id));
    return add_total(tx, tenant, row, -1);
}

Result<void> redirect(store::Tx& tx, std::string_view tenant, const PatternId& from,
                      const PatternId& to) {
    TRY(tx.run("UPDATE pattern_redirect SET target = $3 WHERE tenant = $1 AND target = $2", tenant,
               from, to));
    TRY(tx.run("INSERT INTO pattern_redirect (tenant, id, target) VALUES ($1, $2, $3)", tenant,
               from, to));
    return {};
}

Result<bool> name_taken(store::Tx& tx, std::string_view tenant, const PatternRow& row) {
    return !TRY(tx.query("SELECT id FROM pattern WHERE tenant = $1 AND name_space = $2 "
                         "AND owner = $3 AND pattern_name = $4 LIMIT 1",
                         tenant, row.name_space, row.owner, row.pattern_name))
                .empty();
}

Result<std::vector<PatternRow>> versions(store::Tx& tx, std::string_view tenant,
                                         const PatternRow& row, int limit) {
    static const std::string kSql = select(
        "p.name_space = $2 AND p.owner = $3 AND p.pattern_name = $4 ORDER BY p.id DESC LIMIT $5");
    return TRY(tx.query(kSql, tenant, row.name_space, row.owner, row.pattern_name, limit))
        .as<PatternRow>();
}

Result<Totals> totals(store::Tx& tx, std::string_view tenant, const PatternRow& row) {
    const auto found =
        TRY(tx.query("SELECT owner, patterns FROM pattern_total "
                     "WHERE tenant = $1 AND name_space = $2 AND owner IN ('*', $3)",
                     tenant, row.name_space, row.owner));
    Totals totals;
    for (std::size_t i = 0; i < found.size(); ++i) {
        (found.text(i, 0) == "*" ? totals.name_space : totals.owner) = found.integer(i, 1);
    }
    return totals;
}

Result<void> add_total(store::Tx& tx, std::string_view tenant, const PatternRow& row, int change) {
    for (const std::string_view owner : {std::string_view("*"), std::string_view(row.owner)}) {
        if (change > 0) {
            TRY(
                tx.run("INSERT INTO pattern_total (tenant, name_space, owner, patterns) "
                       "VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, name_space, owner) "
                       "DO UPDATE SET patterns = pattern_total.patterns + $4",
                       tenant, row.name_space, owner, change));
        } else {
            TRY(
                tx.run("UPDATE pattern_total SET patterns = patterns + $4 "
                       "WHERE tenant = $1 AND name_space = $2 AND owner = $3",
                       tenant, row.name_space, owner, change));
        }
    }
    return {};
}

Result<std::vector<TenantPattern>> walk(store::Tx& tx, const Walk& walk) {
    return TRY(tx.query("SELECT tenant, id FROM pattern WHERE (tenant, id) > ($1, $2) "
                        "AND live = 1 AND ($3 = 0 OR evidence_success + evidence_failure > 0) "
                        "ORDER BY tenant, id LIMIT $4",
                        walk.after.tenant, walk.after.id, walk.only_with_evidence, walk.limit))
        .as<TenantPattern>();
}

Result<std::vector<TenantPattern>> of_name_space(store::Tx& tx, std::string_view tenant,
                                                 std::string_view name_space) {
    return TRY(tx.query("SELECT tenant, id FROM pattern WHERE tenant = $1 AND name_space = $2",
                        tenant, name_space))
        .as<TenantPattern>();
}

Result<void> drop_totals(store::Tx& tx, std::string_view tenant, std::string_view name_space) {
    TRY(tx.run("DELETE FROM pattern_total WHERE tenant = $1 AND name_space = $2", tenant,
               name_space));
    return {};
}

}  // namespace pattern_rows
}  // namespace credence::patterns
