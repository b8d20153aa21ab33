// Prints how our rule and the seed's judge agents of known honesty: `trust_simulation [runs]`.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "capabilities/trust/score/simulate.h"

namespace credence::trust {
namespace {

constexpr std::array kRules = {Rule::ours, Rule::ewma_70, Rule::ewma_75};
constexpr std::array kNames = {"ours, gate 0.75", "EWMA 0.1, line 0.70", "EWMA 0.1, line 0.75"};

Simulation simulation_of(std::size_t rule, double share, int runs, int claims) {
    Simulation simulation;
    simulation.rule = kRules.at(rule);
    simulation.share = share;
    simulation.runs = runs;
    simulation.claims = claims;
    return simulation;
}

void print_steady(int runs) {
    std::puts("rule                 p     wrong  wrong late  flips/100  ever passed  first pass");
    for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
        double wrong = 0;
        double flips = 0;
        constexpr std::array kShares = {0.6, 0.7, 0.8, 0.9};
        for (const double share : kShares) {
            const SteadyResult result = simulate_steady(simulation_of(rule, share, runs, 1000));
            std::printf("%-20s %.2f  %.4f  %.4f      %7.3f    %.4f       %g\n", kNames.at(rule),
                        share, result.mis_gated, result.mis_gated_late, result.flips_per_100,
                        result.ever_passed, result.claims_to_pass);
            wrong += result.mis_gated / kShares.size();
            flips += result.flips_per_100 / kShares.size();
        }
        std::printf("%-20s mean  %.4f              %7.3f\n", kNames.at(rule), wrong, flips);
    }
}

void print_change(int runs) {
    std::puts("\nturncoat .95 -> .5   after  median  p90  missed  passing before");
    for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
        for (const int before : {50, 100, 300}) {
            const ChangeResult result =
                simulate_change(simulation_of(rule, 0.95, 10 * runs, 300), before, 0.5);
            std::printf("%-20s %5d  %6g  %3g  %.4f  %.4f\n", kNames.at(rule), before, result.delay,
                        result.delay_p90, result.missed, result.passing);
        }
    }
}

void print_false_alarms(int runs) {
    std::puts("\nsteady p   claims between alarms (ours)  between refusals: ours  .70   .75");
    for (const double share : {0.6, 0.7, 0.8, 0.9, 0.95, 0.99}) {
        const double alarms = simulate_false_alarms(simulation_of(0, share, runs, 2000));
        std::printf("%.2f       %-29.0f", share, alarms);
        for (std::size_t rule = 0; rule < kRules.size(); ++rule) {
            std::printf(" %9.0f", simulate_false_refusals(simulation_of(rule, share, runs, 2000)));
        }
        std::puts("");
    }
}

void print_convergence() {
    ScoreState state;
    std::puts("\nconfirmed claims of full weight in a row: mean, lower bound, EWMA");
    for (std::int64_t i = 1; i <= 16; ++i) {
        Observation observation;
        observation.outcome = Outcome::confirmed;
        observation.strength = 1;
        observation.novelty = 1;
        observation.at_us = i;
        state = fold(state, observation);
        std::printf("%2d  %.4f  %.4f  %.4f\n", static_cast<int>(i), mean(state), lower_bound(state),
                    state.ewma);
    }
}

void print_all(int runs) {
    constexpr int kGateRuns = 10'000;
    print_convergence();
    std::puts("");
    print_steady(runs);
    print_change(runs);
    print_false_alarms(runs);
    const SteadyResult bad = simulate_steady(simulation_of(0, 0.6, kGateRuns, 200));
    const SteadyResult good = simulate_steady(simulation_of(0, 0.95, kGateRuns, 200));
    std::printf(
        "\n10,000 runs of 200 claims: p=.6 ever passes a .75 gate in %.4f; p=.95 in %.4f, "
        "first after %g claims (median)\n",
        bad.ever_passed, good.ever_passed, good.claims_to_pass);
}

}  // namespace
}  // namespace credence::trust

int main(int argc, char** argv) {
    constexpr int kRuns = 200;
    constexpr int kMaxRuns = 100'000;
    const int asked = argc > 1 ? std::atoi(argv[1]) : kRuns;
    credence::trust::print_all(asked > 0 && asked <= kMaxRuns ? asked : kRuns);
    return 0;
}
