// Does the predictor beat the base rate on a later slice of time? A seeded history with known
// truth.
//
// Users, skills, their pairs and the hour have effects on the log-odds of success; users learn with
// use; every eighth skill breaks half way through. Uses arrive at random instants, their outcomes
// minutes later. The first 60 % of the time teach, the next 20 % calibrate, the last 20 % are
// judged; the state goes on learning throughout, as it does in service, and each forecast is made
// before its outcome is known. The base rate is that of the outcomes known before the judged slice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "stats/predict/forecast_quality.h"
#include "stats/predict/predictor_features.h"

namespace credence::stats {

struct PredictorSimulationOptions {
    std::uint64_t seed = 1;
    std::size_t uses = 40'000;
    std::size_t users = 400;
    std::size_t skills = 40;
    std::int64_t days = 60;
};

struct SimulatedUse {
    Situation situation;
    std::int64_t known_at_us = 0;
    double probability = 0;  // the truth
    bool success = false;
};

// In the order of time, instants distinct.
std::vector<SimulatedUse> simulated_history(const PredictorSimulationOptions& options);

// `forecaster`: "online_logistic_platt" (ours), "online_logistic" (ours without calibration),
// "raw_skill_rate" (successes / uses of the skill so far, as the old system ranks: 1/1 is certain),
// "truth" (the best that anybody could do). Each row has the base rate beside it.
struct PredictorSimulationRow {
    std::string_view forecaster;  // a literal
    ForecastQuality quality;
};

// About a quarter of a second at the default size.
std::vector<PredictorSimulationRow> predictor_simulation(const PredictorSimulationOptions& options);

}  // namespace credence::stats
