#include "capabilities/skills/predict/training.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "base/random.h"
#include "base/units.h"
#include "stats/predict/predictor_simulation.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kNowUs = 1'800'000'000'000'000;

std::vector<TrainingRow> simulated_rows(const stats::PredictorSimulationOptions& options) {
    std::vector<TrainingRow> rows;
    for (const stats::SimulatedUse& use : stats::simulated_history(options)) {
        rows.push_back({.situation = use.situation,
                        .known_at_us = use.known_at_us,
                        .session = use.situation.user * 1000 + rows.size() / 10,
                        .success = use.success});
    }
    return rows;
}

// A log of a few users and skills with instants that collide, and outcomes known sooner or later.
std::vector<TrainingRow> random_log(Random& random) {
    std::vector<TrainingRow> rows;
    const std::size_t count = 30 + random.next() % 60;
    for (std::size_t i = 0; i < count; ++i) {
        const auto at_us = static_cast<std::int64_t>(random.next() % 400) * kUsPerMinute;
        const auto lasted_us = static_cast<std::int64_t>(random.next() % 100) * kUsPerMinute;
        rows.push_back({.situation = {.skill = 1 + random.next() % 3,
                                      .phase = random.next() % 3,
                                      .user = random.next() % 4,
                                      .at_us = at_us},
                        .known_at_us = at_us + std::max<std::int64_t>(1, lasted_us),
                        .session = 1 + random.next() % 5,
                        .success = random.next() % 3 != 0});
    }
    std::ranges::stable_sort(rows, {}, [](const auto& row) { return row.situation.at_us; });
    return rows;
}

// Changes everything that is at or after an instant: rows that begin there, and outcomes of earlier
// ones that are known there only. One row, which asks, keeps its situation.
void alter_from(std::vector<TrainingRow>& rows, std::size_t asking, Random& random) {
    const std::int64_t from_us = rows[asking].situation.at_us;
    const auto first = std::ranges::find_if(
        rows, [from_us](const auto& row) { return row.situation.at_us >= from_us; });
    // The one that asks goes first of its instant; the order of others at the instant is free.
    std::rotate(first, rows.begin() + static_cast<std::ptrdiff_t>(asking),
                rows.begin() + static_cast<std::ptrdiff_t>(asking) + 1);
    const auto later = [&] { return from_us + static_cast<std::int64_t>(random.next() % 9'999); };
    for (auto row = first; row != rows.end(); ++row) {
        if (row != first) {
            row->situation = {.skill = 1 + random.next() % 9,
                              .phase = random.next() % 9,
                              .user = random.next() % 9,
                              .at_us = later()};
        }
        row->known_at_us = row->situation.at_us + 1 + static_cast<std::int64_t>(random.next() % 99);
        row->success = random.next() % 2 == 0;
    }
    std::sort(first + 1, rows.end(), [](const auto& left, const auto& right) {
        return left.situation.at_us < right.situation.at_us;
    });
    for (auto row = rows.begin(); row != first; ++row) {
        if (row->known_at_us >= from_us) {
            row->known_at_us = later();
            row->success = random.next() % 2 == 0;
        }
    }
}

struct Asked {
    stats::FeatureVector features;
    double margin = 0;
};

// What was opened for the first row of an instant with this situation.
std::optional<Asked> opened_at(const std::vector<TrainingRow>& rows,
                               const stats::Situation& situation) {
    std::optional<Asked> asked;
    stats::Predictor predictor(predictor_options());
    teach(predictor, rows, [&](const TrainingRow& row, const stats::Opened& opened) {
        const bool same =
            row.situation.at_us == situation.at_us && row.situation.user == situation.user &&
            row.situation.skill == situation.skill && row.situation.phase == situation.phase;
        if (same && !asked) {
            asked = Asked{opened.features, opened.margin};
        }
    });
    return asked;
}

bool same_bits(const Asked& left, const Asked& right) {
    return std::memcmp(left.features.values.data(), right.features.values.data(),
                       sizeof left.features.values) == 0 &&
           std::memcmp(&left.features.offset, &right.features.offset, sizeof(double)) == 0 &&
           std::memcmp(&left.features.evidence, &right.features.evidence, sizeof(double)) == 0 &&
           std::memcmp(&left.margin, &right.margin, sizeof(double)) == 0;
}

TEST(Training, NoFeatureReadsAtOrAfterItsRowsInstant) {
    SeededRandom random(2024);
    int informed = 0;
    for (int log = 0; log < 200; ++log) {
        const std::vector<TrainingRow> rows = random_log(random);
        const std::size_t asking = rows.size() / 3 + random.next() % (rows.size() / 2);
        const stats::Situation situation = rows[asking].situation;
        const auto before = opened_at(rows, situation);
        ASSERT_TRUE(before.has_value());
        informed += before->features.evidence > 0 ? 1 : 0;
        for (int change = 0; change < 3; ++change) {
            std::vector<TrainingRow> altered = rows;
            alter_from(altered, asking, random);
            const auto after = opened_at(altered, situation);
            ASSERT_TRUE(after.has_value());
            ASSERT_TRUE(same_bits(*before, *after)) << "log " << log;
        }
    }
    EXPECT_GT(informed, 50);  // the features did hold something that could have leaked
}

TEST(Training, AnEarlierOutcomeDoesChangeTheFeatures) {
    SeededRandom random(5);
    int changed = 0;
    for (int log = 0; log < 20; ++log) {
        const std::vector<TrainingRow> rows = random_log(random);
        const stats::Situation situation = rows.back().situation;
        std::vector<TrainingRow> altered = rows;
        for (TrainingRow& row : altered) {
            row.success = !row.success;
        }
        changed += same_bits(*opened_at(rows, situation), *opened_at(altered, situation)) ? 0 : 1;
    }
    EXPECT_EQ(changed, 20);
}

TEST(Training, BeatsTheBaseRateAndIsCalibratedOnALaterSlice) {
    const auto trained = train(simulated_rows({.seed = 3, .uses = 20'000}), kNowUs);
    ASSERT_TRUE(trained.has_value()) << trained.error().message;
    const PredictorEvaluation& evaluation = trained->evaluation;
    EXPECT_EQ(evaluation.judged_on, 4'000);
    EXPECT_GT(evaluation.learned_on, 15'900);
    EXPECT_GT(evaluation.calibrated_on, 1'900);
    EXPECT_EQ(evaluation.intervals_by, JudgedBy::user);
    ASSERT_TRUE(evaluation.log_loss_gain.has_value());
    EXPECT_LT(evaluation.log_loss->value, evaluation.base_log_loss->value);
    EXPECT_GT(evaluation.log_loss_gain->low, 0);
    EXPECT_GT(evaluation.brier_gain->low, 0);
    EXPECT_LT(evaluation.calibration_error->value, 0.03);
    EXPECT_TRUE(is_useful(evaluation));
    EXPECT_EQ(trained->predictor.history().outcomes, 20'000);
    EXPECT_EQ(trained->predictor.pending(), 0U);
}

TEST(Training, CoinsAreNotPredictable) {
    SeededRandom random(9);
    std::vector<TrainingRow> rows = simulated_rows({.seed = 9, .uses = 3'000});
    for (TrainingRow& row : rows) {
        row.success = random.next() % 2 == 0;
    }
    const auto trained = train(std::move(rows), kNowUs);
    ASSERT_TRUE(trained.has_value());
    EXPECT_FALSE(is_useful(trained->evaluation));
}

TEST(Training, TheOrderOfRowsDoesNotMatter) {
    std::vector<TrainingRow> rows = simulated_rows({.seed = 4, .uses = 1'000});
    const auto sorted = train(rows, kNowUs);
    std::ranges::reverse(rows);
    const auto reversed = train(rows, kNowUs);
    EXPECT_EQ(sorted->predictor.to_bytes(), reversed->predictor.to_bytes());
}

TEST(Training, TooFewOutcomesOrOnlyOneKindAreRefused) {
    std::vector<TrainingRow> rows = simulated_rows({.seed = 4, .uses = 199});
    const auto few = train(rows, kNowUs);
    ASSERT_FALSE(few.has_value());
    EXPECT_EQ(few.error().code, Code::conflict);
    EXPECT_TRUE(few.error().message.starts_with("insufficient data"));
    rows = simulated_rows({.seed = 4, .uses = 500});
    // What is not known yet does not count.
    const auto unknown = train(rows, rows[150].situation.at_us);
    ASSERT_FALSE(unknown.has_value());
    for (TrainingRow& row : rows) {
        row.success = true;
    }
    const auto alike = train(rows, kNowUs);
    ASSERT_FALSE(alike.has_value());
    EXPECT_EQ(alike.error().code, Code::conflict);
}

TEST(Training, FewUsersAreJudgedBySession) {
    std::vector<TrainingRow> rows = simulated_rows({.seed = 4, .uses = 1'000, .users = 2});
    const auto trained = train(rows, kNowUs);
    EXPECT_EQ(trained->evaluation.intervals_by, JudgedBy::session);
    EXPECT_GT(trained->evaluation.log_loss->n, 2);
    for (TrainingRow& row : rows) {
        row.session = 1;
    }
    EXPECT_FALSE(train(rows, kNowUs)->evaluation.log_loss.has_value());
    EXPECT_FALSE(is_useful(train(rows, kNowUs)->evaluation));
}

TEST(Training, OutcomesAreKnownAfterTheUseEnded) {
    EXPECT_EQ(known_at_us({1'000, 0}), 1'001);
    EXPECT_EQ(known_at_us({1'000, 2.5}), 2'501'000);
    EXPECT_EQ(known_at_us({0, 1e300}), 400 * kUsPerDay);
    EXPECT_EQ(known_at_us({5, -3}), 6);
    EXPECT_EQ(name_number("a"), name_number("a"));
    EXPECT_NE(name_number("a"), name_number("b"));
    EXPECT_EQ(user_number("00000000000000ff11"), 255U);
}

}  // namespace
}  // namespace credence::skills
