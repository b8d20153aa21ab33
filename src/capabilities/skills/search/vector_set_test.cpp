#include "capabilities/skills/search/vector_set.h"

#include <gtest/gtest.h>

namespace credence::skills {
namespace {

vectors::Vector direction(std::initializer_list<std::pair<std::size_t, float>> parts) {
    std::vector<float> values(64);
    for (const auto& [place, value] : parts) {
        values[place] = value;
    }
    return *vectors::quantise(values);
}

TEST(VectorSetTest, IdenticalOrthogonalOppositeAndNothing) {
    VectorSet set(64, 10);
    set.add(1, "same", direction({{0, 1}}));
    set.add(2, "orthogonal", direction({{1, 1}}));
    set.add(3, "opposite", direction({{0, -1}}));
    set.add(4, "nothing", direction({}));
    const auto nearest = set.nearest(direction({{0, 1}}));
    ASSERT_EQ(nearest.size(), 4U);
    EXPECT_EQ(nearest[0].skill_name, "same");
    EXPECT_NEAR(nearest[0].similarity, 1, 1e-6);
    EXPECT_EQ(nearest[1].number, 2);
    EXPECT_EQ(nearest[1].similarity, 0);
    EXPECT_EQ(nearest[2].skill_name, "nothing");
    EXPECT_EQ(nearest[2].similarity, 0);
    EXPECT_EQ(nearest[3].skill_name, "opposite");
    EXPECT_NEAR(nearest[3].similarity, -1, 1e-6);
}

TEST(VectorSetTest, AnotherDimensionSaysNothing) {
    VectorSet set(64, 10);
    set.add(1, "a", *vectors::quantise(std::vector<float>(32, 1.0F)));
    const auto nearest = set.nearest(direction({{0, 1}}));
    ASSERT_EQ(nearest.size(), 1U);
    EXPECT_EQ(nearest[0].similarity, 0);
    EXPECT_TRUE(set.nearest(*vectors::quantise(std::vector<float>(32, 1.0F))).empty());
    EXPECT_TRUE(set.nearest(direction({})).empty());
}

TEST(VectorSetTest, TheOldestLeaveBeyondTheLimit) {
    VectorSet set(64, 4);
    for (std::int64_t i = 1; i <= 5; ++i) {
        set.add(i, "skill" + std::to_string(i), direction({{0, 1}}));
    }
    EXPECT_EQ(set.size(), 2U);
    EXPECT_EQ(set.skill_of(3), nullptr);
    ASSERT_NE(set.skill_of(5), nullptr);
    EXPECT_EQ(*set.skill_of(5), "skill5");
    EXPECT_EQ(set.nearest(direction({{0, 1}})).front().number, 4);
}

TEST(VectorSetTest, TheCentroidIsTheMeanOfTheNewest) {
    VectorSet set(64, 10);
    set.add(1, "a", direction({{5, 1}}));
    set.add(2, "a", direction({{0, 1}}));
    set.add(3, "b", direction({{9, 1}}));
    set.add(4, "a", direction({{1, 1}}));
    EXPECT_EQ(set.centroid("a", 2), direction({{0, 1}, {1, 1}}));
    EXPECT_TRUE(set.centroid("c", 2).empty());
}

}  // namespace
}  // namespace credence::skills
