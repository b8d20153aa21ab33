#include "stats/experiment/assignment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "stats/reference/recommendation_reference.inc"

namespace credence::stats {
namespace {

AssignmentKey counting_key() {
    AssignmentKey key;
    for (std::size_t i = 0; i < key.size(); ++i) {
        key[i] = static_cast<std::uint8_t>(i);
    }
    return key;
}

// Upper 0.1 % points of chi-square (any table): one and three degrees of freedom.
constexpr double kChiSquare1 = 10.828;
constexpr double kChiSquare3 = 16.266;

double chi_square(const std::vector<double>& counts, const std::vector<double>& shares, double n) {
    double sum = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const double expected = shares[i] * n;
        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    return sum;
}

// Another implementation of BLAKE2b (Python's hashlib) gives the same positions, to the last bit.
TEST(Assignment, AgreesWithAnotherImplementation) {
    const auto& expected = recommendation_reference::kPositions;
    EXPECT_EQ(assignment_position(counting_key(), "button", "alice"), expected[0]);
    EXPECT_EQ(assignment_position(counting_key(), "button", "bob"), expected[1]);
    EXPECT_EQ(assignment_position(counting_key(), "", ""), expected[2]);
    EXPECT_EQ(assignment_position(counting_key(), "größe", std::string(300, 'a')), expected[3]);
}

TEST(Assignment, FieldsDoNotRunTogether) {
    EXPECT_NE(assignment_position(counting_key(), "ab", "c"),
              assignment_position(counting_key(), "a", "bc"));
}

TEST(Assignment, KeyAndExperimentSaltThePosition) {
    AssignmentKey other = counting_key();
    other[31] ^= 1U;
    EXPECT_NE(assignment_position(counting_key(), "button", "alice"),
              assignment_position(other, "button", "alice"));
    EXPECT_NE(assignment_position(counting_key(), "button", "alice"),
              assignment_position(counting_key(), "banner", "alice"));
}

TEST(Assignment, FourArmsAreBalanced) {
    const std::vector<double> shares{0.5, 0.3, 0.15, 0.05};
    std::vector<double> counts(4);
    constexpr int kUsers = 20'000;
    for (int user = 0; user < kUsers; ++user) {
        const double position =
            assignment_position(counting_key(), "balance", "user" + std::to_string(user));
        const std::optional<std::size_t> arm = choose_arm(position, shares);
        ASSERT_TRUE(arm.has_value());
        counts[*arm] += 1;
    }
    EXPECT_LT(chi_square(counts, shares, kUsers), kChiSquare3);
}

TEST(Assignment, ExperimentsAreIndependent) {
    const std::vector<double> halves{0.5, 0.5};
    std::vector<double> together(4);
    constexpr int kUsers = 10'000;
    for (int user = 0; user < kUsers; ++user) {
        const std::string name = std::to_string(user);
        const auto one = choose_arm(assignment_position(counting_key(), "one", name), halves);
        const auto two = choose_arm(assignment_position(counting_key(), "two", name), halves);
        together[*one * 2 + *two] += 1;
    }
    EXPECT_LT(chi_square(together, {0.25, 0.25, 0.25, 0.25}, kUsers), kChiSquare3);
    const double same = together[0] + together[3];
    EXPECT_LT(chi_square({same, kUsers - same}, {0.5, 0.5}, kUsers), kChiSquare1);
}

TEST(Assignment, LaterArmsMoveNobodyInEarlierOnes) {
    const std::vector<double> before{0.4, 0.3, 0.2, 0.1};
    const std::vector<double> after{0.4, 0.3, 0.05, 0.25};
    for (int user = 0; user < 5'000; ++user) {
        const double position = assignment_position(counting_key(), "stable", std::to_string(user));
        const std::size_t was = *choose_arm(position, before);
        const std::size_t is = *choose_arm(position, after);
        if (was < 2 || is < 2) {
            EXPECT_EQ(was, is);
        }
    }
}

TEST(Assignment, GrowthAndANewArmTakeOnlyThoseOutside) {
    const std::vector<double> small{0.1, 0.1};
    const std::vector<double> more_arms{0.1, 0.1, 0.3};
    const std::vector<double> wider{0.1, 0.4};
    for (double position = 0.0005; position < 1; position += 0.001) {
        const std::optional<std::size_t> was = choose_arm(position, small);
        if (was) {
            EXPECT_EQ(choose_arm(position, more_arms), was);
            EXPECT_EQ(choose_arm(position, wider), was);
        }
    }
    EXPECT_EQ(choose_arm(0.35, small), std::nullopt);
    EXPECT_EQ(choose_arm(0.35, more_arms), std::size_t{2});
}

TEST(Assignment, BordersBelongToTheLaterArm) {
    const std::vector<double> shares{0.25, 0, 0.25, 0.5};
    EXPECT_EQ(choose_arm(0, shares), std::size_t{0});
    EXPECT_EQ(choose_arm(0.25, shares), std::size_t{2});
    EXPECT_EQ(choose_arm(0.5, shares), std::size_t{3});
    EXPECT_EQ(choose_arm(1 - 0x1.0p-53, shares), std::size_t{3});
    const std::vector<double> tenths(10, 0.1);  // adds up to 1 - 2^-53
    EXPECT_EQ(choose_arm(1 - 0x1.0p-53, tenths), std::size_t{9});
}

TEST(Assignment, KnowsInvalidShares) {
    EXPECT_TRUE(valid_arm_shares(std::vector<double>{0.5, 0.5}));
    EXPECT_TRUE(valid_arm_shares(std::vector<double>(10, 0.1)));
    EXPECT_FALSE(valid_arm_shares(std::vector<double>{1}));
    EXPECT_FALSE(valid_arm_shares(std::vector<double>{0.6, 0.6}));
    EXPECT_FALSE(valid_arm_shares(std::vector<double>{-0.1, 0.5}));
    EXPECT_FALSE(valid_arm_shares(std::vector<double>{0, 0}));
    EXPECT_FALSE(valid_arm_shares(std::vector<double>{0.5, std::nan("")}));
}

TEST(AssignmentDeathTest, RefusesWhatIsNoPosition) {
    EXPECT_DEATH(choose_arm(1, std::vector<double>{0.5, 0.5}), "a position is in");
    EXPECT_DEATH(choose_arm(0.5, std::vector<double>{2, 2}), "no division of everybody");
}

}  // namespace
}  // namespace credence::stats
