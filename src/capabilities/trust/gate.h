// Trust that decides: may this agent do this? Other modules ask Gate::check inside their own
// operations; callers ask through trust.gate.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "capabilities/trust/claims/claim.h"
#include "capabilities/trust/score/policy.h"
#include "capabilities/trust/trust_parts.h"
#include "capabilities/trust/trust_settings.h"

namespace credence::trust {

struct GateQuery {
    std::string agent_id;
    std::string action;
    // Must be the policy's own, unless the policy leaves the choice. Neither: every kind of claim
    // that the agent has evidence of must pass, and the worst is told.
    std::optional<ClaimKind> kind;
};
void describe(Describe<GateQuery>&);

struct GateDecision {
    bool allowed = false;
    std::string reason;        // one sentence with the numbers
    std::string would_change;  // what would turn the decision, when it is no
    std::string action;
    ClaimKind kind = ClaimKind::custom;
    Tier tier = Tier::unknown;
    double trust_score = 0.5;
    double lower_bound = 0;
    double effective_n = 0;
    double threshold = 0;
    double inconclusive_share = 0;
    bool alarmed = false;
};
void describe(Describe<GateDecision>&);

// Thread-safe. Provided to other modules: host.find<trust::Gate>().
class Gate {
public:
    virtual ~Gate() = default;
    // In the caller's transaction (read or write). Unknown actions are Code::invalid, unknown
    // agents Code::not_found; a retired agent passes nothing.
    virtual Result<GateDecision> check(store::Tx& tx, const Context& context,
                                       const GateQuery& query) = 0;
};

// deploy, merge, publish_pattern, unattended.
const std::vector<GatePolicy>& shipped_policies();
// The shipped policies, with those of the settings added or put in their place. Code::invalid
// ("trust.policies[1].action") for two of one action; limits are those of the description.
Result<std::vector<GatePolicy>> policies_of(const TrustSettings& settings);

std::unique_ptr<Gate> make_gate(const TrustParts& parts, std::vector<GatePolicy> policies);

}  // namespace credence::trust
