// A short run of what trust_simulation prints in full.
#include "capabilities/trust/score/simulate.h"

#include <gtest/gtest.h>

namespace credence::trust {
namespace {

Simulation of(Rule rule, double share, int runs, int claims) {
    Simulation simulation;
    simulation.rule = rule;
    simulation.share = share;
    simulation.runs = runs;
    simulation.claims = claims;
    return simulation;
}

TEST(Simulation, ABadAgentHardlyEverPasses) {
    EXPECT_LT(simulate_steady(of(Rule::ours, 0.6, 150, 200)).ever_passed, 0.03);
    EXPECT_GT(simulate_steady(of(Rule::ewma_75, 0.6, 150, 200)).ever_passed, 0.95);
}

TEST(Simulation, AnHonestAgentPassesSoon) {
    const SteadyResult honest = simulate_steady(of(Rule::ours, 0.95, 60, 60));
    EXPECT_GT(honest.ever_passed, 0.98);
    EXPECT_LE(honest.claims_to_pass, 20);
}

TEST(Simulation, GatesRightMoreOftenAndFlipsLessThanTheSeed) {
    double wrong_ours = 0;
    double wrong_seed = 0;
    for (const double share : {0.6, 0.7, 0.8, 0.9}) {
        const SteadyResult ours = simulate_steady(of(Rule::ours, share, 8, 400));
        const SteadyResult seed = simulate_steady(of(Rule::ewma_75, share, 8, 400));
        wrong_ours += ours.mis_gated;
        wrong_seed += seed.mis_gated;
        EXPECT_LT(ours.flips_per_100, seed.flips_per_100 / 4) << share;
    }
    EXPECT_LT(wrong_ours, wrong_seed);
}

TEST(Simulation, ATurncoatIsFlaggedWithinTwelveClaims) {
    const ChangeResult ours = simulate_change(of(Rule::ours, 0.95, 40, 100), 200, 0.5);
    EXPECT_LE(ours.delay, 12);
    EXPECT_EQ(ours.missed, 0);
    EXPECT_GT(ours.passing, 0.9);
    const ChangeResult seed = simulate_change(of(Rule::ewma_70, 0.95, 40, 100), 200, 0.5);
    EXPECT_LE(ours.delay, seed.delay);
    EXPECT_GT(simulate_false_alarms(of(Rule::ours, 0.95, 10, 1500)), 1000);
    EXPECT_GT(simulate_false_refusals(of(Rule::ours, 0.8, 5, 600)),
              simulate_false_refusals(of(Rule::ewma_75, 0.8, 5, 600)));
}

}  // namespace
}  // namespace credence::trust
