// How many users an experiment needs, and what difference a number of users can show. Two arms of
// equal size, two-sided tests. Pure, thread-safe.
//
//   design effect   1 + (m - 1) ICC: by how much m rows of one user, alike by the intra-class
//                   correlation ICC, inflate the variance of a mean over rows. L. Kish, "Survey
//                   Sampling" (1965), 5.4. An arm of n users has n m rows that are worth
//                   n m / (design effect) independent ones.
//   proportions     rows = (z_a sqrt(2 p (1-p)) + z_b sqrt(p1 (1-p1) + p2 (1-p2)))^2 / (p2 - p1)^2,
//                   p the mean of p1 and p2. J. L. Fleiss, "Statistical Methods for Rates and
//                   Proportions" (2nd ed. 1981), 3.2, without continuity correction.
//   means           the power of the t-test by the noncentral t distribution with 2 n - 2 degrees
//                   for n USERS an arm. J. Cohen, "Statistical Power Analysis" (2nd ed. 1988), 2.
//   watched         the power to be "different" at the end AT LATEST under sequential.h; what is
//                   found earlier comes on top, so the number is on the safe side.
#pragma once

#include <cstdint>
#include <optional>

namespace credence::stats {

struct ErrorRates {
    double alpha = 0.05;  // 0 < alpha < 1
    double power = 0.8;   // alpha < power < 1
};

// A user's rows. rows_per_user >= 1, 0 <= icc <= 1 (CHECK).
struct Clusters {
    double rows_per_user = 1;
    double icc = 0;
};

double design_effect(const Clusters& clusters);

// Shares inside (0, 1) (CHECK).
struct ProportionPlan {
    double control = 0;
    double treatment = 0;
    Clusters clusters;
};

// deviation > 0: of single rows, users' differences included.
struct MeanPlan {
    double difference = 0;
    double deviation = 0;
    Clusters clusters;
};

// No plan needs more than this many users an arm: beyond it (a difference of 0, say) nullopt.
inline constexpr std::int64_t kMaxUsers = 1'000'000'000'000;

// Users in EACH arm, rounded up.
std::optional<std::int64_t> users_for_proportions(const ProportionPlan& plan,
                                                  const ErrorRates& rates);
std::optional<std::int64_t> users_for_means(const MeanPlan& plan, const ErrorRates& rates);

// Users in each arm for an experiment that is watched, with effect_scale = the difference itself.
// For a proportion: difference and deviation sqrt(p (1 - p)).
std::optional<std::int64_t> users_when_watched(const MeanPlan& plan, const ErrorRates& rates);

// The chance to find the plan's difference with so many users in each arm (>= 2, CHECK).
double power_for_proportions(const ProportionPlan& plan, std::int64_t users, double alpha);
double power_for_means(const MeanPlan& plan, std::int64_t users, double alpha);

// The least difference that so many users in each arm show with this power, read once at the end;
// plan.difference is not looked at. users >= 2 (CHECK).
double detectable_difference(const MeanPlan& plan, std::int64_t users, const ErrorRates& rates);

}  // namespace credence::stats
