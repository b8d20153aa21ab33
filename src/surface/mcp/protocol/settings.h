// Section [mcp].
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/shape.h"

namespace credence::surface {

enum class McpProfile : std::uint8_t {
    core,  // find_operations, call_operation and the few operations marked core
    full,  // every operation that is not hidden
    list,  // the operations named in mcp.tools
};

// What becomes of a tool's result in which the guard finds an attack.
enum class McpGuard : std::uint8_t { off, flag, block };

struct McpSettings {
    McpProfile profile = McpProfile::core;
    std::vector<std::string> tools;  // profile list: "guard.scan" or "guard_scan"
    McpGuard guard_results = McpGuard::off;
    bool confirm = false;  // destructive operations ask the user first, where the client can
    std::int64_t max_sessions = 10'000;
    std::int64_t session_idle_ms = 30 * 60 * 1'000;
    std::int64_t max_streams_per_session = 16;
    std::int64_t remembered_bytes = 256 << 10;  // of a session's streams, for clients that resume
    std::int64_t keep_alive_ms = 15'000;        // a comment on quiet streams
    std::int64_t ask_timeout_ms = 5 * 60 * 1'000;  // for an answer of the client's user
    std::int64_t task_life_ms = 24 * 60 * 60 * 1'000;
};
void describe(Describe<McpSettings>&);

}  // namespace credence::surface
