// The SQL over skill_anomalies and what skill_metrics_cache says of them. The tenant comes first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/skills/insight/anomalies.h"
#include "engine/store/database.h"

namespace credence::skills::anomaly_rows {

// Column `detail`.
struct AnomalyDetail {
    Figure baseline;
    std::int64_t n = 0;
    std::string method;
    double p_value = 1;
    std::int64_t checked_through_us = 0;  // the end of the hour checked last
    std::int64_t normal_checks = 0;       // in a row
    std::optional<std::string> note;
};
void describe(Describe<AnomalyDetail>&);

struct AnomalyRow {
    AnomalyId id;
    std::string skill_name;
    AnomalyMetric metric = AnomalyMetric::completion_rate;
    AnomalyType anomaly_type = AnomalyType::pattern_shift;
    std::int64_t detected_at_us = 0;
    std::int64_t last_seen_at_us = 0;
    double baseline_value = 0;
    double observed_value = 0;
    double deviation_score = 0;
    double adjusted_p = 1;
    AnomalyDetail detail;
    std::optional<std::int64_t> resolved_at_us;
    std::optional<std::string> resolved_by;
};
void describe(Describe<AnomalyRow>&);

StoredAnomaly stored_of(AnomalyRow row);

struct AnomalyFilter {
    std::string_view skill_name = {};  // empty: any
    bool open_only = false;
    std::int64_t since_us = 0;  // seen at or after
    std::int64_t limit = 0;
};
// Newest first.
Result<std::vector<AnomalyRow>> list(store::Tx& tx, std::string_view tenant,
                                     const AnomalyFilter& filter);
// Every open one, by skill and metric, at most `limit`.
Result<std::vector<AnomalyRow>> open_ones(store::Tx& tx, std::string_view tenant,
                                          std::int64_t limit);
Result<std::optional<AnomalyRow>> find(store::Tx& tx, std::string_view tenant, const AnomalyId& id);
// Code::conflict where one of the skill and metric is open.
Result<void> insert(store::Tx& tx, std::string_view tenant, const AnomalyRow& row);
// Everything but id, skill, metric and detected_at_us.
Result<void> update(store::Tx& tx, std::string_view tenant, const AnomalyRow& row);

// is_anomalous and anomaly_score by the skill's open rows. Nothing for skills without a row.
Result<void> mark(store::Tx& tx, std::string_view tenant, std::string_view skill_name,
                  std::int64_t now_us);

// The first tenant after this one that has metrics; none at the end.
Result<std::optional<std::string>> tenant_after(store::Tx& tx, std::string_view tenant);

}  // namespace credence::skills::anomaly_rows
