// What resources/read answers. Pure; thread-safe.
//
//   the operation or address says        2025-06-18, 2025-11-25    2026-07-28
//   no such resource, not_found          -32002                    -32602
//   invalid, too_large, unsupported,
//   conflict, forbidden,
//   unauthenticated                      -32602                    -32602
//   exhausted, timeout, cancelled,
//   unavailable, internal                -32603                    -32603
//
// data is {uri, code, field?, retry_after_ms?}.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "surface/mcp/protocol/caller.h"
#include "surface/mcp/protocol/json_rpc.h"

namespace credence::surface::mcp {

struct TextContent {
    std::string_view uri;
    std::string_view mime_type;
    std::string_view text;
    // The same for every caller until the program is replaced; else this caller's, and of now.
    bool fixed = false;
};
// ReadResourceResult with one text; from 2026-07-28 on with ttlMs and cacheScope.
std::string read_result(const Caller& caller, const TextContent& content);

// ,"ttlMs":…,"cacheScope":… for a modern caller, else nothing.
std::string cache_members(const Caller& caller, std::int64_t ttl_ms, bool is_public);
inline constexpr std::int64_t kFixedTtlMs = 60 * 60 * 1'000;

// The code is that of the older revisions; Request::fail() knows the caller's.
RpcError unknown_resource(std::string_view uri);
RpcError unreadable_resource(std::string_view uri, const Error& error);

}  // namespace credence::surface::mcp
