// What the live feed says: the busiest skills of the last hour, what changed, what is not as usual.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/figure.h"
#include "capabilities/skills/state/skill_state.h"

namespace credence::skills {

inline constexpr std::size_t kMaxLiveTop = 10;
inline constexpr std::size_t kMaxLiveChanged = 100;
inline constexpr std::int64_t kMaxLiveAnomalies = 10;

struct LiveSkill {
    std::string skill_name;
    std::int64_t invocation_count = 0;   // of the last hour
    std::int64_t total_invocations = 0;  // of all time, as what follows
    Figure completion_rate;
    std::optional<double> avg_duration_seconds;
    std::int64_t last_invocation_at_us = 0;
};
void describe(Describe<LiveSkill>&);

struct LiveAnomaly {
    std::string id;
    std::string skill_name;
    std::string metric;
    std::string anomaly_type;
    std::int64_t detected_at_us = 0;
    double baseline_value = 0;
    double observed_value = 0;
    double deviation_score = 0;
    double adjusted_p = 0;
};
void describe(Describe<LiveAnomaly>&);

// The answer of skills_live.get_snapshot.
struct LiveSnapshot {
    std::vector<LiveSkill> top_skills;
    std::vector<LiveAnomaly> anomalies;
};
void describe(Describe<LiveSnapshot>&);

// The event skill_metrics_updated.
struct SkillMetricsUpdated {
    std::vector<LiveSkill> top_skills;
    std::vector<LiveSkill> changed;
    std::vector<LiveAnomaly> anomalies;
};
void describe(Describe<SkillMetricsUpdated>&);

// Pure. The last hour ends at now_us and is counted by whole minutes: O(minutes of the hour).
LiveSkill live_skill(const SkillFigures& skill, std::int64_t now_us);

// Skills used in the last hour, most used first, then by name; at most `limit`.
// O(skills + minutes of those used).
std::vector<LiveSkill> busiest_skills(const SkillState& state, std::int64_t now_us,
                                      std::size_t limit);

// Of those skills, the ones that the state knows.
std::vector<LiveSkill> live_skills(const SkillState& state, std::span<const std::string> names,
                                   std::int64_t now_us);

}  // namespace credence::skills
