#include "capabilities/skills/state/exposition_rows.h"

namespace credence::skills::exposition_rows {

void describe(Describe<OpenSessions>& d) {
    d.field<&OpenSessions::tenant>("");
    d.field<&OpenSessions::sessions>("");
}

void describe(Describe<StoredAnomalies>& d) {
    d.field<&StoredAnomalies::tenant>("");
    d.field<&StoredAnomalies::anomaly_type>("");
    d.field<&StoredAnomalies::skill_name>("");
    d.field<&StoredAnomalies::anomalies>("");
}

Result<std::vector<OpenSessions>> open_sessions(store::Tx& tx, std::int64_t limit) {
    return TRY(tx.query("SELECT tenant, count(*) AS sessions FROM skill_session "
                        "WHERE ended_at_us IS NULL GROUP BY tenant ORDER BY tenant LIMIT $1",
                        limit))
        .as<OpenSessions>();
}

Result<std::vector<StoredAnomalies>> anomalies(store::Tx& tx, std::int64_t limit) {
    return TRY(tx.query("SELECT tenant, anomaly_type, skill_name, count(*) AS anomalies "
                        "FROM skill_anomalies GROUP BY tenant, anomaly_type, skill_name "
                        "ORDER BY tenant, anomaly_type, skill_name LIMIT $1",
                        limit))
        .as<StoredAnomalies>();
}

}  // namespace credence::skills::exposition_rows
