#include "stats/experiment/sequential.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "stats/tails.h"

namespace credence::stats {
namespace {

constexpr double kLargestZ = 37;       // a normal tail of 1e-299, near the least a double can hold
constexpr double kLeastTail = 1e-300;  // further out, z stays where it is
constexpr int kMaxSteps = 100;

// The normal quantile with the same tail as t has in Student's distribution. Below t, as t's tails
// are the heavier ones.
double normal_equivalent(double t, double degrees_of_freedom) {
    const double tail = student_tail(std::fabs(t), degrees_of_freedom);
    return normal_tail_quantile(std::clamp(tail, kLeastTail, 0.5));
}

void check_plan(const SequentialPlan& plan) {
    CHECK(plan.effect_scale > 0 && std::isfinite(plan.effect_scale),
          "the scale of effects is positive");
    CHECK(plan.confidence > 0 && plan.confidence < 1, "a confidence lies between 0 and 1");
    CHECK(plan.min_users >= 2, "an arm needs two users");
}

}  // namespace

double sequential_z(double r, double confidence) {
    CHECK(r > 0, "a ratio of variances is positive");
    const double alpha = 1 - confidence;
    return std::sqrt((1 + 1 / r) * (-2 * std::log(alpha) + std::log1p(r)));
}

std::optional<Look> look(const Contrast& contrast, const SequentialPlan& plan) {
    check_plan(plan);
    CHECK(contrast.variance > 0, "a contrast's variance is positive");
    if (std::min(contrast.control_users, contrast.treatment_users) < plan.min_users) {
        return std::nullopt;
    }
    const double variance = std::max(contrast.variance, contrast.pooled_variance);
    const double r = plan.effect_scale * plan.effect_scale / variance;
    const double widest_z = r > 0 ? sequential_z(r, plan.confidence) : kLargestZ;
    if (widest_z >= kLargestZ) {
        return std::nullopt;
    }
    const double error = std::sqrt(variance);
    const double z = normal_equivalent(contrast.value / error, contrast.degrees_of_freedom);
    const double margin =
        error * student_tail_quantile(normal_tail(widest_z), contrast.degrees_of_freedom);
    Look result;
    result.log_e = z * z / 2 * r / (1 + r) - std::log1p(r) / 2;
    result.different = std::fabs(contrast.value) > margin;
    result.estimate = {contrast.value,
                       contrast.control_users + contrast.treatment_users,
                       {contrast.value - margin, contrast.value + margin},
                       plan.confidence == 0.95 ? "always_valid_95" : "always_valid"};
    return result;
}

double sharpest_effect_scale(double variance, double confidence) {
    CHECK(variance > 0, "a variance is positive");
    CHECK(confidence > 0 && confidence < 1, "a confidence lies between 0 and 1");
    const double constant = -2 * std::log(1 - confidence);
    double r = 1 + constant;
    for (int step = 0; step < kMaxSteps; ++step) {
        const double next = constant + std::log1p(r);
        if (std::fabs(next - r) < 1e-13 * next) {
            break;
        }
        r = next;
    }
    return std::sqrt(r * variance);
}

void Evidence::add(const Look& look) {
    best_log_e = std::max(best_log_e, look.log_e);
    ++looks;
}

double Evidence::p() const {
    return std::exp(-best_log_e);
}

}  // namespace credence::stats
