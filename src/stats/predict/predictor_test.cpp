#include "stats/predict/predictor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"
#include "stats/beta.h"
#include "stats/predict/predictor_simulation.h"

namespace credence::stats {
namespace {

constexpr std::int64_t kPastSecondUs = 1'000'000;

struct PastUse {
    Situation situation;
    std::int64_t known_at_us = 0;
    bool success = false;
};

// Instants on a coarse grid, so that many are equal; outcomes become known 0 to 9 steps later.
std::vector<PastUse> random_history(std::size_t size, Random& random) {
    std::vector<PastUse> history;
    std::int64_t at_us = 0;
    for (std::size_t i = 0; i < size; ++i) {
        at_us += static_cast<std::int64_t>(random.next() % 3) * kPastSecondUs;
        history.push_back({{random.next() % 4 + 1, random.next() % 3, random.next() % 5 + 1, at_us},
                           at_us + static_cast<std::int64_t>(random.next() % 10) * kPastSecondUs,
                           random.next() % 3 != 0});
    }
    return history;
}

// Everything that happens before the use at `position`, and then that question.
Opened asked_at(const std::vector<PastUse>& history, std::size_t position) {
    Predictor predictor;
    for (std::size_t i = 0; i < position; ++i) {
        const std::optional<Opened> opened = predictor.open(history[i].situation);
        EXPECT_TRUE(opened.has_value());
        EXPECT_EQ(predictor.settle(*opened, history[i].success, history[i].known_at_us),
                  Settled::kept);
    }
    const std::optional<Opened> opened = predictor.open(history[position].situation);
    EXPECT_TRUE(opened.has_value());
    return *opened;
}

// The property: uses that begin at or after t may be others, outcomes that become known at or after
// t may be others and come at other times, and nothing of t changes.
TEST(Predictor, NothingAtOrAfterAnInstantChangesItsFeatures) {
    SeededRandom random(17);
    int changes = 0;
    for (int round = 0; round < 100; ++round) {
        const std::vector<PastUse> history = random_history(60, random);
        const std::size_t position = 30 + random.next() % 30;
        const std::int64_t at_us = history[position].situation.at_us;
        std::vector<PastUse> changed = history;
        for (std::size_t i = 0; i < changed.size(); ++i) {
            PastUse& use = changed[i];
            if (use.situation.at_us >= at_us && i != position) {
                use.situation.skill = random.next() % 4 + 1;
                use.situation.user = random.next() % 5 + 1;
            }
            if (use.known_at_us >= at_us) {
                use.success = random.next() % 2 == 0;
                use.known_at_us = std::max(use.situation.at_us, at_us) +
                                  static_cast<std::int64_t>(random.next() % 50) * kPastSecondUs;
                changes += i < position ? 1 : 0;
            }
        }
        const Opened before = asked_at(history, position);
        const Opened after = asked_at(changed, position);
        EXPECT_EQ(before.features.values, after.features.values);
        EXPECT_EQ(before.features.offset, after.features.offset);
        EXPECT_EQ(before.features.evidence, after.features.evidence);
        EXPECT_EQ(before.probability, after.probability);
    }
    EXPECT_GT(changes, 300);
}

// The other side: what was known before t does change something, or the property would be empty.
TEST(Predictor, WhatWasKnownBeforeChangesTheFeatures) {
    SeededRandom random(18);
    for (int round = 0; round < 20; ++round) {
        const std::vector<PastUse> history = random_history(60, random);
        std::vector<PastUse> changed = history;
        changed[0].success = !changed[0].success;
        ASSERT_LT(history[0].known_at_us, history[59].situation.at_us);
        EXPECT_NE(asked_at(history, 59).features.values, asked_at(changed, 59).features.values);
    }
}

TEST(Predictor, AnOutcomeCountsOnlyAfterItsInstant) {
    Predictor predictor;
    const Situation use{.skill = 1, .phase = 1, .user = 1, .at_us = 100};
    const std::optional<Opened> opened = predictor.open(use);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(predictor.settle(*opened, true, 200), Settled::kept);
    EXPECT_EQ(predictor.open({1, 1, 1, 200})->features.evidence, 0);
    EXPECT_EQ(predictor.pending(), 1U);
    EXPECT_NEAR(predictor.open({1, 1, 1, 201})->features.evidence, 1, 1e-9);
    EXPECT_EQ(predictor.history().outcomes, 1);
    EXPECT_FALSE(predictor.open({1, 1, 1, 200}).has_value());  // it knows too much for that instant
    EXPECT_EQ(predictor.settle(*opened, true, 99), Settled::impossible);
}

TEST(Predictor, FullOfPendingOutcomesItRefuses) {
    Predictor predictor({.features = {}, .learning = {}, .max_pending = 1});
    const std::optional<Opened> opened = predictor.open({1, 1, 1, 0});
    EXPECT_EQ(predictor.settle(*opened, true, 5), Settled::kept);
    EXPECT_EQ(predictor.settle(*opened, true, 5), Settled::full);
}

TEST(Predictor, FirstPredictionIsTheSkillsRate) {
    Predictor predictor;
    const std::optional<Opened> opened = predictor.open({1, 0, 1, 0});
    EXPECT_NEAR(opened->probability, 0.5, 1e-12);
    const Estimate estimate = Predictor::estimate_of(*opened);
    EXPECT_EQ(estimate.n, 0);
    EXPECT_EQ(estimate.method, "online_logistic_beta_95");
    EXPECT_NEAR(estimate.interval.low, beta_quantile({4, 4}, 0.025), 1e-12);
    EXPECT_NEAR(estimate.interval.high, beta_quantile({4, 4}, 0.975), 1e-12);
}

Predictor trained_predictor(std::size_t uses) {
    Predictor predictor;
    for (const SimulatedUse& use :
         simulated_history({.seed = 3, .uses = uses, .users = 30, .skills = 10})) {
        predictor.settle(*predictor.open(use.situation), use.success, use.known_at_us);
    }
    return predictor;
}

TEST(Predictor, ContributionsAddUpToTheMargin) {
    Predictor predictor = trained_predictor(1'000);
    const std::optional<Opened> opened =
        predictor.open({1, 1, 1, predictor.history().last_at_us + kPastSecondUs});
    ASSERT_TRUE(opened.has_value());
    double sum = opened->features.offset;
    double last = INFINITY;
    for (const Contribution& part : predictor.contributions(*opened)) {
        sum += part.log_odds;
        EXPECT_LE(std::abs(part.log_odds), last);
        last = std::abs(part.log_odds);
    }
    EXPECT_NEAR(sum, opened->margin, 1e-12);
}

TEST(Predictor, BytesBringBackTheSame) {
    Predictor predictor = trained_predictor(800);
    EXPECT_GT(predictor.pending(), 0U);
    const std::string bytes = predictor.to_bytes();
    Result<Predictor> restored = Predictor::from_bytes(bytes);
    ASSERT_TRUE(restored.has_value());
    EXPECT_EQ(restored->to_bytes(), bytes);
    EXPECT_EQ(restored->pending(), predictor.pending());
    const Situation next{2, 1, 3, predictor.history().last_at_us + 3'600 * kPastSecondUs};
    EXPECT_EQ(restored->open(next)->probability, predictor.open(next)->probability);
    EXPECT_EQ(restored->to_bytes(), predictor.to_bytes());
}

TEST(Predictor, TheSameHistoryGivesTheSameBytes) {
    EXPECT_EQ(trained_predictor(500).to_bytes(), trained_predictor(500).to_bytes());
}

TEST(Predictor, DamagedBytesAreRefused) {
    const std::string bytes = trained_predictor(60).to_bytes();
    for (std::size_t length = 0; length < bytes.size(); length += 7) {
        EXPECT_FALSE(Predictor::from_bytes(std::string_view(bytes).substr(0, length)).has_value());
    }
    EXPECT_FALSE(Predictor::from_bytes(bytes + "x").has_value());
    std::string other_version = bytes;
    other_version[4] = 2;
    EXPECT_EQ(Predictor::from_bytes(other_version).error().code, Code::invalid);
    // Any flipped byte either is refused or gives a predictor that works.
    SeededRandom random(9);
    for (int round = 0; round < 300; ++round) {
        std::string flipped = bytes;
        flipped[random.next() % bytes.size()] ^= static_cast<char>(1U << (random.next() % 8));
        Result<Predictor> restored = Predictor::from_bytes(flipped);
        if (restored) {
            const std::optional<Opened> opened = restored->open({1, 1, 1, INT64_MAX});
            EXPECT_TRUE(!opened || (opened->probability >= 0 && opened->probability <= 1));
        }
    }
}

TEST(Predictor, ForgetsAUserEverywhere) {
    Predictor predictor = trained_predictor(500);
    predictor.forget_user(1);
    const std::optional<Opened> opened =
        predictor.open({1, 1, 1, predictor.history().last_at_us + 3'600 * kPastSecondUs});
    EXPECT_EQ(opened->features.evidence, 0);
    EXPECT_EQ(opened->features.values[static_cast<std::size_t>(Feature::user)], 0);
}

TEST(Predictor, CalibratesOnALaterSlice) {
    Predictor predictor;
    EXPECT_FALSE(predictor.calibrate({}));
    EXPECT_EQ(predictor.scale().n, 0);
    std::vector<MarginOutcome> slice;
    for (int i = 0; i < 400; ++i) {
        slice.push_back({i % 2 == 0 ? 1.0 : -1.0, i % 8 < 5});
    }
    slice[0].success = false;
    for (int i = 0; i < 400; i += 4) {
        slice[static_cast<std::size_t>(i)].success = true;
    }
    EXPECT_TRUE(predictor.calibrate(slice));
    EXPECT_EQ(predictor.scale().n, 400);
    EXPECT_NE(predictor.open({1, 1, 1, 0})->probability, 0.5);
}

// The full size, with ECE below 0.03, is in ./dev bench stats.
TEST(PredictorSimulation, BeatsTheBaseRateBeyondAccident) {
    const std::vector<PredictorSimulationRow> rows =
        predictor_simulation({.seed = 1, .uses = 10'000, .users = 120, .skills = 20, .days = 60});
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].forecaster, "online_logistic_platt");
    EXPECT_GT(rows[0].quality.log_loss_gain.interval.low, 0.02);
    EXPECT_GT(rows[0].quality.brier_gain.interval.low, 0);
    EXPECT_LT(rows[0].quality.ece.value, 0.05);
    EXPECT_LT(rows[0].quality.log_loss.value, rows[2].quality.log_loss.value);
    EXPECT_GT(rows[0].quality.log_loss.value, rows[3].quality.log_loss.value);
}

}  // namespace
}  // namespace credence::stats
