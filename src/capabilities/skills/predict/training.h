// From rows of the log to a predictor and how good it was. Pure and thread-safe.
//
// Rows are taken in the order of time. The outcome of a use is known when it ended (its instant and
// its duration, a microsecond at least); the predictor learns it then and no sooner, so no feature
// reads at or after its row's instant (stats/predict/predictor.h). The first 70 % teach, the next
// 10 % calibrate, the last 20 % judge a copy that learns no more, as one that is served does; then
// the last 30 % are learned as well.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/skills/predict/prediction.h"
#include "stats/predict/predictor.h"

namespace credence::skills {

inline constexpr std::int64_t kMinTrainingOutcomes = 200;

// Names as 64-bit hashes. `user` 0: nobody who is known; `phase` 0: unknown.
struct TrainingRow {
    stats::Situation situation;
    std::int64_t known_at_us = 0;
    std::uint64_t session = 0;
    bool success = false;
};

struct RowTimes {
    std::int64_t invoked_at_us = 0;
    double duration_seconds = 0;
};
// When the outcome was known: after at least a microsecond and at most 400 days.
std::int64_t known_at_us(const RowTimes& times);

// First 8 bytes of SHA-256, never 0. Of a user's hash: its first 16 digits.
std::uint64_t name_number(std::string_view name);
std::uint64_t user_number(std::string_view user_hash);

stats::PredictorOptions predictor_options();

struct TrainedPredictor {
    stats::Predictor predictor;  // every outcome known before now taken in
    PredictorEvaluation evaluation;
};

// Told of each row with what the predictor knew at its instant, while it learns.
using RowWatch = std::function<void(const TrainingRow&, const stats::Opened&)>;

// Opens and settles the rows, which stand in the order of time.
void teach(stats::Predictor& predictor, std::span<const TrainingRow> rows, const RowWatch& watch);

// Rows in any order; those not known before now_us are left out. Code::conflict ("insufficient
// data: …") for fewer than kMinTrainingOutcomes or outcomes that are all alike. About 20
// microseconds a row and the bootstrap of the evaluation.
Result<TrainedPredictor> train(std::vector<TrainingRow> rows, std::int64_t now_us);

}  // namespace credence::skills
