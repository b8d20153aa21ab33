// The rule of a gate: pure.
#pragma once

#include <string>

#include "capabilities/trust/score/policy.h"
#include "capabilities/trust/score/score.h"

namespace credence::trust {

struct Verdict {
    bool allowed = false;
    std::string reason;        // one sentence with the numbers
    std::string would_change;  // what would turn a no into a yes
    double threshold = 0;      // that the lower bound had to reach; lower for one that had passed
};

// `state` is aged to the moment of asking. In this order: an alarm refuses; no evidence refuses
// unless the policy allows it; then enough evidence, few inconclusive attempts, and the lower
// bound. Hysteresis: an agent whose bound once reached the threshold, and has since stayed above
// threshold
// - hysteresis, still passes. The state remembers that (ScoreState::held) for any threshold and a
// hysteresis of Parameters::hold_width; a smaller one only refuses more.
Verdict decide(const ScoreState& state, const GatePolicy& policy,
               const Parameters& parameters = kParameters);

// How many confirmed claims of full weight in a row would make it pass, and the lower bound then;
// claims 0 when more than kMaxForecast.
struct Forecast {
    int claims = 0;
    double lower_bound = 0;
};
inline constexpr int kMaxForecast = 1000;
Forecast forecast(ScoreState state, const GatePolicy& policy,
                  const Parameters& parameters = kParameters);

}  // namespace credence::trust
