#include "capabilities/skills/predict/prediction.h"

#include "capabilities/skills/predict/predictor_shelf.h"
#include "capabilities/skills/record/user_names.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/state/ledger.h"
#include "stats/shrinkage.h"

namespace credence::skills {
namespace {

constexpr std::size_t kMaxPriorSkills = 2'000;  // enough to learn a prior from

stats::RateCount rate_of(const SkillFigures& skill) {
    stats::RateCount rate;
    for (const auto& [phase, total] : skill.phases) {
        rate.successes += total.completed;
        rate.n += total.invocations;
    }
    return rate;
}

// The rate of the skill, drawn towards that of all (the first kMaxPriorSkills of the tenant).
Result<Figure> base_rate_in(const SkillState& state, std::string_view skill_name) {
    std::vector<stats::RateCount> rates;
    for (const SkillFigures& skill : state.skills()) {
        if (rates.size() >= kMaxPriorSkills) {
            break;
        }
        rates.push_back(rate_of(skill));
    }
    const stats::BetaShape prior = stats::fit_rate_prior(rates).value_or(stats::kNoRatePrior);
    const auto found = state.find(skill_name);
    const stats::RateCount own = found ? rate_of(state.skills()[*found]) : stats::RateCount();
    return figure_of(shrunk_rate(own, prior));
}

std::vector<std::string> ignored_of(const PredictSuccess& request, bool trained) {
    std::vector<std::string> ignored;
    if (request.user_query) {
        ignored.emplace_back("user_query");
    }
    if (request.session_context) {
        ignored.emplace_back("session_context");
    }
    if (!trained && request.workflow_phase) {
        ignored.emplace_back("workflow_phase");
    }
    if (!trained && request.user_id) {
        ignored.emplace_back("user_id");
    }
    return ignored;
}

void add_answer(const PredictorAnswer& answer, SuccessPrediction& prediction) {
    prediction.probability = answer.estimate.value;
    prediction.low = answer.estimate.interval.low;
    prediction.high = answer.estimate.interval.high;
    prediction.n = answer.estimate.n;
    prediction.method = answer.estimate.method;
    prediction.model_version = answer.version;
    prediction.trained_at_us = answer.trained_at_us;
    for (const stats::Contribution& part : answer.contributions) {
        prediction.contributions.push_back(
            {std::string(stats::to_string(part.feature)), part.log_odds});
    }
    prediction.evaluation = answer.evaluation;
    prediction.useful = is_useful(answer.evaluation);
}

}  // namespace

Result<SuccessPrediction> Skills::predict_success(const Context& context,
                                                  const PredictSuccess& request) {
    SuccessPrediction prediction;
    prediction.base_rate = TRY(parts_.ledger->read(context.tenant, [&](const SkillState& state) {
        return base_rate_in(state, request.skill_name);
    }));
    const auto answer = TRY(parts_.predictors->ask(
        context.tenant,
        {.skill_name = request.skill_name,
         .workflow_phase = request.workflow_phase.value_or(""),
         .user_hash = request.user_id ? parts_.users->hash(context.tenant, *request.user_id)
                                      : std::string()}));
    prediction.ignored = ignored_of(request, answer.has_value());
    if (answer) {
        add_answer(*answer, prediction);
        return prediction;
    }
    prediction.probability = prediction.base_rate.value;
    prediction.low = prediction.base_rate.low;
    prediction.high = prediction.base_rate.high;
    prediction.n = prediction.base_rate.n;
    prediction.method = prediction.base_rate.method;
    return prediction;
}

Result<PredictorVersion> Skills::train_predictor(const Context& context,
                                                 const TrainPredictor& request) {
    return parts_.predictors->train(context, request.days);
}

Result<PredictorVersion> Skills::get_predictor(const Context& context,
                                               const GetPredictor& request) {
    return parts_.predictors->about(context.tenant, request.version);
}

}  // namespace credence::skills
