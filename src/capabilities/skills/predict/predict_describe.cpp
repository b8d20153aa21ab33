#include "capabilities/skills/predict/prediction.h"
#include "capabilities/skills/skills_parts.h"

namespace credence::skills {
namespace {

constexpr std::size_t kMaxAskedQueryBytes = 8'192;
constexpr double kMaxTrainingDays = 400;
constexpr double kMaxVersionNumber = 1e15;

}  // namespace

void describe(Describe<PredictSuccess>& d) {
    d.field<&PredictSuccess::skill_name>("Skill to be used").length(1, kMaxSkillNameBytes);
    d.field<&PredictSuccess::user_query>("Accepted, but without influence")
        .length(0, kMaxAskedQueryBytes);
    d.field<&PredictSuccess::workflow_phase>("Where in the workflow").length(1, 200);
    d.field<&PredictSuccess::session_context>(
        "Such as session_length_minutes; accepted, but without influence");
    d.field<&PredictSuccess::user_id>("Who would use it").length(1, kMaxUserNameBytes);
}

void describe(Describe<FeatureContribution>& d) {
    d.field<&FeatureContribution::feature>("What is known");
    d.field<&FeatureContribution::log_odds>("What it adds to the log-odds, before calibration");
}

void describe(Describe<PredictorEvaluation>& d) {
    d.field<&PredictorEvaluation::days>("Of the log it learned from");
    d.field<&PredictorEvaluation::users>("Known users behind the outcomes");
    d.field<&PredictorEvaluation::learned_on>("Outcomes known before the judged ones");
    d.field<&PredictorEvaluation::calibrated_on>("Of these, for the calibration; 0: it failed");
    d.field<&PredictorEvaluation::judged_on>("Forecasts, of the last fifth");
    d.field<&PredictorEvaluation::intervals_by>("What intervals take as independent");
    d.field<&PredictorEvaluation::base_rate>("Completed of the outcomes known before");
    d.field<&PredictorEvaluation::log_loss>("Mean log-loss");
    d.field<&PredictorEvaluation::base_log_loss>("That of always saying the base rate");
    d.field<&PredictorEvaluation::log_loss_gain>("Above 0: better than the base rate");
    d.field<&PredictorEvaluation::brier>("Mean squared error");
    d.field<&PredictorEvaluation::base_brier>("That of the base rate");
    d.field<&PredictorEvaluation::brier_gain>("Above 0: better than the base rate");
    d.field<&PredictorEvaluation::calibration_error>("Expected calibration error, ten bins");
    d.field<&PredictorEvaluation::base_calibration_error>("That of the base rate");
}

void describe(Describe<SuccessPrediction>& d) {
    d.field<&SuccessPrediction::probability>("That the use will be completed");
    d.field<&SuccessPrediction::low>("Lower end of its interval");
    d.field<&SuccessPrediction::high>("Upper end");
    d.field<&SuccessPrediction::n>("Outcomes of this user and skill; untrained: of the skill");
    d.field<&SuccessPrediction::method>("How it was found");
    d.field<&SuccessPrediction::base_rate>("Of the skill over all its users: without a model");
    d.field<&SuccessPrediction::model_version>("0: untrained, it is the base rate");
    d.field<&SuccessPrediction::trained_at_us>("When the model learned, microseconds UTC");
    d.field<&SuccessPrediction::contributions>("Why, largest effect first");
    d.field<&SuccessPrediction::useful>("The model was better than the base rate, beyond doubt");
    d.field<&SuccessPrediction::evaluation>("How good it was on later outcomes");
    d.field<&SuccessPrediction::ignored>("Fields given that have no influence");
}

void describe(Describe<TrainPredictor>& d) {
    d.field<&TrainPredictor::days>("Of the log to learn from")
        .between(1, kMaxTrainingDays)
        .or_default();
}

void describe(Describe<GetPredictor>& d) {
    d.field<&GetPredictor::version>("Default: the newest").between(1, kMaxVersionNumber);
}

void describe(Describe<PredictorVersion>& d) {
    d.field<&PredictorVersion::version>("Counts from 1");
    d.field<&PredictorVersion::trained_at_us>("When, microseconds UTC");
    d.field<&PredictorVersion::outcomes>("What it learned from");
    d.field<&PredictorVersion::first_at_us>("When the first of them was known");
    d.field<&PredictorVersion::last_at_us>("When the last was");
    d.field<&PredictorVersion::useful>("It was better than the base rate, beyond doubt");
    d.field<&PredictorVersion::evaluation>("How good it was on later outcomes");
}

void describe(Describe<SkillPredictorTrained>& d) {
    d.field<&SkillPredictorTrained::version>("Version");
    d.field<&SkillPredictorTrained::outcomes>("What it learned from");
    d.field<&SkillPredictorTrained::useful>("It was better than the base rate, beyond doubt");
}

}  // namespace credence::skills
