#include "stats/experiment/contrast.h"

#include <cmath>

#include "base/check.h"
#include "stats/tails.h"

namespace credence::stats {
namespace {

// A variance that rounding alone could have made is none.

std::optional<ArmSummary> summary(double value, double squares, double divisor,
                                  std::int64_t users) {
    const double n = static_cast<double>(users);
    const double variance = squares / (n - 1) / n / divisor;
    if (!(variance > kRounding * kRounding * value * value) || !std::isfinite(variance)) {
        return std::nullopt;
    }
    return ArmSummary{value, variance, users};
}

}  // namespace

std::optional<ArmSummary> arm_mean(const Moments& arm, Width width) {
    CHECK(width >= 0, "a width is not negative");
    if (arm.users < 2) {
        return std::nullopt;
    }
    return summary(arm.mean, arm.squares + width * width / 2, 1, arm.users);
}

std::optional<ArmSummary> arm_ratio(const PairMoments& arm, Width width) {
    CHECK(width >= 0, "a width is not negative");
    if (arm.users < 2 || arm.mean_x <= 0) {
        return std::nullopt;
    }
    const double ratio = arm.mean_y / arm.mean_x;
    const double scale = arm.yy + ratio * ratio * arm.xx;
    double squares = arm.yy - 2 * ratio * arm.xy + ratio * ratio * arm.xx;
    if (squares < kRounding * scale) {
        squares = 0;
    }
    squares += width * width * arm.mean_x * arm.mean_x / 2;
    return summary(ratio, squares, arm.mean_x * arm.mean_x, arm.users);
}

Contrast difference(const ArmSummary& control, const ArmSummary& treatment) {
    CHECK(control.users >= 2 && treatment.users >= 2, "an arm needs two users");
    CHECK(control.variance > 0 && treatment.variance > 0, "an arm's variance is positive");
    Contrast result;
    result.value = treatment.value - control.value;
    result.variance = treatment.variance + control.variance;
    const double n1 = static_cast<double>(control.users);
    const double n2 = static_cast<double>(treatment.users);
    const double of_a_user =
        ((n1 - 1) * n1 * control.variance + (n2 - 1) * n2 * treatment.variance) / (n1 + n2 - 2);
    result.pooled_variance = of_a_user * (1 / n1 + 1 / n2);
    const double share = control.variance / result.variance;
    result.degrees_of_freedom =
        1 / (share * share / (n1 - 1) + (1 - share) * (1 - share) / (n2 - 1));
    result.control_users = control.users;
    result.treatment_users = treatment.users;
    return result;
}

std::optional<Contrast> log_ratio(const ArmSummary& control, const ArmSummary& treatment) {
    if (control.value <= 0 || treatment.value <= 0) {
        return std::nullopt;
    }
    const auto in_logs = [](const ArmSummary& arm) {
        return ArmSummary{std::log(arm.value), arm.variance / arm.value / arm.value, arm.users};
    };
    return difference(in_logs(control), in_logs(treatment));
}

Estimate as_lift(const Estimate& log_ratio) {
    Estimate lift = log_ratio;
    lift.value = std::expm1(log_ratio.value);
    lift.interval = {std::expm1(log_ratio.interval.low), std::expm1(log_ratio.interval.high)};
    return lift;
}

Estimate fixed_horizon(const Contrast& contrast, double confidence) {
    CHECK(confidence > 0 && confidence < 1, "a confidence lies between 0 and 1");
    CHECK(contrast.variance > 0, "a contrast's variance is positive");
    const double margin = student_tail_quantile((1 - confidence) / 2, contrast.degrees_of_freedom) *
                          std::sqrt(contrast.variance);
    return {contrast.value,
            contrast.control_users + contrast.treatment_users,
            {contrast.value - margin, contrast.value + margin},
            confidence == 0.95 ? "welch_95" : "welch"};
}

double fixed_horizon_p(const Contrast& contrast) {
    CHECK(contrast.variance > 0, "a contrast's variance is positive");
    const double t = std::fabs(contrast.value) / std::sqrt(contrast.variance);
    return 2 * student_tail(t, contrast.degrees_of_freedom);
}

}  // namespace credence::stats
