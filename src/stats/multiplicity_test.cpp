#include "stats/multiplicity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include "stats/reference/experiment_reference.inc"

namespace credence::stats {
namespace {

TEST(MultiplicityTest, AgreesWithStatsmodels) {
    const auto false_discovery = benjamini_hochberg(kPValues);
    const auto family_wise = holm(kPValues);
    for (std::size_t test = 0; test < std::size(kPValues); ++test) {
        EXPECT_NEAR(false_discovery[test], kBenjaminiHochberg[test], 1e-12);
        EXPECT_NEAR(family_wise[test], kHolm[test], 1e-12);
    }
}

TEST(MultiplicityTest, TheExampleOfBenjaminiAndHochberg) {
    // Section 4 of the paper: at 5 %, four hypotheses are refused, by Bonferroni's rule three.
    const auto accepted = [](const std::vector<double>& adjusted) {
        return std::count_if(adjusted.begin(), adjusted.end(), [](double p) { return p <= 0.05; });
    };
    EXPECT_EQ(accepted(benjamini_hochberg(kPValues)), 4);
    EXPECT_EQ(accepted(holm(kPValues)), 3);
}

TEST(MultiplicityTest, EdgesAndTies) {
    EXPECT_TRUE(benjamini_hochberg({}).empty());
    EXPECT_TRUE(holm({}).empty());
    EXPECT_EQ(benjamini_hochberg(std::array{0.03}), std::vector{0.03});
    EXPECT_EQ(holm(std::array{0.03}), std::vector{0.03});
    EXPECT_EQ(benjamini_hochberg(std::array{0.02, 0.02}), (std::vector{0.02, 0.02}));
    EXPECT_EQ(holm(std::array{0.02, 0.02}), (std::vector{0.04, 0.04}));
    EXPECT_EQ(holm(std::array{1.0, 0.9}), (std::vector{1.0, 1.0}));
}

TEST(MultiplicityTest, EValuesAsInverseP) {
    // e = 80, 30, 0.5 of three: adjusted min(3/80, …), 3/(2*30), 1.
    const auto adjusted =
        e_benjamini_hochberg(std::array{std::log(0.5), std::log(80.0), std::log(30.0)});
    EXPECT_NEAR(adjusted[0], 1, 1e-12);
    EXPECT_NEAR(adjusted[1], 3.0 / 80, 1e-12);
    EXPECT_NEAR(adjusted[2], 0.05, 1e-12);
}

TEST(MultiplicityDeathTest, RefusesTheImpossible) {
    EXPECT_DEATH(benjamini_hochberg(std::array<double, 2>{0.5, NAN}), "CHECK");
    EXPECT_DEATH(holm(std::array{1.5}), "CHECK");
}

}  // namespace
}  // namespace credence::stats
