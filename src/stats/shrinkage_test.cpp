#include "stats/shrinkage.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "stats/reference/recommendation_reference.inc"

namespace credence::stats {
namespace {

namespace computed = recommendation_reference;

constexpr double kShrinkageExact = 1e-9;

// Hits of 18 players in their first 45 at bats of 1970 (Efron and Morris 1975, table 1).
constexpr std::array<std::int64_t, 18> kHits{18, 17, 16, 15, 14, 14, 13, 12, 11,
                                             11, 10, 10, 10, 10, 10, 9,  8,  7};
constexpr std::int64_t kAtBats = 45;

std::vector<RateCount> baseball() {
    std::vector<RateCount> players;
    for (const std::int64_t hits : kHits) {
        players.push_back({hits, kAtBats});
    }
    return players;
}

const std::vector<RateCount> kUnevenGroups{{9, 10}, {1, 1}, {40, 80},   {52, 75},
                                           {3, 9},  {3, 6}, {700, 1000}};

TEST(Shrinkage, PriorAgreesWithTheReference) {
    const std::optional<BetaShape> prior = fit_rate_prior(baseball());
    ASSERT_TRUE(prior.has_value());
    EXPECT_NEAR(prior->alpha, computed::kBaseballPrior[0], 1e-6);
    EXPECT_NEAR(prior->beta, computed::kBaseballPrior[1], 1e-6);
    const std::optional<BetaShape> uneven = fit_rate_prior(kUnevenGroups);
    ASSERT_TRUE(uneven.has_value());
    EXPECT_NEAR(uneven->alpha, computed::kUnevenPrior[0], kShrinkageExact);
    EXPECT_NEAR(uneven->beta, computed::kUnevenPrior[1], kShrinkageExact);
}

// For groups of one size the moments give the shrinkage factor of James and Stein but for the
// (k - 3) / (k - 1) of theirs: B. Efron and C. Morris, "Stein's paradox in statistics", Scientific
// American 236 (1977), publish 0.212 and 0.294 for the best player.
TEST(Shrinkage, AgreesWithThePublishedBaseballExample) {
    const std::optional<BetaShape> prior = fit_rate_prior(baseball());
    ASSERT_TRUE(prior.has_value());
    const double strength = prior->alpha + prior->beta;
    const double correlation = 1 / (1 + strength);
    const double kept = kAtBats / (kAtBats + strength);
    const double noise = (1 - kept) / (1 - correlation);  // of the variance between players
    const double james_stein = 1 - 15.0 / 17.0 * noise;
    EXPECT_NEAR(james_stein, 0.212, 0.002);
    EXPECT_NEAR(beta_mean(*prior) + james_stein * (0.400 - beta_mean(*prior)), 0.294, 0.0005);
    EXPECT_NEAR(beta_mean(*prior), 215.0 / 810.0, kShrinkageExact);
}

TEST(Shrinkage, PosteriorsAgreeWithTheReference) {
    const BetaShape prior{computed::kUnevenPrior[0], computed::kUnevenPrior[1]};
    for (std::size_t i = 0; i < kUnevenGroups.size(); ++i) {
        const Estimate estimate = shrunk_rate(kUnevenGroups[i], prior);
        EXPECT_NEAR(estimate.value, computed::kUnevenMeans[i], kShrinkageExact);
        EXPECT_NEAR(estimate.interval.low, computed::kUnevenLow[i], kShrinkageExact);
        EXPECT_NEAR(estimate.interval.high, computed::kUnevenHigh[i], kShrinkageExact);
        EXPECT_EQ(estimate.n, kUnevenGroups[i].n);
        EXPECT_EQ(estimate.method, "empirical_bayes_beta_95");
        EXPECT_NEAR(rate_lower_bound(kUnevenGroups[i], prior), computed::kUnevenBounds[i],
                    kShrinkageExact);
    }
}

TEST(Shrinkage, OneOfOneDoesNotBeatManyOfAThousand) {
    const std::vector<RateCount> skills{{1, 1}, {990, 1000}, {40, 50}, {0, 1}, {700, 1000}};
    const std::optional<BetaShape> prior = fit_rate_prior(skills);
    ASSERT_TRUE(prior.has_value());
    const std::vector<std::size_t> order = rank_by_lower_bound(skills, *prior);
    EXPECT_EQ(order.front(), 1U);
    EXPECT_EQ(order.back(), 3U);
    EXPECT_EQ(rank_by_lower_bound(skills, kNoRatePrior).front(), 1U);
}

TEST(Shrinkage, EqualRatesShrinkAsMuchAsTheTrialsAllow) {
    const std::vector<RateCount> alike{{50, 100}, {50, 100}, {50, 100}};
    const std::optional<BetaShape> prior = fit_rate_prior(alike);
    ASSERT_TRUE(prior.has_value());
    EXPECT_NEAR(prior->alpha, 150, kShrinkageExact);
    EXPECT_NEAR(prior->beta, 150, kShrinkageExact);
}

TEST(Shrinkage, OppositeRatesShrinkHardlyAtAll) {
    const std::vector<RateCount> opposite{{0, 100}, {100, 100}, {0, 100}, {100, 100}};
    const std::optional<BetaShape> prior = fit_rate_prior(opposite);
    ASSERT_TRUE(prior.has_value());
    EXPECT_NEAR(prior->alpha + prior->beta, 1, kShrinkageExact);
}

TEST(Shrinkage, PerfectGroupsKeepAProperPrior) {
    const std::vector<RateCount> perfect{{10, 10}, {30, 30}};
    const std::optional<BetaShape> prior = fit_rate_prior(perfect);
    ASSERT_TRUE(prior.has_value());
    EXPECT_NEAR(beta_mean(*prior), 40.5 / 41, kShrinkageExact);
    EXPECT_NEAR(prior->alpha + prior->beta, 40, kShrinkageExact);
    EXPECT_GT(rate_lower_bound(perfect[1], *prior), rate_lower_bound(perfect[0], *prior));
}

TEST(Shrinkage, KnowsNothingOfFewerThanTwoGroups) {
    EXPECT_FALSE(fit_rate_prior({}).has_value());
    const std::vector<RateCount> one{{3, 4}, {0, 0}};
    EXPECT_FALSE(fit_rate_prior(one).has_value());
    const Estimate unknown = shrunk_rate({0, 0}, kNoRatePrior);
    EXPECT_NEAR(unknown.value, 0.5, kShrinkageExact);
    EXPECT_NEAR(unknown.interval.low, 0.025, kShrinkageExact);
    EXPECT_NEAR(unknown.interval.high, 0.975, kShrinkageExact);
}

TEST(Shrinkage, SinglesHaveNoSpreadToMeasure) {
    const std::vector<RateCount> singles{{1, 1}, {0, 1}, {1, 1}, {1, 1}};
    const std::optional<BetaShape> prior = fit_rate_prior(singles);
    ASSERT_TRUE(prior.has_value());
    EXPECT_NEAR(beta_mean(*prior), 0.75, kShrinkageExact);
    EXPECT_NEAR(prior->alpha + prior->beta, 4, kShrinkageExact);
}

TEST(Shrinkage, HoldsForMillionsOfTrials) {
    const std::vector<RateCount> large{{990'000, 1'000'000}, {2'000'000, 4'000'000}, {1, 1}};
    const std::optional<BetaShape> prior = fit_rate_prior(large);
    ASSERT_TRUE(prior.has_value());
    EXPECT_NEAR(shrunk_rate(large[0], *prior).value, 0.99, 1e-4);
    EXPECT_EQ(rank_by_lower_bound(large, *prior).front(), 0U);
}

TEST(ShrinkageDeathTest, RefusesImpossibleCounts) {
    const std::vector<RateCount> impossible{{2, 1}, {1, 1}};
    EXPECT_DEATH(fit_rate_prior(impossible), "more successes than trials");
    EXPECT_DEATH(rate_lower_bound({1, 1}, kNoRatePrior, 0), "a level is a probability");
}

}  // namespace
}  // namespace credence::stats
