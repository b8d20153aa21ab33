#include "stats/moments.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace credence::stats {
namespace {

PairMoments of(const std::vector<UserPair>& users) {
    PairMoments moments;
    for (const UserPair& user : users) {
        moments.add(user);
    }
    return moments;
}

void expect_same(const PairMoments& left, const PairMoments& right) {
    EXPECT_EQ(left.users, right.users);
    EXPECT_NEAR(left.mean_y, right.mean_y, 1e-12);
    EXPECT_NEAR(left.mean_x, right.mean_x, 1e-12);
    EXPECT_NEAR(left.yy, right.yy, 1e-11);
    EXPECT_NEAR(left.xy, right.xy, 1e-11);
    EXPECT_NEAR(left.xx, right.xx, 1e-11);
}

TEST(MomentsTest, AClosedCase) {
    // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares 32.
    Moments moments;
    for (const double y : {2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0}) {
        moments.add(y);
    }
    EXPECT_EQ(moments.users, 8);
    EXPECT_DOUBLE_EQ(moments.mean, 5);
    EXPECT_DOUBLE_EQ(moments.squares, 32);
}

TEST(MomentsTest, AChangedUserIsAsIfHeHadAlwaysBeenSo) {
    Moments changed;
    Moments direct;
    for (const double y : {3.0, 8.0, -1.0}) {
        changed.add(y);
        direct.add(y == 8 ? 20 : y);
    }
    changed.replace(8, 20);
    EXPECT_NEAR(changed.mean, direct.mean, 1e-12);
    EXPECT_NEAR(changed.squares, direct.squares, 1e-11);

    PairMoments pairs = of({{1, 2}, {5, 9}, {0, 4}});
    pairs.replace({5, 9}, {6, 10});
    expect_same(pairs, of({{1, 2}, {6, 10}, {0, 4}}));
    EXPECT_NEAR(pairs.mean_y, 7.0 / 3, 1e-12);
    EXPECT_NEAR(pairs.xx, 120 - 256.0 / 3, 1e-11);
}

TEST(MomentsTest, PartsCountedApartAreTheWhole) {
    const std::vector<UserPair> first{{1, 2}, {5, 9}, {0, 4}, {3, 3}};
    const std::vector<UserPair> second{{7, 8}, {2, 20}};
    std::vector<UserPair> all = first;
    all.insert(all.end(), second.begin(), second.end());
    PairMoments merged = of(first);
    merged.merge(of(second));
    merged.merge({});
    expect_same(merged, of(all));
    PairMoments from_nothing;
    from_nothing.merge(of(all));
    expect_same(from_nothing, of(all));

    Moments left;
    Moments right;
    left.add(1);
    right.add(4);
    right.add(7);
    left.merge(right);
    EXPECT_EQ(left.users, 3);
    EXPECT_NEAR(left.mean, 4, 1e-12);
    EXPECT_NEAR(left.squares, 18, 1e-12);
}

TEST(MomentsTest, AMillionChangesDoNotDrift) {
    // Far from 0, where sums of raw squares would have lost all their digits.
    PairMoments moments;
    std::vector<UserPair> users(100);
    for (std::size_t index = 0; index < users.size(); ++index) {
        users[index] = {1e7 + static_cast<double>(index % 7), 1e7 + static_cast<double>(index % 5)};
        moments.add(users[index]);
    }
    for (int change = 0; change < 1'000'000; ++change) {
        UserPair& user = users[static_cast<std::size_t>(change) * 37 % users.size()];
        const UserPair before = user;
        user.y = 1e7 + (change % 11);
        user.x = 1e7 + (change % 3);
        moments.replace(before, user);
    }
    const PairMoments direct = of(users);
    EXPECT_NEAR(moments.yy / direct.yy, 1, 1e-4);
    EXPECT_NEAR(moments.xx / direct.xx, 1, 1e-4);
}

TEST(MomentsDeathTest, RefusesTheImpossible) {
    Moments moments;
    EXPECT_DEATH(moments.add(NAN), "CHECK");
    EXPECT_DEATH(moments.replace(1, 2), "CHECK");
}

}  // namespace
}  // namespace credence::stats
