// What this user should try next, and why.
//
//   affinity(j)    = sum over own items i of w(u,i) sim(i,j) / sum of w(u,i)   (item_similarity.h)
//   similar_items: affinity(j) * lower bound of j's success rate               (shrinkage.h)
//   popular:       the same bound * ln(1 + users of j) / ln(1 + most users)
//   exploration:   a draw from the posterior of j's success rate (Thompson 1933; O. Chapelle and L.
//                  Li, "An empirical evaluation of Thompson sampling", NIPS 24 (2011), 2249-2257)
// All similar items come first, popular ones fill up what is missing; a new user gets popular ones
// only. Each place is given to exploration with the stated share, independently: the item with the
// highest draw that is not in the list. Everything tried already is left out. Scores compare within
// a source. Immutable once built, so thread-safe; the same seed gives the same list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "stats/beta.h"
#include "stats/estimate.h"
#include "stats/recommend/item_similarity.h"
#include "stats/shrinkage.h"

namespace credence::stats {

// What the community knows of an item; its position is the item's number. The caller has removed
// what too few people stand behind.
struct CommunityItem {
    RateCount outcomes;
    std::int64_t users = 0;  // 0: unknown to the community, never recommended
};

enum class RecommendationSource : std::uint8_t { similar_items, popular, exploration };
std::string_view to_string(RecommendationSource source);

// "People who use `item` successfully also use this one."
struct RecommendationReason {
    std::uint32_t item = 0;  // one of the user's own
    double share = 0;        // of the affinity, in (0, 1]
    std::int64_t users = 0;  // who have both
};

inline constexpr std::size_t kMaxReasons = 3;
inline constexpr std::size_t kMaxRecommendations = 100;

struct Recommendation {
    std::uint32_t item = 0;
    RecommendationSource source = RecommendationSource::popular;
    double score = 0;
    Estimate success_rate;                      // the community's, shrunk
    std::int64_t users = 0;                     // of the community
    std::vector<RecommendationReason> reasons;  // of similar_items, largest share first
};

struct RecommendationRequest {
    std::span<const Feedback> own;  // one row an item; `user` is not read
    std::size_t limit = 5;          // at most kMaxRecommendations are given
    double exploration_share = 0;   // in [0, 1] (CHECK); 0 needs no seed
    std::uint64_t seed = 0;
};

class Recommender {
public:
    // `similarity` outlives this. One CommunityItem for each of its items (CHECK).
    Recommender(const ItemSimilarity& similarity, std::span<const CommunityItem> community,
                const FeedbackOptions& feedback);

    // Cost: own items times neighbours, and with exploration a draw (1 us) for each item.
    std::vector<Recommendation> recommend(const RecommendationRequest& request) const;

    const BetaShape& prior() const { return prior_; }

private:
    struct Candidate {
        std::uint32_t item = 0;
        double score = 0;
    };

    std::vector<Recommendation> similar_items(const RecommendationRequest& request,
                                              std::vector<bool>& taken) const;
    std::vector<Candidate> exploration_order(const RecommendationRequest& request,
                                             const std::vector<bool>& tried) const;
    Recommendation describe(std::uint32_t item, RecommendationSource source, double score) const;
    void explain(Recommendation& recommendation, const RecommendationRequest& request) const;

    const ItemSimilarity& similarity_;
    std::vector<CommunityItem> community_;
    FeedbackOptions feedback_;
    BetaShape prior_;
    std::vector<double> bounds_;            // lower bound of each item's rate
    std::vector<Candidate> by_popularity_;  // best first
};

}  // namespace credence::stats
