// The user's word before a destructive operation (setting mcp.confirm), asked for by elicitation.
// Stateless: the question's state is a digest of what was asked about. Thread-safe.
#pragma once

#include <string_view>

#include "api/operation.h"
#include "surface/mcp/protocol/request.h"

namespace credence::surface::mcp {

enum class Consent : std::uint8_t {
    given,
    settled,  // the request was answered or the user is being asked: nothing more to do
};

// The key of the question among a request's inputs.
inline constexpr std::string_view kConsentInput = "confirm";

// First turn: asks. Next turn: whether the user agreed to this very call. Declined, dismissed,
// about another call, or a client that cannot ask: a result with isError.
Consent ask_consent(const Operation& operation, std::string_view arguments,
                    const RequestPtr& request);

}  // namespace credence::surface::mcp
