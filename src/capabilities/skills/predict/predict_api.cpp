// The operations of this folder.
#include "api/host.h"
#include "capabilities/skills/predict/prediction.h"
#include "capabilities/skills/skills.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kTrainingTimeoutMs = 600'000;

}  // namespace

void serve_predict(Host& host, Skills& skills) {
    host.serve<&Skills::predict_success>(skills, "How likely a use of a skill is to be completed")
        .post("/v1/skills/predictions")
        .effect(Effect::read)
        .needs("skills:read")
        .positional("skill_name")
        .describe(
            "Untrained, it is the rate of the skill and model_version is 0. user_query and "
            "session_context are accepted and have no influence.");
    host.serve<&Skills::train_predictor>(skills, "Learn from the log, and judge what was learned")
        .post("/v1/skills/predictor")
        .needs("skills:write")
        .on(Lane::background)
        .within_ms(kTrainingTimeoutMs)
        .describe(
            "Learns on the first 70 % of the time, calibrates on the next 10 %, is judged on the "
            "last 20 % beside the base rate, and then learns the rest. Fewer than 200 outcomes, "
            "or outcomes all alike, are a conflict.");
    host.serve<&Skills::get_predictor>(skills, "The predictor in use, and how good it was")
        .get("/v1/skills/predictor")
        .needs("skills:read");
}

}  // namespace credence::skills
