// How far apart two arms of an experiment are on a metric, from their sums. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "capabilities/skills/experiments/experiment_verdict.h"
#include "stats/experiment/contrast.h"

namespace credence::skills {

// What is compared: one metric, a treatment (1 and up) with the control.
struct Compared {
    std::size_t metric = 0;
    std::size_t arm = 1;
};

// Without contrast: an arm has fewer than two users, or nothing varies.
struct Measured {
    std::optional<stats::Contrast> contrast;   // difference; of logarithms for durations
    std::optional<stats::Contrast> log_ratio;  // the same for durations
    std::optional<double> control;             // the control's value
    std::optional<double> variance_left;       // by CUPED
};

Measured measure(const Experiment& experiment, const Compared& compared);

// The least effect of interest in the unit of Measured::contrast.
double effect_scale(const MetricPlan& plan);

// Users in each arm to find the least effect of interest while watching, given how much users vary;
// for completion before any outcome, how much they can vary at most.
std::optional<std::int64_t> users_to_find(const MetricPlan& plan, const Measured& measured);

// Mean (completion: of all outcomes; duration: geometric) with its interval for one look.
std::optional<Figure> arm_figure(const ArmSums& arm, TestMetric metric);

}  // namespace credence::skills
