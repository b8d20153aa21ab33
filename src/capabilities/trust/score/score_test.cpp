#include "capabilities/trust/score/score.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "base/units.h"

namespace credence::trust {
namespace {

Observation observed(Outcome outcome, double strength = 1, double novelty = 1) {
    Observation observation;
    observation.outcome = outcome;
    observation.strength = strength;
    observation.novelty = novelty;
    observation.at_us = 1;
    return observation;
}

ScoreState after(int good, int bad = 0, double strength = 1) {
    ScoreState state;
    for (int i = 0; i < good; ++i) {
        state = fold(state, observed(Outcome::confirmed, strength));
    }
    for (int i = 0; i < bad; ++i) {
        state = fold(state, observed(Outcome::refuted, strength));
    }
    return state;
}

// 19 of 20 hold, `claims` times.
ScoreState steady(int claims) {
    ScoreState state;
    for (int i = 1; i <= claims; ++i) {
        state = fold(state, observed(i % 20 == 0 ? Outcome::refuted : Outcome::confirmed));
    }
    return state;
}

TEST(Score, BeginsWithThePrior) {
    const ScoreState state;
    EXPECT_DOUBLE_EQ(mean(state), 0.5);
    EXPECT_DOUBLE_EQ(effective_n(state), 0);
    EXPECT_NEAR(lower_bound(state), 0.05, 1e-9);
    EXPECT_NEAR(upper_bound(state), 0.95, 1e-9);
    EXPECT_EQ(state.tier, Tier::unknown);
    EXPECT_EQ(inconclusive_share(state), 0);
}

// The seed calls an agent trusted from 0.7: the mean is there after 2, the lower bound after 8
// consistently accurate claims of full weight, the seed's own EWMA after 5.
TEST(Score, ConvergesInFewerThanTenVerifications) {
    EXPECT_LT(mean(after(1)), 0.7);
    EXPECT_GE(mean(after(2)), 0.7);
    EXPECT_LT(lower_bound(after(7)), 0.7);
    EXPECT_GE(lower_bound(after(8)), 0.7);
    EXPECT_LT(after(4).ewma, 0.7);
    EXPECT_NEAR(after(5).ewma, 0.7048, 1e-4);
    EXPECT_LT(lower_bound(after(9)), 0.75);
    EXPECT_GE(lower_bound(after(10)), 0.75);
}

TEST(Score, RemembersAtMostFiveHundredClaimsWhateverTheirWeight) {
    EXPECT_NEAR(effective_n(after(10'000)), 500, 0.01);
    EXPECT_NEAR(effective_n(after(60'000, 0, 0.1)), 500, 0.1);
    EXPECT_NEAR(effective_n(after(1)), 1, 1e-12);
    EXPECT_NEAR(effective_n(after(2)), 1.998, 1e-12);
}

TEST(Score, WeighsByStrengthAndNovelty) {
    const ScoreState half = fold({}, observed(Outcome::confirmed, 0.5));
    EXPECT_DOUBLE_EQ(half.alpha, 1.5);
    const ScoreState quarter = fold({}, observed(Outcome::refuted, 0.5, 0.5));
    EXPECT_DOUBLE_EQ(quarter.beta, 1.25);
    const ScoreState none = fold({}, observed(Outcome::confirmed, 1, 0));
    EXPECT_EQ(none.alpha, 1);
    EXPECT_EQ(none.repeated, 1);
    EXPECT_EQ(none.verifications, 0);
    EXPECT_EQ(none.ewma, 0.5);
}

TEST(Score, NoveltyHalvesWithEachClaimOnTheSameEffort) {
    EXPECT_EQ(novelty_of(false, 0), 1);
    EXPECT_EQ(novelty_of(false, 1), 0.5);
    EXPECT_EQ(novelty_of(false, 3), 0.125);
    EXPECT_EQ(novelty_of(false, kMaxSameEffort), 0);
    EXPECT_EQ(novelty_of(true, 0), 0);
    double sum = 0;
    for (std::int64_t k = 0; k < 100; ++k) {
        sum += novelty_of(false, k);
    }
    EXPECT_LT(sum, 2);
}

TEST(Score, CountsWhatWasTried) {
    ScoreState state = after(2, 1);
    state = fold(state, observed(Outcome::inconclusive));
    state = fold(state, observed(Outcome::error));
    EXPECT_EQ(state.verifications, 3);
    EXPECT_EQ(state.accurate, 2);
    EXPECT_EQ(state.inconclusive, 1);
    EXPECT_EQ(state.errors, 1);
    EXPECT_EQ(state.latest, "ccrie");
    EXPECT_DOUBLE_EQ(inconclusive_share(state), 0.4);
    EXPECT_DOUBLE_EQ(effective_n(state), effective_n(after(2, 1)));
}

TEST(Score, KeepsTheLatestTwentyAttempts) {
    ScoreState state;
    for (int i = 0; i < 5; ++i) {
        state = fold(state, observed(Outcome::inconclusive));
    }
    for (int i = 0; i < 18; ++i) {
        state = fold(state, observed(Outcome::confirmed));
    }
    EXPECT_EQ(state.latest, "ii" + std::string(18, 'c'));
    EXPECT_DOUBLE_EQ(inconclusive_share(state), 0.1);
}

TEST(Score, DeferredClaimsMoveNothingButSilenceIsCounted) {
    Observation deferred = observed(Outcome::refuted);
    deferred.kind = EntryKind::deferred;
    EXPECT_EQ(fold(after(3), deferred), after(3));
    deferred.outcome = Outcome::inconclusive;
    EXPECT_EQ(fold(after(3), deferred).latest, "ccci");
}

TEST(Score, TheLowerBoundGrowsWithEachConfirmedClaim) {
    ScoreState state = after(3, 3);
    for (int i = 0; i < 2'000; ++i) {
        const ScoreState next = fold(state, observed(Outcome::confirmed, 0.7));
        EXPECT_GE(lower_bound(next), lower_bound(state)) << i;
        state = next;
    }
    EXPECT_LT(lower_bound(fold(state, observed(Outcome::refuted))), lower_bound(state));
}

TEST(Score, EvidenceHalvesInHalfAYearOfSilence) {
    const ScoreState state = after(100);
    EXPECT_EQ(aged(state, 1), state);
    EXPECT_EQ(aged(state, -5), state);
    EXPECT_NEAR(effective_n(aged(state, 1 + 180 * kUsPerDay)), effective_n(state) / 2, 1e-9);
    EXPECT_EQ(aged(state, 1 + 3'600 * kUsPerDay).tier, Tier::unknown);
    Observation late = observed(Outcome::confirmed);
    late.at_us = 1 + 180 * kUsPerDay;
    EXPECT_NEAR(effective_n(fold(state, late)), effective_n(state) / 2 * 0.998 + 1, 1e-9);
    Parameters timeless;
    timeless.half_life_us = 0;
    EXPECT_EQ(aged(state, 3'600 * kUsPerDay, timeless), state);
}

TEST(Score, KeepsTheBoundOfTheLastChange) {
    std::mt19937_64 engine(9);
    ScoreState state;
    std::int64_t at_us = 1;
    EXPECT_NEAR(state.bound, lower_bound(state), 1e-9);
    for (int i = 0; i < 2'000; ++i) {
        Observation observation =
            observed(engine() % 5 == 0 ? Outcome::refuted : Outcome::confirmed, 1,
                     static_cast<double>(engine() % 3) / 2);
        observation.kind = static_cast<EntryKind>(engine() % 20 < 17 ? 0 : engine() % 4);
        observation.target = 0.5;
        at_us += static_cast<std::int64_t>(engine() % (kUsPerDay / 2));
        observation.at_us = at_us;
        state = fold(state, observation);
        EXPECT_DOUBLE_EQ(state.bound, i == 0 ? state.bound : lower_bound(state)) << i;
    }
}

// A long silence lowers what is held before the next claim lifts it; minutes do not.
TEST(Score, WhatIsHeldFallsInALongSilence) {
    const ScoreState state = after(100, 3);
    Observation late = observed(Outcome::confirmed);
    late.at_us = 1 + 3 * 360 * kUsPerDay;
    const ScoreState silent = fold(state, late);
    EXPECT_LE(silent.held, aged(state, late.at_us).bound + kParameters.hold_width);
    late.at_us = 1 + 60 * 1'000'000;
    EXPECT_NEAR(fold(state, late).held, fold(state, observed(Outcome::confirmed)).held, 1e-6);
}

TEST(Score, TimeThatRunsBackwardsStandsStill) {
    const ScoreState state = after(10);
    Observation early = observed(Outcome::confirmed);
    early.at_us = -kUsPerDay * 1000;
    EXPECT_DOUBLE_EQ(effective_n(fold(state, early)), effective_n(after(11)));
    EXPECT_EQ(fold(state, early).last_change_us, 1);
}

TEST(Score, TiersFollowTheLowerBoundWithHysteresis) {
    EXPECT_EQ(after(4).tier, Tier::unknown);
    EXPECT_EQ(after(5).tier, Tier::monitored);
    EXPECT_EQ(after(0, 5).tier, Tier::blocked);
    EXPECT_EQ(after(3, 2).tier, Tier::untrusted);
    EXPECT_EQ(after(13).tier, Tier::active);
    EXPECT_EQ(after(40).tier, Tier::trusted);
    // 13 right and 1 wrong: below 0.75, but not by 0.05.
    const ScoreState dented = after(13, 1);
    EXPECT_LT(lower_bound(dented), 0.75);
    EXPECT_EQ(dented.tier, Tier::active);
    EXPECT_EQ(after(13, 2).tier, Tier::monitored);
}

TEST(Score, HoldingIsARelayForEveryThreshold) {
    std::mt19937_64 engine(5);
    for (const double threshold : {0.3, 0.5, 0.6, 0.75}) {
        ScoreState state;
        bool relay = false;
        for (int i = 0; i < 3'000; ++i) {
            const bool good = engine() % 100 < (i / 300 % 2 == 0 ? 85U : 55U);
            state = fold(state, observed(good ? Outcome::confirmed : Outcome::refuted));
            const double bound = lower_bound(state);
            if (effective_n(state) < kParameters.hold_minimum_n) {
                relay = false;
                continue;
            }
            if (state.held == bound && bound < threshold) {
                relay = false;  // forgotten, by an alarm
            }
            relay = bound >= threshold || (relay && bound >= threshold - kParameters.hold_width);
            EXPECT_EQ(state.held >= threshold, relay) << i << ' ' << threshold << ' ' << bound;
        }
    }
}

TEST(Score, ATurncoatRaisesTheAlarm) {
    ScoreState state = steady(200);
    EXPECT_EQ(state.alarms, 0);
    EXPECT_EQ(state.tier, Tier::trusted);
    int lies = 0;
    while (!state.alarmed && lies < 12) {
        state = fold(state, observed(Outcome::refuted));
        ++lies;
    }
    EXPECT_LE(lies, 4);
    EXPECT_EQ(state.alarms, 1);
    EXPECT_NEAR(state.usual, 0.95, 0.01);
    EXPECT_NEAR(state.suspected, 0.60, 0.01);
    EXPECT_LE(state.tier, Tier::monitored);
}

ScoreState alarmed() {
    ScoreState state = steady(200);
    while (!state.alarmed) {
        state = fold(state, observed(Outcome::refuted));
    }
    return state;
}

TEST(Score, AnAlarmEndsWhenTheClaimsSinceSpeakAgainstTheFall) {
    ScoreState state = alarmed();
    int truths = 0;
    while (state.alarmed && truths < 100) {
        state = fold(state, observed(Outcome::confirmed));
        ++truths;
    }
    // A hundred to one: ten times ln(0.945 / 0.595) is more than 4.6.
    EXPECT_EQ(truths, 10);
    EXPECT_FALSE(state.fallen);
    EXPECT_GT(effective_n(state), 150);
}

TEST(Score, AFallThatIsBorneOutForgetsThePast) {
    ScoreState state = alarmed();
    for (int i = 0; i < 4 && !state.fallen; ++i) {
        state = fold(state, observed(Outcome::refuted));
    }
    EXPECT_TRUE(state.fallen);
    EXPECT_LT(effective_n(state), 10);
    EXPECT_LT(mean(state), 0.3);
    int truths = 0;
    while (state.alarmed && truths < 1'000) {
        state = fold(state, observed(Outcome::confirmed));
        ++truths;
    }
    EXPECT_GT(truths, 12);
    EXPECT_LT(truths, 60);
    EXPECT_GT(lower_bound(state), state.suspected);
}

TEST(Score, AnAdministratorClearsAnAlarmOrStatesTheScore) {
    Observation clearing;
    clearing.kind = EntryKind::alarm_cleared;
    clearing.at_us = 2;
    const ScoreState cleared = fold(alarmed(), clearing);
    EXPECT_FALSE(cleared.alarmed);
    EXPECT_EQ(cleared.cusum, 0);
    Observation stating;
    stating.kind = EntryKind::override_;
    stating.target = 0.9;
    stating.strength = 30;
    stating.at_us = 2;
    const ScoreState stated = fold(after(3, 7), stating);
    EXPECT_DOUBLE_EQ(stated.alpha, 28);
    EXPECT_DOUBLE_EQ(stated.beta, 4);
    EXPECT_EQ(stated.ewma, 0.9);
    EXPECT_EQ(stated.overrides, 1);
    EXPECT_EQ(stated.verifications, 10);
    EXPECT_TRUE(fold(alarmed(), stating).alarmed);
}

TEST(Score, IsTotalAndFreeOfNaN) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<double> numbers = {nan, infinity, -infinity, -1, 0, 1e-300, 0.5, 1, 1e300};
    std::mt19937_64 engine(3);
    ScoreState state;
    for (int i = 0; i < 5'000; ++i) {
        Observation observation;
        observation.kind = static_cast<EntryKind>(engine() % 4);
        observation.outcome = static_cast<Outcome>(engine() % 4);
        observation.strength = numbers[engine() % numbers.size()];
        observation.novelty = numbers[engine() % numbers.size()];
        observation.target = numbers[engine() % numbers.size()];
        observation.at_us = static_cast<std::int64_t>(engine());
        state = fold(state, observation);
        const double bound = lower_bound(state);
        ASSERT_TRUE(std::isfinite(bound) && bound >= 0 && bound <= mean(state)) << i;
        ASSERT_TRUE(mean(state) > 0 && mean(state) < 1) << i;
        ASSERT_TRUE(state.ewma >= 0 && state.ewma <= 1) << i;
        ASSERT_TRUE(decode_state(encode_state(state)).has_value()) << i << encode_state(state);
    }
}

TEST(StateText, IsExact) {
    ScoreState state = alarmed();
    state = fold(state, observed(Outcome::error));
    const auto back = decode_state(encode_state(state));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(*back, state);
    EXPECT_EQ(exact_text(1), "3ff0000000000000");
    EXPECT_EQ(exact_text(-0.0), "8000000000000000");
    EXPECT_EQ(*decode_state(encode_state(ScoreState{})), ScoreState{});
}

TEST(StateText, RefusesWhatItDidNotWrite) {
    const std::string good = encode_state(after(3));
    EXPECT_FALSE(decode_state("").has_value());
    EXPECT_FALSE(decode_state(good + " 1").has_value());
    EXPECT_FALSE(decode_state(good.substr(0, good.rfind(' '))).has_value());
    EXPECT_FALSE(decode_state("2" + good.substr(1)).has_value());
    EXPECT_FALSE(decode_state(good + std::string(30, 'c')).has_value());
    std::string not_a_number = good;
    not_a_number.replace(2, 16, "7ff8000000000000");
    EXPECT_FALSE(decode_state(not_a_number).has_value());
    std::string short_number = good;
    short_number.erase(2, 1);
    EXPECT_FALSE(decode_state(short_number).has_value());
    std::string letters = good;
    letters[2] = 'x';
    EXPECT_EQ(decode_state(letters).error().code, Code::internal);
}

// The bits of a fold, so that another compiler or machine that differs is noticed.
TEST(Score, GivesTheSameBitsEverywhere) {
    EXPECT_EQ(encode_state(after(7, 2, 0.7)),
              "1 401776983582151d 4003313165d39970 3fe3b8a54b176f4c 0000000000000000 "
              "3fdbef1362ec681c 0000000000000000 401376983582151c 3ff66262cba732df "
              "0000000000000000 0000000000000000 0000000000000000 0000000000000000 "
              "0000000000000000 0000000000000000 9 7 0 0 0 0 0 1 0 0 2 .cccccccrr");
}

}  // namespace
}  // namespace credence::trust
