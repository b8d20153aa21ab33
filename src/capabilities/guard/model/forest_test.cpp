#include "capabilities/guard/model/forest.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "base/random.h"
#include "capabilities/guard/model/network_fixture.h"

namespace credence::guard {
namespace {

struct Table {
    std::vector<std::vector<float>> traits;
    std::vector<ForestRow> rows;

    void add(std::vector<float> values, double target, double weight = 1) {
        traits.push_back(std::move(values));
        rows.push_back({{}, target, weight});
    }
    std::span<const ForestRow> all() {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i].traits = traits[i];
        }
        return rows;
    }
};

// Either of two traits alone says nothing; the third is noise.
Table exclusive_or(std::size_t count) {
    SeededRandom random(5);
    Table table;
    for (std::size_t i = 0; i < count; ++i) {
        const auto a = static_cast<float>(uniform(random));
        const auto b = static_cast<float>(uniform(random));
        const bool attack = (a > 0.5F) != (b > 0.5F);
        table.add({a, b, static_cast<float>(uniform(random))}, attack ? 0.99 : 0.01);
    }
    return table;
}

ForestOptions quick() {
    ForestOptions options;
    options.trees = 60;
    options.depth = 3;
    options.shrinkage = 0.2;
    options.trait_share = 1;
    options.leaf_weight = 5;
    options.penalty = 1;
    return options;
}

double probability(double logit) {
    return 1 / (1 + std::exp(-logit));
}

TEST(Forest, LearnsExclusiveOr) {
    Table table = exclusive_or(2'000);
    const Forest forest = grow_forest(table.all(), quick());
    ASSERT_EQ(forest.roots.size(), 60U);
    for (const float a : {0.1F, 0.3F, 0.7F, 0.9F}) {
        for (const float b : {0.1F, 0.3F, 0.7F, 0.9F}) {
            const bool attack = (a > 0.5F) != (b > 0.5F);
            const std::vector<float> traits = {a, b, 0.5F};
            const double expected = attack ? 1 : 0;
            EXPECT_NEAR(probability(forest.logit(traits)), expected, 0.1) << a << " " << b;
        }
    }
}

TEST(Forest, ALeafIsANewtonStep) {
    Table table;
    for (int i = 0; i < 10; ++i) {
        table.add({i < 5 ? 0.0F : 1.0F}, i < 5 ? 0.2 : 0.8);
    }
    ForestOptions options = quick();
    options.trees = 1;
    options.depth = 1;
    options.row_share = 1;
    options.shrinkage = 0.5;
    options.penalty = 1.75;
    const Forest forest = grow_forest(table.all(), options);
    // Slopes 5 * (0.5 - 0.2) to the left, curvature 5 * 0.25: -1.5 / (1.25 + 1.75) * 0.5.
    EXPECT_NEAR(forest.bias, 0, 1e-6);
    EXPECT_NEAR(forest.logit(std::vector<float>{0.0F}), -0.25, 1e-6);
    EXPECT_NEAR(forest.logit(std::vector<float>{1.0F}), 0.25, 1e-6);
    EXPECT_NEAR(forest.logit(std::vector<float>{0.49F}), -0.25, 1e-6);
    EXPECT_NEAR(forest.logit(std::vector<float>{0.51F}), 0.25, 1e-6);
    // A trait that is not there counts as 0.
    EXPECT_NEAR(forest.logit({}), -0.25, 1e-6);
}

TEST(Forest, WeightsCountInLeavesAndInTheFirstGuess) {
    Table table;
    table.add({0}, 1, 30);
    table.add({1}, 0, 10);
    ForestOptions options = quick();
    options.trees = 0;
    EXPECT_NEAR(grow_forest(table.all(), options).bias, std::log(3.0), 1e-6);
    options.trees = 1;
    options.row_share = 1;
    options.leaf_weight = 10;
    EXPECT_EQ(grow_forest(table.all(), options).nodes.size(), 3U);
    options.leaf_weight = 11;  // more than the second row weighs
    EXPECT_EQ(grow_forest(table.all(), options).nodes.size(), 1U);
}

TEST(Forest, ARareValueIsNotLostAmongManyDistinctOnes) {
    Table table;
    for (int i = 0; i < 1'000; ++i) {
        // Most rows have 0, two hundred a value of their own, ten the largest.
        const float value = i < 790 ? 0.0F : i < 990 ? static_cast<float>(i) : 5'000.0F;
        table.add({value}, value > 4'000 ? 0.99 : 0.01);
    }
    ForestOptions options = quick();
    options.trees = 100;
    options.row_share = 1;
    const Forest forest = grow_forest(table.all(), options);
    EXPECT_GT(forest.logit(std::vector<float>{5'000}), 1);
    EXPECT_LT(forest.logit(std::vector<float>{0}), -3);
    EXPECT_LT(forest.logit(std::vector<float>{989}), -3);
}

TEST(Forest, SameSeedSameForest) {
    Table table = exclusive_or(300);
    ForestOptions options = quick();
    options.trait_share = 0.5;
    const std::string first = grow_forest(table.all(), options).write();
    EXPECT_EQ(grow_forest(table.all(), options).write(), first);
    options.seed = 2;
    EXPECT_NE(grow_forest(table.all(), options).write(), first);
}

TEST(Forest, BearsWhatIsNoNumberAndNoRows) {
    EXPECT_EQ(grow_forest({}, quick()).logit({}), 0);
    Table table = exclusive_or(100);
    table.traits[3][0] = std::numeric_limits<float>::quiet_NaN();
    table.traits[4][1] = std::numeric_limits<float>::infinity();
    table.traits[5].clear();
    const Forest forest = grow_forest(table.all(), quick());
    for (const ForestRow& row : table.all()) {
        EXPECT_TRUE(std::isfinite(forest.logit(row.traits)));
    }
}

TEST(Forest, ComesBackAsWritten) {
    Table table = exclusive_or(500);
    const Forest forest = grow_forest(table.all(), quick());
    const std::string blob = forest.write();
    const auto read = Forest::read(blob);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->write(), blob);
    for (std::size_t i = 0; i < 50; ++i) {
        EXPECT_EQ(read->logit(table.traits[i]), forest.logit(table.traits[i]));
    }
}

// Three nodes: a split and two leaves.
Forest stump() {
    Forest forest;
    forest.roots = {0};
    forest.nodes = {{0, 0.5F, 1, 2, 0}, {-1, 0, 0, 0, -1}, {-1, 0, 0, 0, 1}};
    return forest;
}

bool is_refused(const Forest& forest) {
    const auto read = Forest::read(forest.write());
    return !read && read.error().code == Code::invalid;
}

TEST(Forest, RefusesDamagedNodes) {
    ASSERT_FALSE(is_refused(stump()));
    const auto damaged = [](auto change) {
        Forest forest = stump();
        change(forest);
        return is_refused(forest);
    };
    EXPECT_TRUE(damaged([](Forest& f) { f.roots[0] = 3; }));
    EXPECT_TRUE(damaged([](Forest& f) { f.roots[0] = -1; }));
    EXPECT_TRUE(damaged([](Forest& f) { f.nodes[0].left = 0; }));  // a cycle
    EXPECT_TRUE(damaged([](Forest& f) { f.nodes[0].left = -1; }));
    EXPECT_TRUE(damaged([](Forest& f) { f.nodes[0].right = 3; }));
    EXPECT_TRUE(damaged([](Forest& f) { f.nodes[2] = {0, 0, 1, 1, 0}; }));  // up again
    EXPECT_TRUE(damaged([](Forest& f) { f.nodes[0].trait = -2; }));
    EXPECT_TRUE(damaged([](Forest& f) { f.nodes[0].trait = 1 << 20; }));
    constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE(damaged([](Forest& f) { f.nodes[0].threshold = kNoNumber; }));
    EXPECT_TRUE(damaged([](Forest& f) { f.nodes[1].value = kNoNumber; }));
    EXPECT_TRUE(damaged([](Forest& f) { f.bias = kNoNumber; }));
}

TEST(Forest, RefusesOtherLengths) {
    const std::string blob = stump().write();
    for (std::size_t bytes = 0; bytes < blob.size(); ++bytes) {
        EXPECT_FALSE(Forest::read(std::string_view(blob).substr(0, bytes))) << bytes;
    }
    EXPECT_FALSE(Forest::read(blob + "x"));
    EXPECT_FALSE(Forest::read("x" + blob));
    // Counts that no memory could hold.
    std::string huge = blob;
    const std::uint32_t many = 0xFFFFFFFF;
    std::memcpy(huge.data() + 22, &many, sizeof many);
    EXPECT_FALSE(Forest::read(huge));
}

}  // namespace
}  // namespace credence::guard
