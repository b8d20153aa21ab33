// What a message says of itself and its sender in params._meta (MCP 2026-07-28, basic/index,
// "_meta"), and whose rules it therefore follows (basic/versioning). Pure; thread-safe.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "surface/mcp/protocol/caller.h"
#include "surface/mcp/protocol/json_rpc.h"

namespace credence::surface::mcp {

// Methods that exist since 2026-07-28 only.
bool is_modern_method(std::string_view method);
// Whether _meta has a revision or capabilities: the mark of a modern request.
bool has_modern_meta(const RpcMessage& message);

struct RequestMeta {
    std::string version;  // as it stands there; may be none of ours
    ClientCapabilities capabilities;
    std::string client_name;
    std::optional<LogLevel> log_level;
    std::string progress_token;  // JSON; empty: none
    TraceContext trace;          // invalid: none
};

// Of either era: what is missing or of the wrong type stays empty.
RequestMeta read_meta(const RpcMessage& message);
// Of a modern request: invalid_params when a required member is missing or of the wrong type.
std::expected<RequestMeta, RpcError> read_modern_meta(const RpcMessage& message);

// unsupported_version, unless it is a modern revision of ours.
std::optional<RpcError> refuse_version(std::string_view version);

// The sender of a modern request; its version has passed refuse_version().
Caller modern_caller(Context context, RequestMeta meta);

// What a legacy client says of itself in `initialize`.
struct Introduction {
    Revision revision = Revision::r2025_11_25;  // the one we answer with
    ClientCapabilities capabilities;
    std::string client_name;
};
// invalid_params when params are no initialize.
std::expected<Introduction, RpcError> read_initialize(const RpcMessage& message);

}  // namespace credence::surface::mcp
