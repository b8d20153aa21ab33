#include "capabilities/skills/live/live_rows.h"

namespace credence::skills::live_rows {

Result<std::vector<LiveAnomaly>> open_anomalies(store::Tx& tx, std::string_view tenant,
                                                std::int64_t limit) {
    const auto rows = TRY(tx.query(
        "SELECT id, skill_name, metric, anomaly_type, detected_at_us, baseline_value,"
        " observed_value, deviation_score, adjusted_p FROM skill_anomalies"
        " WHERE tenant = $1 AND resolved_at_us IS NULL ORDER BY detected_at_us DESC, id LIMIT $2",
        tenant, limit));
    return rows.as<LiveAnomaly>();
}

Result<bool> claim(store::Tx& tx, const PublishClaim& claim) {
    const std::int64_t moved = TRY(
        tx.run("UPDATE skill_fold SET published_id = $2 WHERE tenant = $1 AND published_id < $2",
               claim.tenant, claim.through_id));
    if (moved > 0) {
        return true;
    }
    const std::int64_t made = TRY(tx.run(
        "INSERT INTO skill_fold (tenant, through_id, epoch, sessions, published_id, folded_at_us)"
        " VALUES ($1, 0, 0, 0, $2, $3) ON CONFLICT (tenant) DO NOTHING",
        claim.tenant, claim.through_id, claim.now_us));
    if (made > 0) {
        return true;
    }
    if (claim.own_id != claim.through_id) {
        return false;
    }
    const auto row =
        TRY(tx.query("SELECT published_id FROM skill_fold WHERE tenant = $1", claim.tenant));
    return !row.empty() && row.integer(0, 0) == claim.own_id;
}

}  // namespace credence::skills::live_rows
