// How often the rules for experiments cry wolf, and how often they find what is there, counted on
// made-up users: the library half of a bench, not for production. Deterministic in its seed.
//
// Rules, side by side on the same outcomes, "different" at the first look that says so:
//   rows_t_peeking       the old way: Student's pooled t-test on ROWS, p < .05, at each look from
//   100
//                        rows in each arm on
//   users_once           Welch by users with the delta method (contrast.h), one look at the end
//   users_always_valid   sequential.h at each look, effect_scale 0.05
//   users_betting        betting.h at each look, each user once, when his rows are complete (only
//                        where users come one after the other)
// Outcomes of one user share an intra-class correlation exactly: a row repeats the user's own coin
// with probability sqrt(icc), else it is a fresh coin of the same chance. A. D. Lunn, S. J. Davies,
// "A note on generating correlated binary variables", Biometrika 85 (1998).
//
// Pure but for time: about 6 ms a run of 20,000 rows and 1,000 looks. Scenarios are independent, so
// that threads may share them out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stats/estimate.h"

namespace credence::stats {

enum class Arrival : std::uint8_t {
    one_by_one,  // a user's rows are complete before the next user comes
    returning,   // everybody comes at once, then everybody again, …
    uneven,      // some users come far more often than others
};

struct ExperimentScenario {
    std::string_view name;
    double control = 0.8;  // success rate of a row
    double treatment = 0.8;
    double icc = 0;
    Arrival arrival = Arrival::one_by_one;
    double treatment_share = 0.5;  // of users
};

struct SimulationSize {
    std::int64_t runs = 2'000;
    std::int64_t looks = 1'000;       // at most `users * rows_per_user`
    std::int64_t users = 2'000;       // in both arms together
    std::int64_t rows_per_user = 10;  // on average
};

struct SimulationRow {
    std::string scenario;
    std::string rule;
    std::int64_t runs = 0;
    std::int64_t alarms = 0;  // runs that said "different" or "mismatch" at any look
    Estimate rate;            // clopper_pearson at 90 %: interval.high is the upper 95 % limit
    double median_users = 0;  // users seen at the alarm, of the runs with one; 0 without
};

// The scenarios of the table: no difference with icc 0 and 0.17 in each order of arrival, a rate
// near 1, a small arm, and a difference of 0.05 for the power.
std::vector<ExperimentScenario> experiment_scenarios();

// One row a rule. Sizes are positive (CHECK).
std::vector<SimulationRow> simulate_experiment(const ExperimentScenario& scenario,
                                               const SimulationSize& size, std::uint64_t seed);

struct SampleRatioSize {
    std::int64_t runs = 10'000;
    std::int64_t looks = 1'000;
    std::int64_t users = 50'000;
    double alpha = 0.001;
};

// Shares 1:1 meant, 1:`treatment_weight` given. Rules "chi_squared_once" (at the end),
// "chi_squared_peeking" (at each look from 100 users on), "sample_ratio_always_valid" (at each
// look).
std::vector<SimulationRow> simulate_sample_ratio(double treatment_weight,
                                                 const SampleRatioSize& size, std::uint64_t seed);

}  // namespace credence::stats
