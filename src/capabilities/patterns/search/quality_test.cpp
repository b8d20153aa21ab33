#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "capabilities/patterns/search/quality_fixture.h"

namespace credence::patterns::quality {
namespace {

TEST(Quality, TheSetIsWhatItSaysItIs) {
    const LabelledSet set = load();
    EXPECT_GE(set.patterns.size(), 200U);
    EXPECT_GE(set.report.size(), 300U);
    EXPECT_GE(set.tuning.size(), 100U);
    std::set<std::string> names;
    for (const LabelledPattern& pattern : set.patterns) {
        EXPECT_TRUE(names.insert(pattern.name).second) << pattern.name;
    }
    for (const LabelledQuery& query : set.report) {
        ASSERT_FALSE(query.relevant.empty());
        for (const std::int64_t number : query.relevant) {
            EXPECT_LE(number, static_cast<std::int64_t>(set.patterns.size()));
        }
    }
}

TEST(Quality, BothTogetherBeatEither) {
    const LabelledSet set = load();
    Judge judge(set);
    const Scores words = judge.score(set.report, Way::words);
    const Scores vectors = judge.score(set.report, Way::vectors);
    const Scores fused = judge.score(set.report, Way::fused);
    EXPECT_GT(fused.recall(), words.recall());
    EXPECT_GT(fused.recall(), vectors.recall());
    EXPECT_GT(fused.mean_reciprocal_rank(), words.mean_reciprocal_rank());
    EXPECT_GT(fused.mean_reciprocal_rank(), vectors.mean_reciprocal_rank());
    // Floors against regressions: the low ends of the intervals when they were set.
    EXPECT_GE(fused.recall(), 0.42);
    EXPECT_GE(fused.mean_reciprocal_rank(), 0.30);
}

TEST(Quality, TheIntervalsAreTheTextbooks) {
    const Interval half = wilson(0.5, 100);
    EXPECT_NEAR(half.low, 0.4038, 1e-4);
    EXPECT_NEAR(half.high, 0.5962, 1e-4);
    const Interval sure = bootstrap({1.0, 1.0, 1.0});
    EXPECT_DOUBLE_EQ(sure.low, 1.0);
    EXPECT_DOUBLE_EQ(sure.high, 1.0);
    const Interval wide = bootstrap({0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0});
    EXPECT_LT(wide.low, 0.3);
    EXPECT_GT(wide.high, 0.7);
}

}  // namespace
}  // namespace credence::patterns::quality
