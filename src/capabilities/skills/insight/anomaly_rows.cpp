#include "capabilities/skills/insight/anomaly_rows.h"

#include <utility>

#include "base/json.h"

namespace credence::skills::anomaly_rows {

void describe(Describe<AnomalyDetail>& d) {
    d.field<&AnomalyDetail::baseline>("");
    d.field<&AnomalyDetail::n>("");
    d.field<&AnomalyDetail::method>("");
    d.field<&AnomalyDetail::p_value>("");
    d.field<&AnomalyDetail::checked_through_us>("");
    d.field<&AnomalyDetail::normal_checks>("");
    d.field<&AnomalyDetail::note>("");
}

void describe(Describe<AnomalyRow>& d) {
    d.field<&AnomalyRow::id>("");
    d.field<&AnomalyRow::skill_name>("");
    d.field<&AnomalyRow::metric>("");
    d.field<&AnomalyRow::anomaly_type>("");
    d.field<&AnomalyRow::detected_at_us>("");
    d.field<&AnomalyRow::last_seen_at_us>("");
    d.field<&AnomalyRow::baseline_value>("");
    d.field<&AnomalyRow::observed_value>("");
    d.field<&AnomalyRow::deviation_score>("");
    d.field<&AnomalyRow::adjusted_p>("");
    d.field<&AnomalyRow::detail>("");
    d.field<&AnomalyRow::resolved_at_us>("");
    d.field<&AnomalyRow::resolved_by>("");
}

namespace {

constexpr std::string_view kAnomalySelect =
    "SELECT id, skill_name, metric, anomaly_type, detected_at_us, last_seen_at_us, "
    "baseline_value, observed_value, deviation_score, adjusted_p, detail, resolved_at_us, "
    "resolved_by FROM skill_anomalies WHERE tenant = $1 AND ";

std::string anomaly_select(std::string_view rest) {
    return std::string(kAnomalySelect).append(rest);
}

}  // namespace

StoredAnomaly stored_of(AnomalyRow row) {
    return {.id = row.id,
            .skill_name = std::move(row.skill_name),
            .metric = row.metric,
            .anomaly_type = row.anomaly_type,
            .detected_at_us = row.detected_at_us,
            .last_seen_at_us = row.last_seen_at_us,
            .baseline_value = row.baseline_value,
            .observed_value = row.observed_value,
            .deviation_score = row.deviation_score,
            .adjusted_p = row.adjusted_p,
            .baseline = std::move(row.detail.baseline),
            .note = std::move(row.detail.note),
            .resolved_at_us = row.resolved_at_us,
            .resolved_by = std::move(row.resolved_by)};
}

Result<std::vector<AnomalyRow>> list(store::Tx& tx, std::string_view tenant,
                                     const AnomalyFilter& filter) {
    static const std::string kSql = anomaly_select(
        "($2 = '' OR skill_name = $2) AND ($3 = 0 OR resolved_at_us IS NULL) "
        "AND last_seen_at_us >= $4 ORDER BY detected_at_us DESC, id DESC LIMIT $5");
    return TRY(tx.query(kSql, tenant, filter.skill_name, filter.open_only, filter.since_us,
                        filter.limit))
        .as<AnomalyRow>();
}

Result<std::vector<AnomalyRow>> open_ones(store::Tx& tx, std::string_view tenant,
                                          std::int64_t limit) {
    static const std::string kSql =
        anomaly_select("resolved_at_us IS NULL ORDER BY skill_name, metric LIMIT $2");
    return TRY(tx.query(kSql, tenant, limit)).as<AnomalyRow>();
}

Result<std::optional<AnomalyRow>> find(store::Tx& tx, std::string_view tenant,
                                       const AnomalyId& id) {
    static const std::string kSql = anomaly_select("id = $2");
    auto found = TRY(TRY(tx.query(kSql, tenant, id)).as<AnomalyRow>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<void> insert(store::Tx& tx, std::string_view tenant, const AnomalyRow& row) {
    TRY(tx.run(
        "INSERT INTO skill_anomalies (tenant, id, skill_name, metric, anomaly_type, "
        "detected_at_us, last_seen_at_us, baseline_value, observed_value, deviation_score, "
        "adjusted_p, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        tenant, row.id, row.skill_name, enumerator_of(row.metric), enumerator_of(row.anomaly_type),
        row.detected_at_us, row.last_seen_at_us, row.baseline_value, row.observed_value,
        row.deviation_score, row.adjusted_p, to_json(row.detail)));
    return {};
}

Result<void> update(store::Tx& tx, std::string_view tenant, const AnomalyRow& row) {
    TRY(
        tx.run("UPDATE skill_anomalies SET anomaly_type = $3, last_seen_at_us = $4, "
               "baseline_value = $5, observed_value = $6, deviation_score = $7, adjusted_p = $8, "
               "detail = $9, resolved_at_us = $10, resolved_by = $11 "
               "WHERE tenant = $1 AND id = $2",
               tenant, row.id, enumerator_of(row.anomaly_type), row.last_seen_at_us,
               row.baseline_value, row.observed_value, row.deviation_score, row.adjusted_p,
               to_json(row.detail), row.resolved_at_us, row.resolved_by));
    return {};
}

Result<void> mark(store::Tx& tx, std::string_view tenant, std::string_view skill_name,
                  std::int64_t now_us) {
    TRY(
        tx.run("UPDATE skill_metrics_cache SET "
               "is_anomalous = EXISTS (SELECT 1 FROM skill_anomalies a WHERE a.tenant = $1 "
               "AND a.skill_name = $2 AND a.resolved_at_us IS NULL), "
               "anomaly_score = (SELECT a.deviation_score FROM skill_anomalies a "
               "WHERE a.tenant = $1 AND a.skill_name = $2 AND a.resolved_at_us IS NULL "
               "ORDER BY ABS(a.deviation_score) DESC, a.metric LIMIT 1), updated_at_us = $3 "
               "WHERE tenant = $1 AND skill_name = $2",
               tenant, skill_name, now_us));
    return {};
}

Result<std::optional<std::string>> tenant_after(store::Tx& tx, std::string_view tenant) {
    const auto found = TRY(tx.query(
        "SELECT tenant FROM skill_metrics WHERE tenant > $1 ORDER BY tenant LIMIT 1", tenant));
    return found.empty() ? std::nullopt : std::optional(found.text(0, 0));
}

}  // namespace credence::skills::anomaly_rows
