#include "stats/experiment/power.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "stats/experiment/sequential.h"
#include "stats/tails.h"

namespace credence::stats {
namespace {

constexpr int kMaxSearchSteps = 200;
// From here on Student's distribution and the normal one agree to nine digits.
constexpr double kLargeSample = 1e7;

void check_rates(const ErrorRates& rates) {
    CHECK(rates.alpha > 0 && rates.power > rates.alpha && rates.power < 1, "0 < alpha < power < 1");
}

void check_plan(const ProportionPlan& plan) {
    CHECK(plan.control > 0 && plan.control < 1 && plan.treatment > 0 && plan.treatment < 1,
          "a planned share lies between 0 and 1");
}

void check_plan(const MeanPlan& plan) {
    CHECK(plan.deviation > 0 && std::isfinite(plan.deviation), "a deviation is positive");
    CHECK(std::isfinite(plan.difference), "a difference is finite");
}

// Standard deviation of a user's mean over his rows.
double user_deviation(const MeanPlan& plan) {
    return plan.deviation * std::sqrt(design_effect(plan.clusters) / plan.clusters.rows_per_user);
}

double power_of_difference(double difference_in_deviations, double users, double alpha) {
    const double noncentrality = std::fabs(difference_in_deviations) * std::sqrt(users / 2);
    if (users > kLargeSample) {
        const double z = normal_tail_quantile(alpha / 2);
        return normal_tail(z - noncentrality) + normal_tail(z + noncentrality);
    }
    const double degrees = 2 * users - 2;
    const double t = student_tail_quantile(alpha / 2, degrees);
    return noncentral_student_tail(t, degrees, noncentrality) +
           noncentral_student_tail(t, degrees, -noncentrality);
}

// The least n in [2, kMaxUsers] where grows(n) reaches the power; grows must not fall.
template <typename Power>
std::optional<std::int64_t> least_users(const Power& grows, double power) {
    if (grows(kMaxUsers) < power) {
        return std::nullopt;
    }
    std::int64_t too_few = 1;
    std::int64_t enough = 2;
    while (enough < kMaxUsers && grows(enough) < power) {
        too_few = enough;
        enough = std::min(kMaxUsers, enough * 2);
    }
    while (enough - too_few > 1) {
        const std::int64_t middle = too_few + (enough - too_few) / 2;
        (grows(middle) < power ? too_few : enough) = middle;
    }
    return enough;
}

}  // namespace

double design_effect(const Clusters& clusters) {
    CHECK(clusters.rows_per_user >= 1, "a user has at least one row");
    CHECK(clusters.icc >= 0 && clusters.icc <= 1, "a correlation of rows lies in [0, 1]");
    return 1 + (clusters.rows_per_user - 1) * clusters.icc;
}

double power_for_proportions(const ProportionPlan& plan, std::int64_t users, double alpha) {
    check_plan(plan);
    CHECK(users >= 2, "an arm needs two users");
    const double rows =
        static_cast<double>(users) * plan.clusters.rows_per_user / design_effect(plan.clusters);
    const double mean = (plan.control + plan.treatment) / 2;
    const double pooled = std::sqrt(2 * mean * (1 - mean));
    const double apart =
        std::sqrt(plan.control * (1 - plan.control) + plan.treatment * (1 - plan.treatment));
    const double difference = std::fabs(plan.treatment - plan.control);
    const double z = normal_tail_quantile(alpha / 2);
    return normal_tail((z * pooled - difference * std::sqrt(rows)) / apart);
}

std::optional<std::int64_t> users_for_proportions(const ProportionPlan& plan,
                                                  const ErrorRates& rates) {
    check_rates(rates);
    return least_users(
        [&](std::int64_t users) { return power_for_proportions(plan, users, rates.alpha); },
        rates.power);
}

double power_for_means(const MeanPlan& plan, std::int64_t users, double alpha) {
    check_plan(plan);
    CHECK(users >= 2, "an arm needs two users");
    return power_of_difference(plan.difference / user_deviation(plan), static_cast<double>(users),
                               alpha);
}

std::optional<std::int64_t> users_for_means(const MeanPlan& plan, const ErrorRates& rates) {
    check_rates(rates);
    return least_users(
        [&](std::int64_t users) { return power_for_means(plan, users, rates.alpha); }, rates.power);
}

std::optional<std::int64_t> users_when_watched(const MeanPlan& plan, const ErrorRates& rates) {
    check_plan(plan);
    check_rates(rates);
    const double effect = std::fabs(plan.difference) / user_deviation(plan);
    if (effect == 0) {
        return std::nullopt;
    }
    return least_users(
        [&](std::int64_t users) {
            const double r = effect * effect * static_cast<double>(users) / 2;
            return normal_tail(sequential_z(r, 1 - rates.alpha) - std::sqrt(r));
        },
        rates.power);
}

double detectable_difference(const MeanPlan& plan, std::int64_t users, const ErrorRates& rates) {
    check_plan(plan);
    check_rates(rates);
    CHECK(users >= 2, "an arm needs two users");
    const double n = static_cast<double>(users);
    double low = 0;
    double high = 1;
    for (int step = 0;
         step < kMaxSearchSteps && power_of_difference(high, n, rates.alpha) < rates.power;
         ++step) {
        high *= 2;
    }
    for (int step = 0; step < kMaxSearchSteps && high - low > 1e-14 * high; ++step) {
        const double middle = (low + high) / 2;
        (power_of_difference(middle, n, rates.alpha) < rates.power ? low : high) = middle;
    }
    return high * user_deviation(plan);
}

}  // namespace credence::stats
