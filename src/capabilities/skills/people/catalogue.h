// A tenant's community as it was counted at one instant, ready to recommend from. Immutable, so
// thread-safe; of skills of fewer than k users it knows nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "capabilities/skills/people/community_counts.h"
#include "capabilities/skills/people/recommendations.h"
#include "stats/recommend/recommend.h"

namespace credence::skills {

struct RecommendationQuery {
    std::size_t limit = 5;
    double exploration_share = 0;
    std::uint64_t seed = 0;
};

class Catalogue {
public:
    struct Source {
        CommunityCounts counts;
        std::vector<BaselineRow> imported;
        std::int64_t min_users = 1;
        std::int64_t now_us = 0;
    };
    // Cost: the sum over users of their told skills squared, which is bounded by leaving out the
    // least used of users with very many; 0.5 s for 100,000 users with 20 skills each.
    explicit Catalogue(const Source& source);
    Catalogue(const Catalogue&) = delete;
    Catalogue& operator=(const Catalogue&) = delete;

    // cold_start and built_at_us are set as well. Empty `own`: an unknown user.
    CollaborativeRecommendations recommend(std::span<const OwnSkill> own,
                                           const RecommendationQuery& query) const;

    const std::vector<CommunityBaseline>& baselines() const { return baselines_; }
    std::int64_t interactions() const { return interactions_; }
    std::int64_t built_at_us() const { return feedback_.now_us; }

private:
    std::vector<stats::Feedback> told_of(std::span<const OwnSkill> own) const;
    std::vector<RecommendedSkill> personal(std::span<const stats::Feedback> own,
                                           const RecommendationQuery& query) const;
    void add_community(std::span<const OwnSkill> own, const RecommendationQuery& query,
                       std::vector<RecommendedSkill>& list) const;
    RecommendedSkill told(const stats::Recommendation& recommendation) const;
    bool keep_supported(const stats::Recommendation& found, std::span<const stats::Feedback> own,
                        RecommendedSkill& skill) const;

    std::vector<SkillCounts> skills_;
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::int64_t min_users_ = 1;
    std::int64_t interactions_ = 0;
    stats::FeedbackOptions feedback_;
    std::vector<CommunityBaseline> baselines_;
    std::unordered_map<std::string, std::uint32_t> baseline_numbers_;
    std::vector<stats::CommunityItem> local_items_;
    stats::ItemSimilarity similarity_;
    stats::Recommender local_;
    stats::ItemSimilarity nothing_;  // of the baselines nobody's habits are known
    stats::Recommender community_;
};

}  // namespace credence::skills
