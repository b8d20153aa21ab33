#include "stats/experiment/betting.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace credence::stats {
namespace {

struct Assigned {
    bool treatment;
    double outcome;
};

TEST(BettingTest, OneUserByHand) {
    // Without users before, the mean is 1/2: the step is (1 - 1/2) / (1/2) = 1. Each pair of bets b
    // and -b gives (1 + b) + (1 - b) = 2, so the mean wealth stays 1.
    Betting betting(0.5);
    EXPECT_EQ(betting.log_e(), 0);
    betting.add(true, 1);
    EXPECT_NEAR(betting.log_e(), 0, 1e-15);
    // The mean is now (1 + 1/2) / 2 = 3/4 and the step (3/4 - 0) / (1/2) = 3/2 in control: a pair
    // gives (1 + b)(1 + 3b/2) + (1 - b)(1 - 3b/2) = 2 + 3 b^2, with b^2 = 0.45^2 / 2^k for k = 0
    // … 15.
    betting.add(false, 0);
    const double squares = 0.45 * 0.45 * (2 - std::ldexp(1, -15)) / 16;
    EXPECT_NEAR(betting.log_e(), std::log1p(1.5 * squares), 1e-14);
    EXPECT_EQ(betting.users(), 2);
}

TEST(BettingTest, IsAFairGameWithoutADifference) {
    // The mean e-value over ALL assignments of eight users with these outcomes is exactly 1.
    const std::vector<double> outcomes{1, 0.25, 0, 1, 0.5, 1, 0, 0.75};
    for (const double share : {0.5, 0.2}) {
        double mean = 0;
        for (unsigned assignment = 0; assignment < 256; ++assignment) {
            Betting betting(share);
            double probability = 1;
            for (std::size_t user = 0; user < outcomes.size(); ++user) {
                const bool treatment = ((assignment >> user) & 1U) != 0;
                probability *= treatment ? share : 1 - share;
                betting.add(treatment, outcomes[user]);
            }
            mean += probability * std::exp(betting.log_e());
        }
        EXPECT_NEAR(mean, 1, 1e-12);
    }
}

TEST(BettingTest, PartsMergeAndStayFair) {
    const std::vector<double> outcomes{1, 0, 1, 0.5, 0.25, 1};
    double mean = 0;
    for (unsigned assignment = 0; assignment < 64; ++assignment) {
        Betting first(0.5);
        Betting second(0.5);
        for (std::size_t user = 0; user < outcomes.size(); ++user) {
            Betting& part = user % 2 == 0 ? first : second;
            part.add(((assignment >> user) & 1U) != 0, outcomes[user]);
        }
        first.merge(second);
        EXPECT_EQ(first.users(), 6);
        mean += std::exp(first.log_e()) / 64;
    }
    EXPECT_NEAR(mean, 1, 1e-12);
}

TEST(BettingTest, FindsADifferenceInEitherDirection) {
    for (const bool better : {true, false}) {
        SeededRandom random(11);
        Betting betting(0.5);
        for (int user = 0; user < 4000; ++user) {
            const bool treatment = (random.next() & 1U) != 0;
            const double chance = treatment == better ? 0.6 : 0.5;
            betting.add(treatment, static_cast<double>(random.next() >> 11) * 0x1p-53 < chance);
        }
        // A bet that knew the effect would grow by about 0.01 / (8 * 0.25) a user: 20 in all.
        EXPECT_GT(betting.log_e(), 10);
        EXPECT_LT(betting.log_e(), 40);
    }
}

TEST(BettingDeathTest, RefusesTheImpossible) {
    EXPECT_DEATH(Betting(0), "CHECK");
    EXPECT_DEATH(Betting(0.5).add(true, 1.5), "CHECK");
    EXPECT_DEATH(Betting(0.5).merge(Betting(0.4)), "CHECK");
}

}  // namespace
}  // namespace credence::stats
