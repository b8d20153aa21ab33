#include "capabilities/skills/experiments/experiment_measure.h"

#include <algorithm>
#include <cmath>

#include "stats/experiment/cuped.h"
#include "stats/experiment/power.h"

namespace credence::skills {
namespace {

using stats::ArmSummary;

constexpr double kConfidence = 1 - kExperimentAlpha;
constexpr double kRatingWidth = 4;  // from 1 to 5

double width_of(TestMetric metric) {
    switch (metric) {
        case TestMetric::completion_rate:
            return 1;
        case TestMetric::duration_seconds:
            return 0;
        case TestMetric::user_rating:
            return kRatingWidth;
    }
    return 0;
}

const StoredMoments& moments_of(const ArmSums& arm, TestMetric metric) {
    switch (metric) {
        case TestMetric::completion_rate:
            return arm.completion;
        case TestMetric::duration_seconds:
            return arm.duration;
        case TestMetric::user_rating:
            return arm.rating;
    }
    return arm.completion;
}

std::optional<ArmSummary> summary_of(const ArmSums& arm, TestMetric metric) {
    if (metric == TestMetric::completion_rate) {
        return stats::arm_ratio(arm.completed_of_judged.pair(), width_of(metric));
    }
    return stats::arm_mean(moments_of(arm, metric).outcome(), width_of(metric));
}

struct BothArms {
    std::optional<ArmSummary> control;
    std::optional<ArmSummary> treatment;
    std::optional<double> variance_left;
};

// cuped() knows nothing of bounds: the two imagined users of contrast.h join here.
ArmSummary widened(ArmSummary arm, double width) {
    const double n = static_cast<double>(arm.users);
    arm.variance += width * width / 2 / (n - 1) / n;
    return arm;
}

BothArms adjusted_arms(const ArmSums& control, const ArmSums& treatment, TestMetric metric) {
    const StoredMoments& left = moments_of(control, metric);
    const StoredMoments& right = moments_of(treatment, metric);
    const double width = width_of(metric);
    if (const auto cuped = stats::cuped(left.pair(), right.pair()); cuped) {
        return {widened(cuped->control, width), widened(cuped->treatment, width),
                cuped->variance_left};
    }
    return {stats::arm_mean(left.outcome(), width), stats::arm_mean(right.outcome(), width),
            std::nullopt};
}

BothArms both_arms(const Experiment& experiment, const Compared& compared) {
    const TestMetric metric = experiment.row.metrics.at(compared.metric).name;
    const ArmSums& control = experiment.sums.arms.at(0);
    const ArmSums& treatment = experiment.sums.arms.at(compared.arm);
    if (experiment.sums.adjusted) {
        return adjusted_arms(control, treatment, metric);
    }
    return {summary_of(control, metric), summary_of(treatment, metric), std::nullopt};
}

}  // namespace

Measured measure(const Experiment& experiment, const Compared& compared) {
    const BothArms arms = both_arms(experiment, compared);
    Measured measured;
    if (!arms.control || !arms.treatment) {
        return measured;
    }
    measured.contrast = stats::difference(*arms.control, *arms.treatment);
    measured.control = arms.control->value;
    measured.variance_left = arms.variance_left;
    const bool logarithms =
        experiment.row.metrics.at(compared.metric).name == TestMetric::duration_seconds;
    measured.log_ratio =
        logarithms ? measured.contrast : stats::log_ratio(*arms.control, *arms.treatment);
    return measured;
}

double effect_scale(const MetricPlan& plan) {
    const double effect = plan.minimum_effect.value_or(0);
    return plan.name == TestMetric::duration_seconds ? std::log1p(effect) : effect;
}

std::optional<std::int64_t> users_to_find(const MetricPlan& plan, const Measured& measured) {
    constexpr double kLargestShareDeviation = 0.5;
    stats::MeanPlan mean;
    mean.difference = effect_scale(plan);
    if (measured.contrast) {
        const auto& contrast = *measured.contrast;
        const double control = static_cast<double>(contrast.control_users);
        const double treatment = static_cast<double>(contrast.treatment_users);
        mean.deviation = std::sqrt(contrast.pooled_variance / (1 / control + 1 / treatment));
    } else if (plan.name == TestMetric::completion_rate) {
        mean.deviation = kLargestShareDeviation;
    }
    if (!(mean.deviation > 0) || !std::isfinite(mean.deviation)) {
        return std::nullopt;
    }
    return stats::users_when_watched(mean, {.alpha = kExperimentAlpha, .power = 0.8});
}

std::optional<Figure> arm_figure(const ArmSums& arm, TestMetric metric) {
    const auto summary = summary_of(arm, metric);
    if (!summary) {
        return std::nullopt;
    }
    stats::Contrast alone;
    alone.value = summary->value;
    alone.variance = summary->variance;
    alone.pooled_variance = summary->variance;
    alone.degrees_of_freedom = static_cast<double>(summary->users - 1);
    alone.control_users = summary->users;
    Figure figure = figure_of(stats::fixed_horizon(alone, kConfidence));
    if (metric == TestMetric::duration_seconds) {
        figure.value = std::exp(figure.value);
        figure.low = std::exp(figure.low);
        figure.high = std::exp(figure.high);
        figure.method = "geometric_mean_of_users_t_95";
        return figure;
    }
    const bool rate = metric == TestMetric::completion_rate;
    figure.low = std::max(figure.low, rate ? 0.0 : 1.0);
    figure.high = std::min(figure.high, rate ? 1.0 : 1.0 + kRatingWidth);
    figure.method = rate ? "cluster_robust_t_95" : "mean_of_users_t_95";
    return figure;
}

}  // namespace credence::skills
