// What the fold knows of a tenant's people and skills, as recommendations and baselines need it.
// Pure; nothing of a skill leaves that fewer than `min_users` users stand behind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capabilities/skills/people/baseline_rows.h"
#include "capabilities/skills/people/baselines.h"
#include "capabilities/skills/state/skill_state.h"
#include "stats/recommend/item_similarity.h"

namespace credence::skills {

inline constexpr std::size_t kMaxCommunitySkills = 5'000;  // those with most users

// Users are those who are known; a use by nobody in particular counts in `timed` and its sum only.
struct SkillCounts {
    std::string skill_name = {};
    std::int64_t users = 0;
    std::int64_t invocations = 0;
    std::int64_t completed = 0;
    std::int64_t timed = 0;
    double duration_sum_seconds = 0;
    std::string top_phase = {};  // of most uses; empty: unknown
    std::int64_t last_at_us = 0;
};

struct CommunityCounts {
    std::vector<SkillCounts> skills = {};        // most users first, then by name
    std::vector<stats::Feedback> feedback = {};  // items are positions in `skills`
    std::int64_t interactions = 0;               // uses of any skill by anybody
};

// Linear in the users' skills.
CommunityCounts count_community(const SkillState& state, std::int64_t min_users);

// CommunityCounts::interactions alone: linear in skills and their phases.
std::int64_t count_interactions(const SkillState& state);

// What one user did with one skill, by name.
struct OwnSkill {
    std::string skill_name;
    std::int64_t invocations = 0;
    std::int64_t completed = 0;
    std::int64_t last_at_us = 0;
};

// nullopt: no such user.
std::optional<std::vector<OwnSkill>> skills_of(const SkillState& state, std::string_view user_hash);

// Local counts (source "local") and imported rows, added up by skill, with rates shrunk towards all
// of them. Most effective first, then by name.
std::vector<CommunityBaseline> merge_baselines(const std::vector<SkillCounts>& local,
                                               const std::vector<BaselineRow>& imported);

// Position of each rate among all: mid-rank of the lower bounds, as a fraction. Ties share theirs.
std::vector<double> mid_ranks(const std::vector<double>& bounds);

}  // namespace credence::skills
