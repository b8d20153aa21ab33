// JSON-RPC 2.0 as MCP narrows it: one object a message, no batches, params by name, ids are strings
// or integers. Text in, text out; no state. All functions are thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/result.h"
#include "surface/mcp/protocol/members.h"

namespace credence::surface::mcp {

// Of one message, framing excluded.
inline constexpr std::size_t kMaxMessageBytes = std::size_t{8} << 20;

enum class RpcCode : std::int32_t {
    parse_error = -32700,
    invalid_request = -32600,
    method_not_found = -32601,
    invalid_params = -32602,
    internal_error = -32603,
    resource_not_found = -32002,   // MCP before 2026-07-28; then invalid_params
    header_mismatch = -32020,      // 2026-07-28
    missing_capability = -32021,   // 2026-07-28; data.requiredCapabilities
    unsupported_version = -32022,  // 2026-07-28; data.supported, data.requested
};

struct RpcError {
    RpcCode code = RpcCode::internal_error;
    std::string message;
    std::string data = {};  // JSON, or empty for none
};

// What a method comes to: the result's JSON object, or an error.
using Outcome = std::expected<std::string, RpcError>;

struct RpcMessage {
    enum class Kind : std::uint8_t { request, notification, response };
    Kind kind = Kind::request;
    std::string id = "null";  // JSON text; "null" for notifications
    std::string method = {};
    Members params = {};
    Outcome outcome = {};  // of a response
};

// A message that cannot be served still says to whom the refusal goes.
struct RpcRefusal {
    std::string id;  // JSON text, "null" when it could not be read
    RpcError error;
};

std::expected<RpcMessage, RpcRefusal> parse_rpc(std::string_view text);

// {"jsonrpc":"2.0","id":…,"result":…}
std::string rpc_result(std::string_view id, std::string_view result_json);
// {"jsonrpc":"2.0","id":…,"error":{…}}
std::string rpc_failure(std::string_view id, const RpcError& error);
// {"jsonrpc":"2.0","id":…,"method":…,"params":…}
std::string rpc_request(std::string_view id, std::string_view method, std::string_view params_json);
// {"jsonrpc":"2.0","method":…,"params":…}; params_json may be empty.
std::string rpc_notification(std::string_view method, std::string_view params_json);

}  // namespace credence::surface::mcp
