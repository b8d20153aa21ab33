// JSON-RPC 2.0 as MCP narrows it: one object a message, no batches, params by name, ids are strings
// or integers. Text in, text out; no state. All functions are thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/result.h"

namespace credence::surface {

// Of one message, framing excluded.
inline constexpr std::size_t kMaxMessageBytes = std::size_t{8} << 20;

enum class RpcCode : std::int32_t {
    parse_error = -32700,
    invalid_request = -32600,
    method_not_found = -32601,
    invalid_params = -32602,
    internal_error = -32603,
    resource_not_found = -32002,  // MCP, not JSON-RPC
};

struct RpcError {
    RpcCode code = RpcCode::internal_error;
    std::string message;
    std::string data;  // JSON, or empty for none
};

// The one member of params a method may read. Others are tolerated and dropped.
struct RpcParam {
    enum class Type : std::uint8_t { absent, text, object, other };
    Type type = Type::absent;
    std::string value;  // text: the text itself; object: its JSON, without white space

    bool is_text() const { return type == Type::text; }
    bool is_object() const { return type == Type::object; }
    bool is_absent() const { return type == Type::absent; }
};

struct RpcParams {
    RpcParam name;              // tools/call
    RpcParam arguments;         // tools/call; null counts as absent
    RpcParam cursor;            // the lists
    RpcParam uri;               // resources/read
    RpcParam protocol_version;  // initialize
};

struct RpcMessage {
    enum class Kind : std::uint8_t { request, notification, response };
    Kind kind = Kind::request;
    std::string id;  // JSON text, "null" unless a request
    std::string method;
    RpcParams params;
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

}  // namespace credence::surface
