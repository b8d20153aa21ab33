#include "stats/association/association.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace credence::stats {
namespace {

struct Reference {
    std::vector<double> counts;
    // lift, shrunk lift, low, high, log odds ratio, low, high, G2, p, Fisher's p
    std::vector<double> numbers;
};

const std::vector<Reference> kReferences = {
#include "stats/reference/association_reference.inc"
};

PairCounts counts_of(const std::vector<double>& numbers) {
    return {static_cast<std::int64_t>(numbers[0]), static_cast<std::int64_t>(numbers[1]),
            static_cast<std::int64_t>(numbers[2]), static_cast<std::int64_t>(numbers[3])};
}

TEST(Association, AgreesWithTheReference) {
    ASSERT_EQ(kReferences.size(), 9U);
    for (const Reference& reference : kReferences) {
        const Association found = associate(counts_of(reference.counts));
        const auto& numbers = reference.numbers;
        ASSERT_TRUE(found.lift && found.shrunk_lift);
        EXPECT_NEAR(*found.lift, numbers[0], 1e-12);
        EXPECT_NEAR(found.shrunk_lift->value, numbers[1], 1e-12);
        EXPECT_NEAR(found.shrunk_lift->interval.low, numbers[2], 1e-9);
        EXPECT_NEAR(found.shrunk_lift->interval.high, numbers[3], 1e-9);
        EXPECT_NEAR(found.log_odds_ratio.value, numbers[4], 1e-12);
        EXPECT_NEAR(found.log_odds_ratio.interval.low, numbers[5], 1e-9);
        EXPECT_NEAR(found.log_odds_ratio.interval.high, numbers[6], 1e-9);
        EXPECT_NEAR(found.g_squared, numbers[7], 1e-9);
        EXPECT_NEAR(found.g_squared_p, numbers[8], 1e-8 * numbers[8] + 1e-300);
        const double tolerance = reference.counts[0] > 100'000 ? 1e-6 : 1e-9;
        EXPECT_NEAR(found.fisher_p, numbers[9], tolerance * numbers[9]);
    }
}

// R. A. Fisher, The Design of Experiments (1935): the lady who tastes tea, 3 of 4 right.
TEST(Association, FisherAndTheLady) {
    EXPECT_NEAR(associate({8, 4, 4, 3}).fisher_p, 34.0 / 70, 1e-12);
    EXPECT_NEAR(associate({8, 4, 4, 4}).fisher_p, 2.0 / 70, 1e-12);
    EXPECT_NEAR(associate({8, 4, 4, 2}).fisher_p, 1, 1e-12);
}

// All tables of a margin: the chances sum to 1 and each p is the sum of those no larger.
TEST(Association, FisherIsTheSumOfUnlikelyTables) {
    const std::vector<double> chances = {
        // C(7, k) C(13, 9 - k) / C(20, 9)
        715.0 / 167960,       7.0 * 1287 / 167960, 21.0 * 1716 / 167960, 35.0 * 1716 / 167960,
        35.0 * 1287 / 167960, 21.0 * 715 / 167960, 7.0 * 286 / 167960,   78.0 / 167960};
    for (std::size_t both = 0; both < chances.size(); ++both) {
        double expected = 0;
        for (const double chance : chances) {
            expected += chance <= chances[both] * (1 + 1e-9) ? chance : 0;
        }
        EXPECT_NEAR(associate({20, 7, 9, static_cast<std::int64_t>(both)}).fisher_p, expected,
                    1e-12);
    }
}

// Two skills always together in 20 of 91 sessions: the lift is 4.55.
TEST(Association, LiftKnowsTheNumberOfSessions) {
    const Association found = associate({91, 20, 20, 20});
    EXPECT_NEAR(*found.lift, 4.55, 1e-12);
    EXPECT_LT(found.shrunk_lift->value, 4.55);
    EXPECT_EQ(found.relationship, Relationship::very_strong);
    EXPECT_EQ(found.shrunk_lift->n, 91);
}

TEST(Association, OneMeetingShowsNothing) {
    const Association found = associate({1000, 1, 1, 1});
    EXPECT_DOUBLE_EQ(*found.lift, 1000);
    EXPECT_LT(found.shrunk_lift->value, 3);
    EXPECT_EQ(found.relationship, Relationship::independent);
}

TEST(Association, BandsFollowTheShrunkLift) {
    EXPECT_EQ(associate({100'000, 10'000, 10'000, 3'100}).relationship, Relationship::very_strong);
    EXPECT_EQ(associate({100'000, 10'000, 10'000, 2'100}).relationship, Relationship::strong);
    EXPECT_EQ(associate({100'000, 10'000, 10'000, 1'600}).relationship, Relationship::moderate);
    EXPECT_EQ(associate({100'000, 10'000, 10'000, 1'200}).relationship, Relationship::weak);
    EXPECT_EQ(associate({100'000, 10'000, 10'000, 1'000}).relationship, Relationship::independent);
    EXPECT_EQ(associate({100'000, 10'000, 10'000, 800}).relationship, Relationship::weak_negative);
    EXPECT_EQ(associate({100'000, 10'000, 10'000, 100}).relationship, Relationship::negative);
}

TEST(Association, WithoutSessionsNothingIsKnown) {
    for (const PairCounts& counts : {PairCounts{}, PairCounts{10, 0, 5, 0}}) {
        const Association found = associate(counts);
        EXPECT_FALSE(found.lift);
        EXPECT_FALSE(found.shrunk_lift);
        EXPECT_EQ(found.relationship, Relationship::unknown);
        EXPECT_DOUBLE_EQ(found.fisher_p, 1);
        EXPECT_LT(found.log_odds_ratio.interval.low, -3);
        EXPECT_GT(found.log_odds_ratio.interval.high, 2);
    }
}

TEST(Association, SkillsOfEverySessionAreIndependent) {
    const Association found = associate({50, 50, 20, 20});
    EXPECT_DOUBLE_EQ(*found.lift, 1);
    EXPECT_DOUBLE_EQ(found.fisher_p, 1);
    EXPECT_DOUBLE_EQ(found.g_squared, 0);
}

TEST(Association, LargeCountsStayQuickAndFinite) {
    const Association found = associate({10'000'000, 4'000'000, 5'000'000, 2'001'000});
    EXPECT_NEAR(found.fisher_p, found.g_squared_p, 0.01 * found.g_squared_p);
}

TEST(AssociationDeathTest, RefusesImpossibleCounts) {
    EXPECT_DEATH(associate({10, 5, 5, 6}), "no sessions give");
    EXPECT_DEATH(associate({10, 8, 8, 5}), "no sessions give");
}

TEST(LiftPrior, RecoversMeanAndVariance) {
    // Expected 4 each; observed 0, 4, 8 alike: mean 1, variance (32/3 - 4) / 16 = 5/12.
    std::vector<PairCounts> pairs;
    for (int i = 0; i < 30; ++i) {
        pairs.push_back({100, 20, 20, 4 * (i % 3)});
    }
    const LiftPrior prior = fit_lift_prior(pairs);
    EXPECT_NEAR(prior.shape, 12.0 / 5, 1e-12);
    EXPECT_NEAR(prior.rate, 12.0 / 5, 1e-12);
}

TEST(LiftPrior, FewPairsUseTheDefault) {
    const std::vector<PairCounts> pairs(19, PairCounts{100, 20, 20, 4});
    EXPECT_DOUBLE_EQ(fit_lift_prior(pairs).shape, 0.5);
    const std::vector<PairCounts> never(50, PairCounts{100, 20, 20, 0});
    EXPECT_DOUBLE_EQ(fit_lift_prior(never).rate, 0.5);
}

// scipy.stats.binomtest; the last lines of association_reference.inc.
TEST(Precedence, AgreesWithTheSignTest) {
    EXPECT_DOUBLE_EQ(precedence({0, 1})->p, 1);
    EXPECT_NEAR(precedence({2, 8})->p, 0.109375, 1e-9);
    EXPECT_DOUBLE_EQ(precedence({5, 5})->p, 1);
    EXPECT_NEAR(precedence({60, 40})->p, 0.056887933640980881, 1e-9);
    EXPECT_DOUBLE_EQ(precedence({60, 40})->share_a_first.value, 0.6);
    EXPECT_DOUBLE_EQ(precedence({60, 40})->share_a_first.interval.low, wilson_95(60, 100).low);
}

TEST(Precedence, WithoutOrderIsUnknown) {
    EXPECT_FALSE(precedence({}));
}

TEST(Relationship, HasNames) {
    EXPECT_EQ(to_string(Relationship::very_strong), "very_strong");
    EXPECT_EQ(to_string(Relationship::unknown), "unknown");
}

}  // namespace
}  // namespace credence::stats
