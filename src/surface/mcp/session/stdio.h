// MCP over standard input and output: one JSON-RPC message a line, both eras on one process
// (MCP 2026-07-28, basic/transports/stdio). A request with modern _meta is served by itself;
// `initialize` begins legacy manners for what has none.
#pragma once

#include <cstddef>
#include <cstdint>

#include "api/dispatch.h"
#include "surface/mcp/mcp.h"

namespace credence::surface {

struct StdioLimits {
    std::size_t max_line_bytes = mcp::kMaxMessageBytes;
    // Requests under way at once; further input waits. Those that wait for the client do not count.
    int max_in_flight = 64;
    int max_subscriptions = 16;  // subscriptions/listen at once
    // For what still runs when the input ends; then it is cancelled.
    std::int64_t drain_ms = 60'000;
};

// Serves until the input ends; then ends what runs. A malformed line is answered with -32700, one
// that is too long with -32600, and the next line is read. Returns 0, or 1 when the output broke.
// Blocks. The dispatcher admits each message as local, surface "mcp". The pool behind the
// dispatcher must have stopped before `mcp` goes.
int serve_mcp_stdio(Mcp& mcp, Dispatcher& dispatcher, int input, int output,
                    StdioLimits limits = {});

}  // namespace credence::surface
