#include "stats/recommend/recommend.h"

#include <algorithm>

#include "base/check.h"
#include "base/random.h"
#include "stats/beta_sample.h"
#include "stats/portable_math.h"

namespace credence::stats {

std::string_view to_string(RecommendationSource source) {
    switch (source) {
        case RecommendationSource::similar_items:
            return "similar_items";
        case RecommendationSource::popular:
            return "popular";
        case RecommendationSource::exploration:
            return "exploration";
    }
    check_failed(__FILE__, __LINE__, "source", "no such source");
}

Recommender::Recommender(const ItemSimilarity& similarity, std::span<const CommunityItem> community,
                         const FeedbackOptions& feedback)
    : similarity_(similarity),
      community_(community.begin(), community.end()),
      feedback_(feedback),
      bounds_(community.size()) {
    CHECK(community.size() == similarity.items(), "one aggregate for each item");
    std::vector<RateCount> rates;
    std::int64_t most_users = 1;
    for (const CommunityItem& item : community_) {
        CHECK(item.users >= 0, "fewer than no users");
        rates.push_back(item.outcomes);
        most_users = std::max(most_users, item.users);
    }
    prior_ = fit_rate_prior(rates).value_or(kNoRatePrior);
    const double most = portable_log(1 + static_cast<double>(most_users));
    for (std::uint32_t item = 0; item < community_.size(); ++item) {
        bounds_[item] = rate_lower_bound(community_[item].outcomes, prior_);
        if (community_[item].users > 0) {
            const double reach = portable_log(1 + static_cast<double>(community_[item].users));
            by_popularity_.push_back({item, bounds_[item] * reach / most});
        }
    }
    std::ranges::stable_sort(by_popularity_, [](const Candidate& left, const Candidate& right) {
        return left.score > right.score;
    });
}

Recommendation Recommender::describe(std::uint32_t item, RecommendationSource source,
                                     double score) const {
    return {.item = item,
            .source = source,
            .score = score,
            .success_rate = shrunk_rate(community_[item].outcomes, prior_),
            .users = community_[item].users,
            .reasons = {}};
}

// Which of the user's own items led here.
void Recommender::explain(Recommendation& recommendation,
                          const RecommendationRequest& request) const {
    double whole = 0;
    std::vector<RecommendationReason> reasons;
    for (const Feedback& own : request.own) {
        const std::span<const ItemNeighbour> neighbours = similarity_.neighbours(own.item);
        const auto found = std::ranges::find(neighbours, recommendation.item, &ItemNeighbour::item);
        if (found != neighbours.end()) {
            const double part = feedback_weight(own, feedback_) * found->similarity;
            whole += part;
            reasons.push_back({.item = own.item, .share = part, .users = found->users});
        }
    }
    std::ranges::stable_sort(
        reasons, [](const auto& left, const auto& right) { return left.share > right.share; });
    reasons.resize(std::min(reasons.size(), kMaxReasons));
    for (RecommendationReason& reason : reasons) {
        reason.share /= whole;
    }
    recommendation.reasons = std::move(reasons);
}

std::vector<Recommendation> Recommender::similar_items(const RecommendationRequest& request,
                                                       std::vector<bool>& taken) const {
    std::vector<double> affinity(community_.size());
    double whole = 0;
    for (const Feedback& own : request.own) {
        const double weight = feedback_weight(own, feedback_);
        whole += weight;
        for (const ItemNeighbour& neighbour : similarity_.neighbours(own.item)) {
            affinity[neighbour.item] += weight * neighbour.similarity;
        }
    }
    std::vector<Candidate> candidates;
    for (std::uint32_t item = 0; item < affinity.size(); ++item) {
        if (affinity[item] > 0 && !taken[item] && community_[item].users > 0) {
            candidates.push_back({item, affinity[item] / whole * bounds_[item]});
        }
    }
    std::ranges::stable_sort(candidates, [](const Candidate& left, const Candidate& right) {
        return left.score > right.score;
    });
    candidates.resize(std::min(candidates.size(), request.limit));
    std::vector<Recommendation> list;
    for (const Candidate& candidate : candidates) {
        taken[candidate.item] = true;
        list.push_back(
            describe(candidate.item, RecommendationSource::similar_items, candidate.score));
        explain(list.back(), request);
    }
    return list;
}

std::vector<Recommender::Candidate> Recommender::exploration_order(
    const RecommendationRequest& request, const std::vector<bool>& tried) const {
    SeededRandom random(request.seed);
    std::vector<Candidate> order;
    for (const Candidate& known : by_popularity_) {
        if (!tried[known.item]) {
            const RateCount& outcomes = community_[known.item].outcomes;
            const BetaShape posterior{
                prior_.alpha + static_cast<double>(outcomes.successes),
                prior_.beta + static_cast<double>(outcomes.n - outcomes.successes)};
            order.push_back({known.item, beta_sample(posterior, random)});
        }
    }
    std::ranges::stable_sort(order, [](const Candidate& left, const Candidate& right) {
        return left.score > right.score;
    });
    return order;
}

std::vector<Recommendation> Recommender::recommend(const RecommendationRequest& asked) const {
    CHECK(asked.exploration_share >= 0 && asked.exploration_share <= 1, "a share is in [0, 1]");
    RecommendationRequest request = asked;
    request.limit = std::min(asked.limit, kMaxRecommendations);
    std::vector<bool> taken(community_.size());
    for (const Feedback& own : request.own) {
        CHECK(own.item < taken.size(), "an item outside the catalogue");
        taken[own.item] = true;
    }
    const std::vector<bool> tried = taken;
    std::vector<Recommendation> list = similar_items(request, taken);
    for (const Candidate& popular : by_popularity_) {
        if (list.size() < request.limit && !taken[popular.item]) {
            taken[popular.item] = true;
            list.push_back(describe(popular.item, RecommendationSource::popular, popular.score));
        }
    }
    if (request.exploration_share <= 0) {
        return list;
    }
    const std::vector<Candidate> draws = exploration_order(request, tried);
    SeededRandom places(~request.seed);
    auto next = draws.begin();
    for (Recommendation& place : list) {
        if (uniform_sample(places) >= request.exploration_share) {
            continue;
        }
        next = std::find_if(next, draws.end(),
                            [&taken](const Candidate& draw) { return !taken[draw.item]; });
        if (next == draws.end()) {
            break;  // everything known is in the list already
        }
        taken[next->item] = true;
        place = describe(next->item, RecommendationSource::exploration, next->score);
    }
    return list;
}

}  // namespace credence::stats
