// How likely the next use of a skill is to be completed, from what was known before it, and how
// good such forecasts were on later outcomes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/figure.h"

namespace credence::skills {

struct PredictSuccess {
    std::string skill_name;
    std::optional<std::string> user_query = {};  // accepted, not used
    std::optional<std::string> workflow_phase = {};
    std::optional<RawJson> session_context = {};  // accepted, not used
    std::optional<std::string> user_id = {};
};
void describe(Describe<PredictSuccess>&);

// What one thing known adds to the log-odds (natural logarithm, before calibration).
struct FeatureContribution {
    std::string feature;
    double log_odds = 0;
};
void describe(Describe<FeatureContribution>&);

enum class JudgedBy : std::uint8_t { user, session };  // what is drawn together for intervals

// Forecasts of the last fifth of the outcomes, by a model that learned from what was known before
// that fifth only, beside always saying the rate that was known then. Figures are left out where
// there was one user and session only.
struct PredictorEvaluation {
    std::int64_t days = 0;
    std::int64_t users = 0;          // known ones behind the outcomes
    std::int64_t learned_on = 0;     // outcomes
    std::int64_t calibrated_on = 0;  // outcomes; 0: they did not allow a calibration
    std::int64_t judged_on = 0;      // forecasts
    JudgedBy intervals_by = JudgedBy::user;
    double base_rate = 0;  // completed of the outcomes known before the judged ones
    std::optional<Figure> log_loss;
    std::optional<Figure> base_log_loss;
    std::optional<Figure> log_loss_gain;  // above 0: better than the base rate
    std::optional<Figure> brier;
    std::optional<Figure> base_brier;
    std::optional<Figure> brier_gain;
    std::optional<Figure> calibration_error;  // ECE
    std::optional<Figure> base_calibration_error;
};
void describe(Describe<PredictorEvaluation>&);

// `useful`: the whole interval of the gain in log-loss is above 0.
bool is_useful(const PredictorEvaluation& evaluation);

struct SuccessPrediction {
    double probability = 0;
    double low = 0;
    double high = 1;
    std::int64_t n = 0;  // outcomes of this user and skill (untrained: of the skill)
    std::string method;  // "online_logistic_beta_95" or "empirical_bayes_beta_95"
    Figure base_rate;    // of the skill over all its users, shrunk: what to say without a model
    std::int64_t model_version = 0;  // 0: untrained, and the probability is the base rate
    std::optional<std::int64_t> trained_at_us;
    std::vector<FeatureContribution> contributions;  // largest effect first
    bool useful = false;  // the model was better than the base rate, beyond doubt
    std::optional<PredictorEvaluation> evaluation;
    std::vector<std::string> ignored;  // what was given and has no influence
};
void describe(Describe<SuccessPrediction>&);

struct TrainPredictor {
    std::int64_t days = 30;
};
void describe(Describe<TrainPredictor>&);

struct GetPredictor {
    std::optional<std::int64_t> version = {};  // default: the newest
};
void describe(Describe<GetPredictor>&);

struct PredictorVersion {
    std::int64_t version = 0;
    std::int64_t trained_at_us = 0;
    std::int64_t outcomes = 0;
    std::int64_t first_at_us = 0;  // when the first of them was known
    std::int64_t last_at_us = 0;
    bool useful = false;
    PredictorEvaluation evaluation;
};
void describe(Describe<PredictorVersion>&);

// Event.
struct SkillPredictorTrained {
    std::int64_t version = 0;
    std::int64_t outcomes = 0;
    bool useful = false;
};
void describe(Describe<SkillPredictorTrained>&);

}  // namespace credence::skills
