#include "stats/recommend/recommend.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "stats/recommend/recommend_simulation.h"

namespace credence::stats {
namespace {

constexpr std::size_t kItems = 8;

// Items 0 to 3 go together, 4 to 6 go together, 7 nobody has.
ItemSimilarity two_worlds() {
    std::vector<Feedback> rows;
    for (std::uint32_t user = 0; user < 40; ++user) {
        for (std::uint32_t item = 0; item < 3; ++item) {
            const std::uint32_t world = user % 2 == 0 ? item : item + 4;
            rows.push_back({user, world, 4, 5, 0});
        }
        if (user % 4 == 0) {
            rows.push_back({user, 3, 4, 5, 0});
        }
    }
    return {rows, kItems, {}};
}

std::vector<CommunityItem> community() {
    std::vector<CommunityItem> items(kItems, {{80, 100}, 20});
    items[3] = {{40, 50}, 10};
    items[5] = {{990, 1000}, 20};
    items[6] = {{1, 1}, 1};
    items[7] = {};
    return items;
}

TEST(Recommend, ANewUserGetsWhatTheCommunityIsSureOf) {
    const ItemSimilarity similarity = two_worlds();
    const Recommender recommender(similarity, community(), {});
    const std::vector<Recommendation> list = recommender.recommend({.own = {}, .limit = 20});
    ASSERT_EQ(list.size(), 7U);  // not item 7, of which nobody knows
    EXPECT_EQ(list.front().item, 5U);
    EXPECT_EQ(list.back().item, 6U);  // 1 of 1 by one user comes last
    for (const Recommendation& recommendation : list) {
        EXPECT_EQ(recommendation.source, RecommendationSource::popular);
        EXPECT_TRUE(recommendation.reasons.empty());
    }
    EXPECT_EQ(list.front().success_rate.n, 1000);
    EXPECT_LT(list.front().success_rate.interval.low, list.front().success_rate.value);
    EXPECT_NEAR(list.front().score, rate_lower_bound({990, 1000}, recommender.prior()), 1e-12);
}

TEST(Recommend, OwnItemsLeadToTheirWorldAndSayWhy) {
    const ItemSimilarity similarity = two_worlds();
    const Recommender recommender(similarity, community(), {});
    const std::vector<Feedback> own{{0, 0, 9, 10, 0}, {0, 1, 1, 1, 0}};
    const std::vector<Recommendation> list = recommender.recommend({.own = own, .limit = 4});
    ASSERT_EQ(list.size(), 4U);
    EXPECT_EQ(list[0].item, 2U);
    EXPECT_EQ(list[1].item, 3U);
    EXPECT_EQ(list[0].source, RecommendationSource::similar_items);
    EXPECT_EQ(list[2].source, RecommendationSource::popular);
    EXPECT_EQ(list[2].item, 5U);
    ASSERT_EQ(list[0].reasons.size(), 2U);
    EXPECT_EQ(list[0].reasons[0].item, 0U);
    EXPECT_EQ(list[0].reasons[0].users, 20);
    EXPECT_NEAR(list[0].reasons[0].share + list[0].reasons[1].share, 1, 1e-12);
    const double first = feedback_weight(own[0], {});
    const double second = feedback_weight(own[1], {});
    EXPECT_NEAR(list[0].reasons[0].share, first / (first + second), 1e-9);
}

TEST(Recommend, WhatWasTriedIsNotRecommended) {
    const ItemSimilarity similarity = two_worlds();
    const Recommender recommender(similarity, community(), {});
    const std::vector<Feedback> own{{0, 0, 0, 10, 0}, {0, 5, 1, 1, 0}};
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        std::set<std::uint32_t> seen;
        for (const Recommendation& recommendation : recommender.recommend(
                 {.own = own, .limit = 4, .exploration_share = 0.5, .seed = seed})) {
            EXPECT_NE(recommendation.item, 0U);
            EXPECT_NE(recommendation.item, 5U);
            EXPECT_NE(recommendation.item, 7U);
            EXPECT_TRUE(seen.insert(recommendation.item).second) << "twice in one list";
        }
    }
}

TEST(Recommend, ExploresTheStatedShare) {
    constexpr std::size_t kMany = 60;
    const ItemSimilarity similarity({}, kMany, {});
    const std::vector<CommunityItem> even(kMany, {{8, 10}, 5});
    const Recommender recommender(similarity, even, {});
    double explored = 0;
    std::set<std::uint32_t> reached;
    constexpr int kLists = 400;
    for (std::uint64_t seed = 0; seed < kLists; ++seed) {
        for (const Recommendation& recommendation : recommender.recommend(
                 {.own = {}, .limit = 5, .exploration_share = 0.2, .seed = seed})) {
            if (recommendation.source == RecommendationSource::exploration) {
                explored += 1;
                reached.insert(recommendation.item);
            }
        }
    }
    // 2,000 places: four standard errors are 0.036.
    EXPECT_NEAR(explored / (5 * kLists), 0.2, 0.036);
    EXPECT_GT(reached.size(), 50U);
}

TEST(Recommend, TheSameSeedGivesTheSameList) {
    const ItemSimilarity similarity = two_worlds();
    const Recommender recommender(similarity, community(), {});
    const RecommendationRequest request{
        .own = {}, .limit = 4, .exploration_share = 0.5, .seed = 12};
    const auto one = recommender.recommend(request);
    const auto two = recommender.recommend(request);
    ASSERT_EQ(one.size(), two.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
        EXPECT_EQ(one[i].item, two[i].item);
        EXPECT_EQ(one[i].source, two[i].source);
        EXPECT_EQ(one[i].score, two[i].score);
    }
}

TEST(Recommend, AnEmptyCommunityHasNothingToSay) {
    const ItemSimilarity similarity({}, 3, {});
    const Recommender recommender(similarity, std::vector<CommunityItem>(3), {});
    EXPECT_TRUE(recommender.recommend({.own = {}, .limit = 5}).empty());
    EXPECT_EQ(to_string(RecommendationSource::similar_items), "similar_items");
}

TEST(RecommendDeathTest, RefusesImpossibleShares) {
    const ItemSimilarity similarity({}, 3, {});
    const Recommender recommender(similarity, std::vector<CommunityItem>(3), {});
    EXPECT_DEATH(recommender.recommend({.own = {}, .exploration_share = 2}), "a share is in");
    EXPECT_DEATH(Recommender(similarity, {}, {}), "one aggregate for each item");
}

TEST(RecommendSimulation, FindsMoreThanPopularityAndTheOldFormula) {
    const std::vector<RecommendSimulationRow> rows = recommend_simulation(
        {.seed = 1, .users = 120, .items = 60, .tastes = 4, .uses_per_user = 40, .k = 5});
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].recommender, "item_item");
    EXPECT_GT(rows[0].quality.recall.value, rows[2].quality.recall.value);
    EXPECT_GT(rows[0].quality.recall.value, rows[3].quality.recall.value);
    EXPECT_GT(rows[0].quality.coverage, rows[2].quality.coverage);
}

}  // namespace
}  // namespace credence::stats
