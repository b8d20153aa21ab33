// Simulated agents of known honesty, judged by our rule and by the seed's, an exponentially
// weighted mean (rate 0.1, start 0.5) against a line. Seeded: the same numbers every time.
#pragma once

#include <cstdint>

#include "capabilities/trust/score/policy.h"
#include "capabilities/trust/score/score.h"

namespace credence::trust {

enum class Rule : std::uint8_t { ours, ewma_70, ewma_75 };

struct Simulation {
    Rule rule = Rule::ours;
    double share = 0.5;  // of claims that hold
    int runs = 1000;
    int claims = 1000;
    std::uint64_t seed = 1;
    double strength = 1;
    Parameters parameters;
};

struct SteadyResult {
    double mis_gated = 0;       // share of claims decided wrongly: passed below 0.75 or
                                // refused above, from the first claim on
    double mis_gated_late = 0;  // the same in the second half
    double flips_per_100 = 0;   // changes of the decision
    double ever_passed = 0;     // share of runs that passed at least once
    double claims_to_pass = 0;  // median claims until the first pass; -1: most never
};
SteadyResult simulate_steady(const Simulation& simulation);

struct ChangeResult {
    double delay = 0;  // median claims from the change to the first refusal
    double delay_p90 = 0;
    double missed = 0;   // share of runs not refused within `claims`
    double passing = 0;  // share of runs that passed when the change came
};
// An agent of `share` for `before` claims, then of `later`.
ChangeResult simulate_change(const Simulation& simulation, int before, double later);

// Mean claims between false alarms of a steady agent (runs * claims over alarms); ours only.
double simulate_false_alarms(const Simulation& simulation);
// The same for the rule's decision: refusals of an agent that had passed.
double simulate_false_refusals(const Simulation& simulation);

}  // namespace credence::trust
