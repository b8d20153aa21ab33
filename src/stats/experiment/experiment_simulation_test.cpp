#include "stats/experiment/experiment_simulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace credence::stats {
namespace {

const SimulationRow& row_of(const std::vector<SimulationRow>& table, std::string_view rule) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const SimulationRow& row) { return row.rule == rule; });
    EXPECT_NE(found, table.end()) << rule;
    return *found;
}

TEST(ExperimentSimulationTest, OldRuleCriesWolfAndOursDoesNot) {
    const SimulationSize small{.runs = 40, .looks = 40, .users = 400, .rows_per_user = 5};
    const auto scenarios = experiment_scenarios();
    const auto null_table = simulate_experiment(scenarios.at(1), small, 3);
    EXPECT_EQ(null_table.size(), 4U);
    EXPECT_GE(row_of(null_table, "rows_t_peeking").alarms, 12);
    EXPECT_LE(row_of(null_table, "users_always_valid").alarms, 4);
    EXPECT_LE(row_of(null_table, "users_betting").alarms, 4);
    for (const SimulationRow& row : null_table) {
        EXPECT_EQ(row.runs, 40);
        EXPECT_EQ(row.rate.method, "clopper_pearson");
        EXPECT_DOUBLE_EQ(row.rate.value, static_cast<double>(row.alarms) / 40);
    }
    // The same seed gives the same table.
    EXPECT_EQ(row_of(simulate_experiment(scenarios.at(1), small, 3), "rows_t_peeking").alarms,
              row_of(null_table, "rows_t_peeking").alarms);
}

TEST(ExperimentSimulationTest, EveryScenarioPlays) {
    const SimulationSize tiny{.runs = 2, .looks = 10, .users = 60, .rows_per_user = 3};
    for (const ExperimentScenario& scenario : experiment_scenarios()) {
        const auto table = simulate_experiment(scenario, tiny, 1);
        EXPECT_EQ(table.size(), scenario.arrival == Arrival::one_by_one ? 4U : 3U);
        EXPECT_EQ(table.front().scenario, scenario.name);
    }
}

TEST(ExperimentSimulationTest, ADifferenceIsFound) {
    const ExperimentScenario apart{.name = "large", .control = 0.5, .treatment = 0.7};
    const auto table =
        simulate_experiment(apart, {.runs = 10, .looks = 20, .users = 600, .rows_per_user = 4}, 5);
    EXPECT_EQ(row_of(table, "users_always_valid").alarms, 10);
    EXPECT_GT(row_of(table, "users_always_valid").median_users, 59);
    EXPECT_LT(row_of(table, "users_always_valid").median_users, 600);
    EXPECT_EQ(row_of(table, "users_once").median_users, 600);
}

TEST(ExperimentSimulationTest, SampleRatios) {
    const SampleRatioSize small{.runs = 20, .looks = 20, .users = 4'000};
    EXPECT_EQ(row_of(simulate_sample_ratio(1, small, 1), "sample_ratio_always_valid").alarms, 0);
    const auto gross = simulate_sample_ratio(1.5, small, 1);
    EXPECT_EQ(row_of(gross, "sample_ratio_always_valid").alarms, 20);
    EXPECT_EQ(row_of(gross, "chi_squared_once").alarms, 20);
    EXPECT_LT(row_of(gross, "sample_ratio_always_valid").median_users, 2'000);
}

}  // namespace
}  // namespace credence::stats
