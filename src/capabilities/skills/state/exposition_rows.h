// Counts of the store behind the exporter.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/shape.h"
#include "engine/store/database.h"

namespace credence::skills::exposition_rows {

struct OpenSessions {
    std::string tenant;
    std::int64_t sessions = 0;
};
void describe(Describe<OpenSessions>&);
// Tenants with at least one open session, at most `limit`.
Result<std::vector<OpenSessions>> open_sessions(store::Tx& tx, std::int64_t limit);

struct StoredAnomalies {
    std::string tenant;
    std::string anomaly_type;
    std::string skill_name;
    std::int64_t anomalies = 0;
};
void describe(Describe<StoredAnomalies>&);
Result<std::vector<StoredAnomalies>> anomalies(store::Tx& tx, std::int64_t limit);

}  // namespace credence::skills::exposition_rows
