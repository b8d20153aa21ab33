// What an action asks of the trust in an agent. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/shape.h"
#include "capabilities/trust/claims/claim.h"

namespace credence::trust {

// Where an agent stands, by its held lower bound (score.h): blocked below 0.25, untrusted below
// 0.5, monitored below 0.75, active below 0.9, trusted from there. Unknown below kTierMinimumN.
// An alarm caps it at monitored.
enum class Tier : std::uint8_t { unknown, blocked, untrusted, monitored, active, trusted };

// One rule of [trust] policies, by the action it is for: "deploy", "publish_pattern".
struct GatePolicy {
    std::string action;
    std::optional<ClaimKind> kind;   // which trust counts; nothing: the caller's, or all of it
    bool kind_may_be_asked = false;  // the caller may name another than `kind`
    double min_lower_bound = 0.75;
    double hysteresis = 0.05;  // an agent that passed keeps passing until it falls this far below
    double min_effective_n = 12;
    double max_inconclusive = 0.2;  // share of its latest 20 attempts
    bool allow_unknown = false;     // agents without any evidence pass
};
void describe(Describe<GatePolicy>&);

}  // namespace credence::trust
