// How another module hears of a verification inside the transaction that records it, so that both
// commit or neither does. Registered at install() time:
//
//   host.find<trust::Listeners>().add(patterns);       // CMake: DEPENDS trust
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "base/result.h"
#include "capabilities/trust/claims/claim.h"
#include "capabilities/trust/trust_parts.h"

namespace credence::trust {

struct VerifiedClaim {
    VerificationId verification_id;
    std::string agent_id;
    ClaimKind kind = ClaimKind::custom;
    Outcome outcome = Outcome::error;
    bool counted = false;  // it moved the agent's score: neither a repetition nor deferred
    std::optional<std::string> pattern_id;  // that the claim names
    std::int64_t duration_us = 0;           // of the recipe's run
    std::int64_t at_us = 0;
};

class VerificationListener {
public:
    virtual ~VerificationListener() = default;
    // Before anything runs: may this agent link this pattern? An error refuses the verification.
    virtual Result<void> check_link(const Context& context, const std::string& agent_id,
                                    const std::string& pattern_id) = 0;
    // An error rolls the verification back. Database work only.
    virtual Result<void> verified(store::Tx& tx, const Context& context,
                                  const VerifiedClaim& claim) = 0;
};

// Filled while modules install, read afterwards.
class Listeners {
public:
    void add(VerificationListener& listener) { all_.push_back(&listener); }
    const std::vector<VerificationListener*>& all() const { return all_; }

private:
    std::vector<VerificationListener*> all_;
};

}  // namespace credence::trust
