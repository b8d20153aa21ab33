// Skills that do not behave as before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/shape.h"
#include "capabilities/skills/figure.h"
#include "capabilities/skills/insight/family_tests.h"

namespace credence::skills {

using AnomalyId = Id<struct SkillAnomalyTag>;

inline constexpr std::int64_t kMaxAnomalies = 1'000;  // of an answer
inline constexpr std::size_t kMaxAnomalyNoteBytes = 2'000;

enum class AnomalyType : std::uint8_t {
    performance_drop,   // fewer successes, or slower
    performance_spike,  // more successes, or faster
    pattern_shift,      // used more or less than usual
};

struct DetectAnomalies {
    std::optional<double> threshold = {};
    std::optional<double> time_window_hours = {};
    std::int64_t recent_hours = 1;
    std::optional<std::string> skill_name = {};
    std::int64_t limit = 100;
};
void describe(Describe<DetectAnomalies>&);

struct SkillAnomaly {
    std::string skill_name;
    AnomalyType anomaly_type = AnomalyType::pattern_shift;
    AnomalyMetric metric = AnomalyMetric::completion_rate;
    double baseline_value = 0;
    double observed_value = 0;
    double deviation_score = 0;
    double p_value = 1;
    double adjusted_p = 1;
    Figure baseline;
    std::int64_t n = 0;
    std::string method;
    std::int64_t detected_at_us = 0;
};
void describe(Describe<SkillAnomaly>&);

struct AnomalyReport {
    std::vector<SkillAnomaly> anomalies;  // furthest out first
    std::int64_t found = 0;               // before `limit`
    std::int64_t tested = 0;
    std::int64_t unknown = 0;
    std::int64_t window_start_at_us = 0;
    std::int64_t window_end_at_us = 0;
    std::int64_t baseline_start_us = 0;
    std::int64_t baseline_end_us = 0;
    double false_discovery_rate = 0;
};
void describe(Describe<AnomalyReport>&);

struct ListAnomalies {
    std::optional<std::string> skill_name = {};
    bool open_only = false;
    std::optional<std::int64_t> since_us = {};
    std::int64_t limit = 100;
};
void describe(Describe<ListAnomalies>&);

// As the hourly check stored it.
struct StoredAnomaly {
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
    std::optional<Figure> baseline;
    std::optional<std::string> note;
    std::optional<std::int64_t> resolved_at_us;
    std::optional<std::string> resolved_by;
};
void describe(Describe<StoredAnomaly>&);

struct AnomalyList {
    std::vector<StoredAnomaly> anomalies;  // newest first
};
void describe(Describe<AnomalyList>&);

struct ResolveAnomaly {
    AnomalyId id;
    std::optional<std::string> note;
};
void describe(Describe<ResolveAnomaly>&);

// What a test that found something is called, and says. Pure.
AnomalyType anomaly_type_of(AnomalyMetric metric, stats::Direction direction);
SkillAnomaly describe_anomaly(const MetricTest& test, const std::string& skill_name,
                              std::int64_t now_us);

}  // namespace credence::skills
