#include "capabilities/skills/people/catalogue.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "stats/portable_math.h"
#include "stats/shrinkage.h"

namespace credence::skills {
namespace {

constexpr double kMaxSimilarPairs = 1e8;  // of a user's skills, over all users
constexpr double kLeastSkillsOfUser = 20;
constexpr double kMostSkillsOfUser = 200;

stats::SimilarityOptions similarity_options(const CommunityCounts& counts) {
    std::unordered_set<std::uint32_t> users;
    for (const stats::Feedback& row : counts.feedback) {
        users.insert(row.user);
    }
    const double fair = std::sqrt(kMaxSimilarPairs / static_cast<double>(users.size() + 1));
    stats::SimilarityOptions options;
    options.max_items_per_user =
        static_cast<std::size_t>(std::clamp(fair, kLeastSkillsOfUser, kMostSkillsOfUser));
    return options;
}

std::vector<stats::CommunityItem> items_of_counts(const std::vector<SkillCounts>& skills) {
    std::vector<stats::CommunityItem> items;
    items.reserve(skills.size());
    for (const SkillCounts& skill : skills) {
        items.push_back({{skill.completed, skill.invocations}, skill.users});
    }
    return items;
}

// Baselines hold no count of completed uses: what was merged is told again by its raw parts.
std::vector<stats::CommunityItem> items_of_baselines(const Catalogue::Source& source,
                                                     const std::vector<CommunityBaseline>& all) {
    std::unordered_map<std::string, std::int64_t> completed;
    for (const SkillCounts& skill : source.counts.skills) {
        completed[skill.skill_name] += skill.completed;
    }
    for (const BaselineRow& row : source.imported) {
        completed[row.skill_name] += row.completed_invocations;
    }
    std::vector<stats::CommunityItem> items;
    items.reserve(all.size());
    for (const CommunityBaseline& baseline : all) {
        items.push_back(
            {{completed[baseline.skill_name], baseline.total_invocations}, baseline.total_users});
    }
    return items;
}

std::vector<CommunityBaseline> bounded_baselines(const Catalogue::Source& source) {
    std::vector<CommunityBaseline> all = merge_baselines(source.counts.skills, source.imported);
    if (all.size() > kMaxCommunitySkills) {
        std::ranges::stable_sort(all, [](const auto& left, const auto& right) {
            return left.total_users > right.total_users;
        });
        all.resize(kMaxCommunitySkills);
        std::ranges::stable_sort(all, [](const auto& left, const auto& right) {
            return left.effectiveness_percentile > right.effectiveness_percentile;
        });
    }
    return all;
}

}  // namespace

Catalogue::Catalogue(const Source& source)
    : skills_(source.counts.skills),
      min_users_(source.min_users),
      interactions_(source.counts.interactions),
      feedback_{.now_us = source.now_us},
      baselines_(bounded_baselines(source)),
      local_items_(items_of_counts(skills_)),
      similarity_(source.counts.feedback, skills_.size(), feedback_,
                  similarity_options(source.counts)),
      local_(similarity_, local_items_, feedback_),
      nothing_({}, baselines_.size(), feedback_),
      community_(nothing_, items_of_baselines(source, baselines_), feedback_) {
    for (std::uint32_t i = 0; i < skills_.size(); ++i) {
        numbers_.emplace(skills_[i].skill_name, i);
    }
    for (std::uint32_t i = 0; i < baselines_.size(); ++i) {
        baseline_numbers_.emplace(baselines_[i].skill_name, i);
    }
}

std::vector<stats::Feedback> Catalogue::told_of(std::span<const OwnSkill> own) const {
    std::vector<stats::Feedback> told;
    for (const OwnSkill& skill : own) {
        if (const auto found = numbers_.find(skill.skill_name); found != numbers_.end()) {
            told.push_back({.user = 0,
                            .item = found->second,
                            .successes = skill.completed,
                            .n = skill.invocations,
                            .last_at_us = skill.last_at_us});
        }
    }
    return told;
}

RecommendedSkill Catalogue::told(const stats::Recommendation& recommendation) const {
    RecommendedSkill skill{.skill_name = skills_[recommendation.item].skill_name,
                           .score = recommendation.score,
                           .completion_rate = figure_of(recommendation.success_rate),
                           .source = RecommendedBy::popular,
                           .users = recommendation.users,
                           .reasons = {}};
    if (recommendation.source == stats::RecommendationSource::exploration) {
        skill.source = RecommendedBy::exploration;
    }
    return skill;
}

// Keeps of a likeness what at least k people have in common; false where nothing is left.
bool Catalogue::keep_supported(const stats::Recommendation& found,
                               std::span<const stats::Feedback> own,
                               RecommendedSkill& skill) const {
    double whole = 0;
    double supported = 0;
    for (const stats::Feedback& used : own) {
        const double weight = feedback_weight(used, feedback_);
        whole += weight;
        for (const stats::ItemNeighbour& neighbour : similarity_.neighbours(used.item)) {
            if (neighbour.item == found.item && neighbour.users >= min_users_) {
                const double part = weight * neighbour.similarity;
                supported += part;
                skill.reasons.push_back({skills_[used.item].skill_name, part, neighbour.users});
            }
        }
    }
    const double bound = rate_lower_bound(local_items_[found.item].outcomes, local_.prior());
    if (supported <= 0) {
        // As the recommender ranks what is popular.
        const auto most = static_cast<double>(1 + skills_.front().users);
        skill.score = bound * stats::portable_log(static_cast<double>(1 + found.users)) /
                      stats::portable_log(most);
        return false;
    }
    std::ranges::stable_sort(skill.reasons, [](const auto& left, const auto& right) {
        return left.share > right.share;
    });
    skill.reasons.resize(std::min(skill.reasons.size(), stats::kMaxReasons));
    for (RecommendationCause& reason : skill.reasons) {
        reason.share /= supported;
    }
    skill.score = supported / whole * bound;
    skill.source = RecommendedBy::similar_items;
    return true;
}

std::vector<RecommendedSkill> Catalogue::personal(std::span<const stats::Feedback> own,
                                                  const RecommendationQuery& query) const {
    std::vector<RecommendedSkill> similar;
    std::vector<RecommendedSkill> popular;
    for (const stats::Recommendation& found :
         local_.recommend({.own = own, .limit = stats::kMaxRecommendations})) {
        RecommendedSkill skill = told(found);
        const bool alike = found.source == stats::RecommendationSource::similar_items &&
                           keep_supported(found, own, skill);
        (alike ? similar : popular).push_back(std::move(skill));
    }
    const auto higher = [](const auto& left, const auto& right) {
        return left.score > right.score;
    };
    std::ranges::stable_sort(similar, higher);
    std::ranges::stable_sort(popular, higher);
    similar.insert(similar.end(), popular.begin(), popular.end());
    similar.resize(std::min(similar.size(), query.limit));
    if (query.exploration_share <= 0) {
        return similar;
    }
    const auto explored = local_.recommend({.own = own,
                                            .limit = query.limit,
                                            .exploration_share = query.exploration_share,
                                            .seed = query.seed});
    for (std::size_t place = 0; place < std::min(similar.size(), explored.size()); ++place) {
        const bool drawn = explored[place].source == stats::RecommendationSource::exploration &&
                           std::ranges::find(similar, skills_[explored[place].item].skill_name,
                                             &RecommendedSkill::skill_name) == similar.end();
        if (drawn) {
            similar[place] = told(explored[place]);
        }
    }
    return similar;
}

void Catalogue::add_community(std::span<const OwnSkill> own, const RecommendationQuery& query,
                              std::vector<RecommendedSkill>& list) const {
    std::vector<stats::Feedback> taken;
    const auto take = [&](const std::string& name) {
        const auto found = baseline_numbers_.find(name);
        if (found != baseline_numbers_.end()) {
            taken.push_back({.user = 0, .item = found->second});
        }
    };
    std::ranges::for_each(own, take, &OwnSkill::skill_name);
    std::ranges::for_each(list, take, &RecommendedSkill::skill_name);
    const auto found = community_.recommend({.own = taken,
                                             .limit = query.limit - list.size(),
                                             .exploration_share = query.exploration_share,
                                             .seed = query.seed});
    for (const stats::Recommendation& one : found) {
        const CommunityBaseline& baseline = baselines_[one.item];
        const bool drawn = one.source == stats::RecommendationSource::exploration;
        list.push_back({.skill_name = baseline.skill_name,
                        .score = one.score,
                        .completion_rate = baseline.global_completion_rate,
                        .source = drawn ? RecommendedBy::exploration : RecommendedBy::community,
                        .users = baseline.total_users,
                        .reasons = {}});
    }
}

CollaborativeRecommendations Catalogue::recommend(std::span<const OwnSkill> own,
                                                  const RecommendationQuery& query) const {
    CollaborativeRecommendations out{.recommendations = {}, .built_at_us = built_at_us()};
    const std::vector<stats::Feedback> known = told_of(own);
    out.cold_start = known.empty();
    if (!known.empty()) {
        out.recommendations = personal(known, query);
    }
    if (out.recommendations.size() < query.limit) {
        add_community(own, query, out.recommendations);
    }
    return out;
}

}  // namespace credence::skills
