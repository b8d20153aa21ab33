// What a skill's invocations add up to, since it was first seen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/figure.h"

namespace credence::skills {

struct SkillRef {
    std::string skill_name;
};
void describe(Describe<SkillRef>&);

// How often something was told with a skill.
struct UseCount {
    std::string value;
    std::int64_t uses = 0;
};
void describe(Describe<UseCount>&);

struct PhaseMetrics {
    std::optional<std::string> workflow_phase;  // absent: none was told
    std::int64_t invocations = 0;
    Figure completion_rate;
    std::optional<double> avg_duration_seconds;
};
void describe(Describe<PhaseMetrics>&);

struct SkillMetrics {
    static constexpr std::int64_t kMaxCounts = 20;  // of each kind

    std::string skill_name;
    std::int64_t total_invocations = 0;
    std::int64_t completed_invocations = 0;
    std::int64_t abandoned_invocations = 0;
    Figure completion_rate;
    std::int64_t timed_invocations = 0;
    std::optional<double> avg_duration_seconds;  // of completed ones whose duration is known
    std::optional<double> avg_selection_rank;
    std::int64_t rated_invocations = 0;
    std::optional<double> avg_rating;
    std::int64_t first_invoked_at_us = 0;
    std::int64_t last_invoked_at_us = 0;
    std::vector<UseCount> workflow_paths;  // the most frequent first
    std::vector<UseCount> common_errors;
    std::vector<UseCount> follow_up_actions;
    std::vector<PhaseMetrics> phases;  // the most used first
};
void describe(Describe<SkillMetrics>&);

enum class SkillOrder : std::uint8_t { total, completion_rate_lower_bound, last_used };

struct ListSkillMetrics {
    SkillOrder order_by = SkillOrder::total;
    std::int64_t limit = 50;
    std::optional<std::int64_t> cursor;  // how many to skip
};
void describe(Describe<ListSkillMetrics>&);

struct RankedSkill {
    std::string skill_name;
    std::int64_t total_invocations = 0;
    std::int64_t completed_invocations = 0;
    Figure completion_rate;
    // The rate that the true one exceeds with 95 %, drawn towards what skills of the tenant do.
    double completion_rate_lower_bound = 0;
    std::optional<double> avg_duration_seconds;
    std::int64_t last_invoked_at_us = 0;
};
void describe(Describe<RankedSkill>&);

struct SkillMetricsList {
    std::vector<RankedSkill> skills;
    std::int64_t total_skills = 0;
    std::optional<std::int64_t> next_cursor;
};
void describe(Describe<SkillMetricsList>&);

struct SkillsHealth {
    std::string status;  // "healthy" or "degraded"
    std::int64_t schema_version = 0;
    std::int64_t tables = 0;
    std::int64_t views = 0;
    std::int64_t triggers = 0;
    std::int64_t invocations = 0;  // ever recorded of this tenant
    std::int64_t open_invocations = 0;
    std::int64_t fold_lag = 0;  // rows of the log that the figures do not hold yet, up to a bound
    std::vector<std::string> reasons;
};
void describe(Describe<SkillsHealth>&);

}  // namespace credence::skills
