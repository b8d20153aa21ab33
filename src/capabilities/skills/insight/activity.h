// What is used now, and hour by hour.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/figure.h"
#include "capabilities/skills/insight/anomalies.h"

namespace credence::skills {

inline constexpr std::int64_t kMaxTopSkills = 1'000;
inline constexpr double kMaxLiveHours = 240;
inline constexpr double kMaxHoursByMinutes = 24;  // longer windows are counted by whole hours
inline constexpr std::int64_t kMaxHourlyHours = 1'680;

struct GetRealTimeMetrics {
    std::int64_t limit = 10;
    double time_window_hours = 1.0;
};
void describe(Describe<GetRealTimeMetrics>&);

struct TopSkill {
    std::string skill_name;
    std::int64_t invocation_count = 0;
    std::int64_t completed_count = 0;
    Figure completion_rate;
    std::optional<double> avg_duration_seconds;  // of completed runs with a known duration
    std::int64_t last_invocation_at_us = 0;
    std::optional<double> completion_rate_lifetime;
};
void describe(Describe<TopSkill>&);

struct RealTimeMetrics {
    std::int64_t window_start_at_us = 0;
    std::int64_t window_end_at_us = 0;
    std::int64_t invocation_count = 0;  // of all skills
    std::int64_t active_skills = 0;
    std::vector<TopSkill> top_skills;      // most used first, then by name
    std::vector<StoredAnomaly> anomalies;  // open ones, newest first
};
void describe(Describe<RealTimeMetrics>&);

struct GetHourlyMetrics {
    std::optional<std::string> skill_name = {};
    std::int64_t hours = 24;
    bool include_empty = false;
};
void describe(Describe<GetHourlyMetrics>&);

struct SkillHour {
    std::int64_t hour_timestamp_us = 0;
    std::string skill_name;  // "all" for all of them
    std::int64_t invocation_count = 0;
    std::optional<Figure> completion_rate;
    std::optional<double> avg_duration_seconds;
    std::optional<std::int64_t> unique_sessions;
};
void describe(Describe<SkillHour>&);

struct HourlyMetrics {
    std::vector<SkillHour> hours;  // newest first
};
void describe(Describe<HourlyMetrics>&);

}  // namespace credence::skills
