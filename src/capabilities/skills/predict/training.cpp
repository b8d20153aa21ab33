#include "capabilities/skills/predict/training.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/text.h"
#include "base/units.h"
#include "stats/predict/forecast_quality.h"

namespace credence::skills {
namespace {

constexpr std::size_t kNumberDigits = 16;
constexpr unsigned kBitsOfHexDigit = 4;
constexpr std::size_t kMaxCells = 50'000;  // of each table of a stored model: 2.4 MB
constexpr double kMaxDurationSeconds = 400.0 * 24 * 3600;
constexpr std::size_t kTenth = 10;
constexpr std::size_t kLearnTenths = 7;
constexpr std::size_t kJudgeFromTenths = 8;
constexpr std::size_t kFewClusters = 10;  // fewer users say too little of other users
constexpr int kBootstrapRounds = 500;
constexpr int kFewBootstrapRounds = 200;
constexpr std::size_t kManyForecasts = 50'000;

std::uint64_t number_of_digits(std::string_view digits) {
    std::uint64_t number = 0;
    for (const char digit : digits.substr(0, kNumberDigits)) {
        number = (number << kBitsOfHexDigit) | (hex_value(digit) & 0xfU);
    }
    return std::max<std::uint64_t>(1, number);
}

Result<void> prepare(std::vector<TrainingRow>& rows, std::int64_t now_us) {
    std::erase_if(rows, [now_us](const TrainingRow& row) { return row.known_at_us >= now_us; });
    const auto successes = std::ranges::count(rows, true, &TrainingRow::success);
    if (std::ssize(rows) < kMinTrainingOutcomes) {
        return fail(Code::conflict, "insufficient data: " + std::to_string(rows.size()) +
                                        " outcomes, and at least " +
                                        std::to_string(kMinTrainingOutcomes) + " are needed");
    }
    if (successes == 0 || successes == std::ssize(rows)) {
        return fail(Code::conflict, "insufficient data: every outcome is the same");
    }
    std::ranges::stable_sort(rows, {}, [](const TrainingRow& row) { return row.situation.at_us; });
    return {};
}

std::vector<stats::Forecast> forecast(stats::Predictor judged, std::span<const TrainingRow> rows,
                                      JudgedBy by) {
    std::vector<stats::Forecast> forecasts;
    forecasts.reserve(rows.size());
    for (const TrainingRow& row : rows) {
        if (const auto opened = judged.open(row.situation)) {
            const bool by_user = by == JudgedBy::user && row.situation.user != 0;
            forecasts.push_back({.probability = opened->probability,
                                 .outcome = row.success,
                                 .cluster = by_user ? row.situation.user : row.session});
        }
    }
    return forecasts;
}

std::size_t users_of(std::span<const TrainingRow> rows) {
    std::unordered_set<std::uint64_t> users;
    for (const TrainingRow& row : rows) {
        if (row.situation.user != 0) {
            users.insert(row.situation.user);
        }
    }
    return users.size();
}

void judge(const stats::Predictor& predictor, std::span<const TrainingRow> rows,
           PredictorEvaluation& evaluation) {
    const auto& known = predictor.history();
    evaluation.base_rate = static_cast<double>(known.successes) /
                           static_cast<double>(std::max<std::int64_t>(1, known.outcomes));
    evaluation.intervals_by = users_of(rows) < kFewClusters ? JudgedBy::session : JudgedBy::user;
    const auto forecasts = forecast(predictor, rows, evaluation.intervals_by);
    evaluation.judged_on = std::ssize(forecasts);
    const bool many = forecasts.size() > kManyForecasts;
    const auto quality = forecast_quality(
        forecasts, evaluation.base_rate, {.rounds = many ? kFewBootstrapRounds : kBootstrapRounds});
    if (!quality) {
        return;
    }
    evaluation.log_loss = figure_of(quality->log_loss);
    evaluation.base_log_loss = figure_of(quality->base_log_loss);
    evaluation.log_loss_gain = figure_of(quality->log_loss_gain);
    evaluation.brier = figure_of(quality->brier);
    evaluation.base_brier = figure_of(quality->base_brier);
    evaluation.brier_gain = figure_of(quality->brier_gain);
    evaluation.calibration_error = figure_of(quality->ece);
    evaluation.base_calibration_error = figure_of(quality->base_ece);
}

// Brings the predictor to an instant: what was known before it is taken in.
void advance(stats::Predictor& predictor, std::int64_t at_us) {
    predictor.open({.at_us = at_us});
}

}  // namespace

std::int64_t known_at_us(const RowTimes& times) {
    const double seconds = std::clamp(times.duration_seconds, 0.0, kMaxDurationSeconds);
    const auto lasted_us = static_cast<std::int64_t>(seconds * static_cast<double>(kUsPerSecond));
    return times.invoked_at_us + std::max<std::int64_t>(1, lasted_us);
}

std::uint64_t name_number(std::string_view name) {
    return number_of_digits(sha256_hex(name));
}

std::uint64_t user_number(std::string_view user_hash) {
    return number_of_digits(user_hash);
}

stats::PredictorOptions predictor_options() {
    stats::PredictorOptions options;
    options.features.max_cells = kMaxCells;
    return options;
}

bool is_useful(const PredictorEvaluation& evaluation) {
    return evaluation.log_loss_gain && evaluation.log_loss_gain->low > 0;
}

void teach(stats::Predictor& predictor, std::span<const TrainingRow> rows, const RowWatch& watch) {
    for (const TrainingRow& row : rows) {
        if (const auto opened = predictor.open(row.situation)) {
            if (watch) {
                watch(row, *opened);
            }
            // An outcome that nothing more fits in for is not learned; it was never known sooner.
            predictor.settle(*opened, row.success, row.known_at_us);
        }
    }
}

Result<TrainedPredictor> train(std::vector<TrainingRow> rows, std::int64_t now_us) {
    TRY(prepare(rows, now_us));
    const std::span<const TrainingRow> all(rows);
    const std::size_t calibrate_from = all.size() * kLearnTenths / kTenth;
    const std::size_t judge_from = all.size() * kJudgeFromTenths / kTenth;
    const std::int64_t judge_from_us = all[judge_from].situation.at_us;
    TrainedPredictor out{.predictor = stats::Predictor(predictor_options()), .evaluation = {}};
    teach(out.predictor, all.first(calibrate_from), {});
    std::vector<stats::MarginOutcome> slice;
    teach(out.predictor, all.subspan(calibrate_from, judge_from - calibrate_from),
          [&](const TrainingRow& row, const stats::Opened& opened) {
              if (row.known_at_us < judge_from_us) {
                  slice.push_back({opened.margin, row.success});
              }
          });
    advance(out.predictor, judge_from_us);
    out.evaluation.users = static_cast<std::int64_t>(users_of(all));
    out.evaluation.learned_on = out.predictor.history().outcomes;
    out.evaluation.calibrated_on = out.predictor.calibrate(slice) ? std::ssize(slice) : 0;
    judge(out.predictor, all.subspan(judge_from), out.evaluation);
    teach(out.predictor, all.subspan(judge_from), {});
    advance(out.predictor, now_us);
    return out;
}

}  // namespace credence::skills
