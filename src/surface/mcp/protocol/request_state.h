// requestState of multi-round-trip requests (MCP 2026-07-28, basic/patterns/mrtr): state that goes
// through the client and comes back. Sealed with XChaCha20-Poly1305 (libsodium) under a key made at
// start, so that it can be neither read nor changed; bound to tenant, actor, method and a digest of
// the request's salient parameters; expires.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "surface/mcp/protocol/caller.h"
#include "surface/mcp/protocol/json_rpc.h"

namespace credence::surface::mcp {

// Immutable and thread-safe.
class StateSeal {
public:
    static constexpr std::int64_t kLifeUs = std::int64_t{10} * 60 * 1'000'000;
    static constexpr std::size_t kMaxStateBytes = std::size_t{64} << 10;
    using Key = std::array<unsigned char, 32>;

    explicit StateSeal(const Key& key) : key_(key) {}

    std::string seal(const Caller& caller, const RpcMessage& request, std::string_view state,
                     std::int64_t now_us) const;
    // Nothing when it was changed, is another caller's or request's, or has expired.
    std::optional<std::string> open(const Caller& caller, const RpcMessage& request,
                                    std::string_view sealed, std::int64_t now_us) const;

private:
    Key key_;
};

}  // namespace credence::surface::mcp
