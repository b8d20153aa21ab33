#include "stats/recommend/item_similarity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "stats/reference/recommendation_reference.inc"

namespace credence::stats {
namespace {

namespace computed = recommendation_reference;

// The rows of tools/reference/recommendation.py.
std::vector<Feedback> feedback_rows() {
    std::vector<Feedback> rows;
    for (std::uint32_t user = 0; user < 8; ++user) {
        for (std::uint32_t item = 0; item < 6; ++item) {
            const std::int64_t n = (user * 5 + item * 3 + user * item) % 4;
            rows.push_back({user, item, (user + item) % (n + 1), n,
                            std::int64_t{100} * ((user + 2 * item) % 9)});
        }
    }
    return rows;
}

constexpr FeedbackOptions kReferenceFeedback{.now_us = 1000, .half_life_us = 500};

TEST(ItemSimilarity, AgreesWithTheReference) {
    const ItemSimilarity similarity(feedback_rows(), 6, kReferenceFeedback);
    const auto neighbours = similarity.neighbours(0);
    ASSERT_EQ(neighbours.size(), 5U);
    for (const ItemNeighbour& neighbour : neighbours) {
        EXPECT_NEAR(neighbour.similarity, computed::kItemSimilarities[neighbour.item - 1], 1e-12);
        EXPECT_EQ(static_cast<double>(neighbour.users), computed::kItemUsers[neighbour.item - 1]);
    }
    EXPECT_TRUE(std::ranges::is_sorted(neighbours, [](const auto& left, const auto& right) {
        return left.similarity > right.similarity;
    }));
}

TEST(ItemSimilarity, WeightsByHand) {
    const FeedbackOptions options{.now_us = 1000, .half_life_us = 500, .failure_weight = 0.25};
    EXPECT_EQ(feedback_weight({.n = 0}, options), 0);
    EXPECT_NEAR(feedback_weight({.successes = 1, .n = 1, .last_at_us = 1000}, options),
                std::log(2) * (0.25 + 0.75 * 2 / 3), 1e-14);
    EXPECT_NEAR(feedback_weight({.successes = 0, .n = 2, .last_at_us = 500}, options),
                std::log(3) * (0.25 + 0.75 / 4) / 2, 1e-14);
    EXPECT_NEAR(feedback_weight({.successes = 1, .n = 1, .last_at_us = 9999}, options),
                std::log(2) * 0.75, 1e-14);
}

TEST(ItemSimilarity, OneSharedUserIsNoCertainty) {
    const std::vector<Feedback> rows{{0, 0, 5, 5, 0}, {0, 1, 5, 5, 0}};
    const ItemSimilarity similarity(rows, 3, {});
    ASSERT_EQ(similarity.neighbours(0).size(), 1U);
    EXPECT_NEAR(similarity.neighbours(0)[0].similarity, 1.0 / 11, 1e-12);
    EXPECT_TRUE(similarity.neighbours(2).empty());
    EXPECT_TRUE(similarity.neighbours(99).empty());
}

TEST(ItemSimilarity, RowsOfOnePairAddUp) {
    const std::vector<Feedback> twice{{0, 0, 1, 1, 0}, {0, 0, 1, 1, 0}, {0, 1, 1, 1, 0}};
    const ItemSimilarity similarity(twice, 2, {});
    ASSERT_EQ(similarity.neighbours(0).size(), 1U);
    EXPECT_EQ(similarity.neighbours(0)[0].users, 1);
}

TEST(ItemSimilarity, KeepsItsBounds) {
    std::vector<Feedback> rows;
    for (std::uint32_t item = 0; item < 10; ++item) {
        rows.push_back({0, item, item, item + 1, 0});
    }
    const ItemSimilarity few(rows, 10, {}, {.neighbours = 3});
    EXPECT_EQ(few.neighbours(0).size(), 3U);
    const ItemSimilarity heavy(rows, 10, {}, {.max_items_per_user = 4});
    EXPECT_TRUE(heavy.neighbours(0).empty());  // the lightest was left out
    EXPECT_EQ(heavy.neighbours(9).size(), 3U);
}

TEST(ItemSimilarityDeathTest, RefusesForeignItems) {
    const std::vector<Feedback> rows{{0, 7, 1, 1, 0}};
    EXPECT_DEATH(ItemSimilarity(rows, 3, {}), "outside the catalogue");
    EXPECT_DEATH(feedback_weight({.successes = 2, .n = 1}, {}), "more successes");
}

}  // namespace
}  // namespace credence::stats
