// How far a caller's right to manage access goes. Read in the transaction that uses it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/context.h"
#include "engine/store/database.h"

namespace credence::access {

struct Reach {
    std::string tenant;                         // that the call is about
    std::string actor;                          // who is named in events
    bool is_operator = false;                   // scope "*", tenant "default", not bound
    std::optional<std::string> bound_to;        // the caller's key works in this namespace only
    std::optional<std::int64_t> expires_at_us;  // when the caller's key ends
    bool by_token = false;  // came with an access token, which ends soon: makes no keys
};

// `asked` is the tenant named in the request; only an operator may name another than his own.
// Code::forbidden, or not_found for an unknown tenant.
Result<Reach> reach_of(store::Tx& tx, const Context& context,
                       const std::optional<std::string>& asked = std::nullopt);

// Code::forbidden when the caller's key is bound to a namespace.
Result<void> check_unbound(const Reach& reach);

}  // namespace credence::access
