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
#include "capabilities/trust/trust_parts.h"

namespace credence::trust {

enum class Tier : std::uint8_t { unknown, blocked, untrusted, monitored, active, trusted };

// One rule of [trust] policies, by the action it is for: "deploy", "patterns.publish".
struct GatePolicy {
    std::string action;
    std::optional<ClaimKind> kind;  // which trust counts; nothing: the caller names it
    double min_lower_bound = 0.75;
    double hysteresis = 0.05;  // an agent that passed keeps passing until it falls this far below
    double min_effective_n = 8;
    double max_inconclusive = 0.2;  // share of its latest 20 attempts
    bool allow_unknown = false;     // agents without any evidence pass
};
void describe(Describe<GatePolicy>&);

struct GateQuery {
    std::string agent_id;
    std::string action;
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
    // In the caller's transaction (read or write). Unknown actions are refused, unknown agents are
    // Code::not_found.
    virtual Result<GateDecision> check(store::Tx& tx, const Context& context,
                                       const GateQuery& query) = 0;
};

}  // namespace credence::trust
