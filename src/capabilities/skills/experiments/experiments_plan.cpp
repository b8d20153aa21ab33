// How many users a test needs.
#include <fmt/format.h>

#include <cmath>

#include "capabilities/skills/experiments/experiment_check.h"
#include "capabilities/skills/experiments/experiments.h"
#include "stats/experiment/power.h"

namespace credence::skills {
namespace {

Result<stats::MeanPlan> mean_plan_of(const PlanTest& request, double effect) {
    stats::MeanPlan plan;
    plan.difference = request.metric == TestMetric::duration_seconds ? std::log1p(effect) : effect;
    plan.clusters = {.rows_per_user = request.rows_per_user, .icc = request.icc};
    if (request.metric != TestMetric::completion_rate) {
        if (!request.deviation) {
            return fail(Code::invalid, "is needed for this metric", "deviation");
        }
        plan.deviation = *request.deviation;
        return plan;
    }
    if (!request.baseline) {
        return fail(Code::invalid, "is needed for completion_rate", "baseline");
    }
    plan.deviation = std::sqrt(*request.baseline * (1 - *request.baseline));
    return plan;
}

// Where both directions are possible the one towards 0.5 needs more users: it is planned for.
Result<stats::ProportionPlan> proportion_plan_of(const PlanTest& request, double effect) {
    const double control = request.baseline.value_or(0);
    constexpr double kHalf = 0.5;
    const double up = control + effect;
    const double down = control - effect;
    const bool upwards = control <= kHalf ? up < 1 : !(down > 0);
    const double treatment = upwards ? up : down;
    if (!(treatment > 0 && treatment < 1)) {
        return fail(Code::invalid, "is more than the baseline leaves room for", "minimum_effect");
    }
    return stats::ProportionPlan{
        control, treatment, {.rows_per_user = request.rows_per_user, .icc = request.icc}};
}

std::string plan_words(const TestPlan& plan) {
    if (!plan.users_per_arm_fixed || !plan.users_per_arm_watched) {
        return "The effect is too small to be found.";
    }
    return fmt::format(
        "{} users in each arm when it is read once at the end, {} when it is watched. Outcomes of "
        "one user resemble each other: {:.3g} of them are worth one.",
        *plan.users_per_arm_fixed, *plan.users_per_arm_watched, plan.design_effect);
}

}  // namespace

Result<TestPlan> Experiments::plan_test(const Context&, const PlanTest& request) {
    TestPlan out;
    out.metric = request.metric;
    out.minimum_effect = request.minimum_effect.value_or(usual_effect(request.metric));
    const stats::ErrorRates rates{.alpha = request.alpha, .power = request.power};
    const stats::MeanPlan mean = TRY(mean_plan_of(request, out.minimum_effect));
    out.design_effect = stats::design_effect(mean.clusters);
    out.users_per_arm_watched = stats::users_when_watched(mean, rates);
    const std::int64_t users = request.users_per_arm.value_or(0);
    if (request.metric == TestMetric::completion_rate) {
        const auto plan = TRY(proportion_plan_of(request, out.minimum_effect));
        out.users_per_arm_fixed = stats::users_for_proportions(plan, rates);
        if (users > 0) {
            out.power = stats::power_for_proportions(plan, users, request.alpha);
        }
    } else {
        out.users_per_arm_fixed = stats::users_for_means(mean, rates);
        if (users > 0) {
            out.power = stats::power_for_means(mean, users, request.alpha);
        }
    }
    if (users > 0) {
        const double found = stats::detectable_difference(mean, users, rates);
        out.detectable_effect =
            request.metric == TestMetric::duration_seconds ? std::expm1(found) : found;
    }
    out.reason = plan_words(out);
    return out;
}

}  // namespace credence::skills
