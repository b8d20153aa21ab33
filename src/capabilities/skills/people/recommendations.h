// What a user may try next, who works alike, and what one user did.
//
// A user is named by the caller and looked up by its keyed hash; no answer holds either. Nothing is
// told of a skill behind which fewer users stand than settings.community_min_users (k).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/figure.h"

namespace credence::skills {

struct GetCollaborativeRecommendations {
    std::string user_id;
    std::int64_t limit = 5;
};
void describe(Describe<GetCollaborativeRecommendations>&);

enum class RecommendedBy : std::uint8_t {
    similar_items,  // used with success by the same people as the user's own skills
    popular,        // of the tenant
    exploration,    // a draw by how good it may be, so that new skills get their chance
    community,      // of the tenant and of imported baselines together
};

// "Who uses `skill_name` with success also uses this one."
struct RecommendationCause {
    std::string skill_name;  // one of the user's own
    double share = 0;        // of the causes told, in (0, 1]
    std::int64_t users = 0;  // who use both, at least k
};
void describe(Describe<RecommendationCause>&);

struct RecommendedSkill {
    std::string skill_name;
    double score = 0;  // compares within a source
    Figure completion_rate;
    RecommendedBy source = RecommendedBy::popular;
    std::int64_t users = 0;
    std::vector<RecommendationCause> reasons;  // of similar_items, largest share first
};
void describe(Describe<RecommendedSkill>&);

// Never what the user tried already, with whatever outcome. The list of a user is the same all day
// (UTC) while the figures behind it stand.
struct CollaborativeRecommendations {
    std::vector<RecommendedSkill> recommendations;  // best first, but for the explored places
    bool cold_start = false;       // nothing the user did can be compared with others
    std::int64_t built_at_us = 0;  // when the community was counted: at most ten minutes ago, or
                                   // less than a twentieth of its use
};
void describe(Describe<CollaborativeRecommendations>&);

struct GetSimilarUsers {
    std::string user_id;
    std::int64_t min_common_skills = 3;
    std::int64_t limit = 10;
};
void describe(Describe<GetSimilarUsers>&);

struct SimilarUserFound {
    std::string alias;  // 16 hexadecimal digits; the same person has another for each who asks
    std::int64_t common_skills = 0;
    double score = 0;  // in (0, 1]
};
void describe(Describe<SimilarUserFound>&);

enum class PeopleState : std::uint8_t {
    ok,
    insufficient_data,  // the user completed nothing yet, or there are fewer than k people
};

struct SimilarUserList {
    std::vector<SimilarUserFound> users;  // best first
    PeopleState state = PeopleState::ok;
    bool complete = true;  // false: the user's commonest skills were left out of the search
};
void describe(Describe<SimilarUserList>&);

struct UserSkillUse {
    std::string skill_name;
    std::int64_t invocations = 0;
    Figure completion_rate;
    std::int64_t last_invoked_at_us = 0;
};
void describe(Describe<UserSkillUse>&);

struct UserProfile {
    std::int64_t unique_skills = 0;
    std::int64_t total_interactions = 0;
    Figure completion_rate;
    std::vector<UserSkillUse> top_skills;  // the ten used most
};
void describe(Describe<UserProfile>&);

inline constexpr std::size_t kTopSkillsOfUser = 10;
inline constexpr std::int64_t kMaxRecommended = 100;
inline constexpr std::int64_t kMaxSimilarUsersTold = 100;

}  // namespace credence::skills
