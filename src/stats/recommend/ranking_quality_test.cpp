#include "stats/recommend/ranking_quality.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace credence::stats {
namespace {

TEST(RankingQuality, ByHand) {
    // Hits at places 1 and 3 of three relevant.
    const std::vector<RankedCase> cases{{{4, 9, 5, 7}, {5, 4, 1}}};
    const RankingQuality quality = ranking_quality(cases, 3, 10);
    EXPECT_NEAR(quality.recall.value, 2.0 / 3, 1e-15);
    const double ideal = 1 + 1 / std::log2(3) + 0.5;
    EXPECT_NEAR(quality.ndcg.value, 1.5 / ideal, 1e-15);
    EXPECT_EQ(quality.items_shown, 3);
    EXPECT_NEAR(quality.coverage, 0.3, 1e-15);
}

TEST(RankingQuality, AveragesOverCasesThatHaveSomethingRelevant) {
    const std::vector<RankedCase> cases{{{1}, {1}}, {{1}, {2}}, {{3}, {}}, {{}, {3}}};
    const RankingQuality quality = ranking_quality(cases, 5, 4);
    EXPECT_EQ(quality.recall.n, 3);
    EXPECT_NEAR(quality.recall.value, 1.0 / 3, 1e-15);
    EXPECT_NEAR(quality.ndcg.value, 1.0 / 3, 1e-15);
    EXPECT_NEAR(quality.coverage, 0.25, 1e-15);
    const Interval expected = wilson_95(1, 3);
    EXPECT_NEAR(quality.recall.interval.low, expected.low, 1e-12);
    EXPECT_NEAR(quality.recall.interval.high, expected.high, 1e-12);
}

TEST(RankingQuality, APerfectListIsPerfect) {
    const std::vector<RankedCase> cases{{{1, 2, 3}, {3, 1, 2, 8}}};
    const RankingQuality quality = ranking_quality(cases, 3, 8);
    EXPECT_NEAR(quality.recall.value, 1, 1e-15);
    EXPECT_NEAR(quality.ndcg.value, 1, 1e-15);
    EXPECT_LT(quality.ndcg.interval.low, 0.5);  // one case is no proof
}

TEST(RankingQuality, NothingIsKnownOfNoCases) {
    const RankingQuality quality = ranking_quality({}, 3, 8);
    EXPECT_EQ(quality.recall.n, 0);
    EXPECT_EQ(quality.recall.interval.low, 0);
    EXPECT_EQ(quality.recall.interval.high, 1);
    EXPECT_EQ(quality.coverage, 0);
}

}  // namespace
}  // namespace credence::stats
