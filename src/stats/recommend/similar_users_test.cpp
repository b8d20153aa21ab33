#include "stats/recommend/similar_users.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/random.h"
#include "stats/reference/recommendation_reference.inc"

namespace credence::stats {
namespace {

namespace computed = recommendation_reference;

UserIndex reference_index() {
    UserIndex index;
    for (std::uint32_t user = 0; user < 9; ++user) {
        for (std::uint32_t item = 0; item < 12; ++item) {
            if ((user * user + 3 * item * user + item * 7) % 5 < 2) {
                EXPECT_TRUE(index.add(user, item));
            }
        }
    }
    return index;
}

TEST(SimilarUsers, AgreesWithTheReference) {
    const SimilarUsers found = reference_index().similar({.user = 0, .limit = 8});
    EXPECT_TRUE(found.complete);
    std::size_t expected = 0;
    for (const double score : computed::kUserScores) {
        expected += score > 0 ? 1 : 0;
    }
    ASSERT_EQ(found.users.size(), expected);
    for (const SimilarUser& user : found.users) {
        EXPECT_NEAR(user.score, computed::kUserScores[user.user - 1], 1e-12);
        EXPECT_EQ(user.common, computed::kUserCommon[user.user - 1]);
    }
    EXPECT_TRUE(std::ranges::is_sorted(
        found.users, [](const auto& left, const auto& right) { return left.score > right.score; }));
}

TEST(SimilarUsers, RareItemsCountMoreThanCommonOnes) {
    UserIndex index({.shrinkage = 0});
    for (std::uint32_t user = 0; user < 50; ++user) {
        index.add(user, 0);  // everybody's
    }
    for (const std::uint32_t user : {0U, 1U}) {
        index.add(user, 1);
    }
    index.add(2, 2);
    const SimilarUsers found = index.similar({.user = 0, .limit = 3});
    ASSERT_EQ(found.users.size(), 3U);
    EXPECT_EQ(found.users[0].user, 1U);
    EXPECT_NEAR(found.users[0].score, 1, 1e-12);
}

TEST(SimilarUsers, RepetitionIsNotOverlap) {
    UserIndex index;
    for (int i = 0; i < 10; ++i) {
        index.add(0, 7);
        index.add(1, 7);
    }
    EXPECT_EQ(index.entries(), 2U);
    EXPECT_TRUE(index.similar({.user = 0, .min_common = 2}).users.empty());
    const SimilarUsers found = index.similar({.user = 0});
    ASSERT_EQ(found.users.size(), 1U);
    EXPECT_EQ(found.users[0].common, 1U);
    EXPECT_NEAR(found.users[0].score, 1.0 / 6, 1e-12);  // one item: 1 / (1 + 5)
}

// Straight from the formula, over all pairs.
TEST(SimilarUsers, FindsWhatExhaustiveSearchFinds) {
    SeededRandom random(4);
    UserIndex index;
    constexpr std::uint32_t kUsers = 150;
    for (int i = 0; i < 2'000; ++i) {
        index.add(static_cast<std::uint32_t>(random.next() % kUsers),
                  static_cast<std::uint32_t>((random.next() % 40) * (random.next() % 40) / 39));
    }
    std::array<double, 40> users_of{};
    for (std::uint32_t user = 0; user < kUsers; ++user) {
        for (const std::uint32_t item : index.items_of(user)) {
            users_of[item] += 1;
        }
    }
    const auto product = [&](std::uint32_t left, std::uint32_t right) {
        double sum = 0;
        for (const std::uint32_t item : index.items_of(left)) {
            if (std::ranges::binary_search(index.items_of(right), item)) {
                const double idf = std::log1p(static_cast<double>(index.users()) / users_of[item]);
                sum += idf * idf;
            }
        }
        return sum;
    };
    for (std::uint32_t user = 0; user < kUsers; user += 10) {
        double best = 0;
        for (std::uint32_t other = 0; other < kUsers; ++other) {
            double common = 0;
            for (const std::uint32_t item : index.items_of(user)) {
                common += std::ranges::binary_search(index.items_of(other), item) ? 1 : 0;
            }
            if (other != user && common > 0) {
                const double cosine =
                    product(user, other) / std::sqrt(product(user, user) * product(other, other));
                best = std::max(best, cosine * common / (common + 5));
            }
        }
        const SimilarUsers found = index.similar({.user = user, .limit = 1});
        ASSERT_EQ(found.users.size(), 1U);
        EXPECT_NEAR(found.users[0].score, best, 1e-12);
    }
}

TEST(SimilarUsers, ForgetsAUserWhole) {
    UserIndex index = reference_index();
    const std::size_t before = index.entries();
    const std::size_t items = index.items_of(5).size();
    index.forget(5);
    EXPECT_EQ(index.users(), 8U);
    EXPECT_EQ(index.entries(), before - items);
    EXPECT_TRUE(index.similar({.user = 5}).users.empty());
    for (const SimilarUser& user : index.similar({.user = 0, .limit = 9}).users) {
        EXPECT_NE(user.user, 5U);
    }
    index.forget(5);
    index.forget(1'000);
    EXPECT_EQ(index.users(), 8U);
    EXPECT_TRUE(index.add(5, 1));
    EXPECT_EQ(index.users(), 9U);
}

TEST(SimilarUsers, KeepsItsBounds) {
    UserIndex index({.max_users = 2, .max_items = 3, .max_items_per_user = 2});
    EXPECT_FALSE(index.add(2, 0));
    EXPECT_FALSE(index.add(0, 3));
    EXPECT_TRUE(index.add(0, 0));
    EXPECT_TRUE(index.add(0, 1));
    EXPECT_FALSE(index.add(0, 2));
    EXPECT_TRUE(index.add(0, 1));
    EXPECT_EQ(index.entries(), 2U);
}

TEST(SimilarUsers, SaysWhenTheSearchWasCutShort) {
    UserIndex index({.max_visits = 10});
    for (std::uint32_t user = 0; user < 100; ++user) {
        index.add(user, 0);
    }
    index.add(0, 1);
    index.add(1, 1);
    const SimilarUsers found = index.similar({.user = 0, .min_common = 2});
    EXPECT_FALSE(found.complete);
    ASSERT_EQ(found.users.size(), 1U);  // both items count, though one was searched
    EXPECT_EQ(found.users[0].user, 1U);
    EXPECT_EQ(found.users[0].common, 2U);
}

TEST(SimilarUsers, NobodyForTheUnknown) {
    const UserIndex empty;
    EXPECT_TRUE(empty.similar({.user = 3}).users.empty());
    EXPECT_TRUE(reference_index().similar({.user = 99}).users.empty());
    EXPECT_TRUE(reference_index().similar({.user = 0, .limit = 0}).users.empty());
}

}  // namespace
}  // namespace credence::stats
