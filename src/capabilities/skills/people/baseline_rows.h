// SQL of community baselines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shape.h"
#include "engine/store/database.h"

namespace credence::skills {

// A row of skill_community_baselines, less the tenant.
struct BaselineRow {
    std::string skill_name;
    std::string source;
    std::int64_t total_users = 0;
    std::int64_t total_invocations = 0;
    std::int64_t completed_invocations = 0;
    double global_completion_rate = 0;
    std::optional<double> global_avg_duration_seconds = {};
    std::optional<std::string> most_common_workflow_phase = {};
    std::optional<double> effectiveness_percentile = {};  // within its source
    std::int64_t last_updated_at_us = 0;                  // when the other side made it
};
void describe(Describe<BaselineRow>&);

namespace baseline_rows {

inline constexpr std::int64_t kMaxSources = 64;  // of a tenant

Result<std::vector<BaselineRow>> imported(store::Tx& tx, std::string_view tenant);

// Instant of the newest bundle of the source; nullopt without one.
Result<std::optional<std::int64_t>> newest(store::Tx& tx, std::string_view tenant,
                                           std::string_view source);
Result<std::int64_t> count_sources(store::Tx& tx, std::string_view tenant);
// In place of what the source had.
Result<void> replace(store::Tx& tx, std::string_view tenant, std::string_view source,
                     const std::vector<BaselineRow>& rows);

// Mean duration of the completed uses of a skill, and how many, of each user who has any.
struct UserDuration {
    double mean_seconds = 0;
    std::int64_t timed = 0;
};
Result<std::vector<UserDuration>> durations(store::Tx& tx, std::string_view tenant,
                                            std::string_view skill_name);

// Phases that at least min_users users worked in, by skill and the most users first.
struct PhaseUsers {
    std::string skill_name;
    std::string workflow_phase;
};
Result<std::vector<PhaseUsers>> phases(store::Tx& tx, std::string_view tenant,
                                       std::int64_t min_users);

}  // namespace baseline_rows
}  // namespace credence::skills
