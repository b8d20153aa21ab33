// /mcp: Model Context Protocol over Streamable HTTP, all revisions on one path, chosen by each
// request (2026-07-28, basic/versioning).
//
//   POST    one JSON-RPC message. Modern: _meta or the revision's header says so; stateless;
//   answered
//           as JSON, or as a stream of events when something is sent before the answer. Legacy:
//           `initialize` begins a session (Mcp-Session-Id); requests without one work, but cannot
//           ask the client back.
//   GET     legacy: the session's own stream, or with Last-Event-ID the rest of a broken one.
//   DELETE  legacy: ends the session.
//
// Refusals before the protocol (admission, 405, 406, 413, 415) are problems as everywhere; those of
// the protocol are JSON-RPC errors.
#pragma once

#include <cstddef>
#include <memory>

#include "api/dispatch.h"
#include "engine/net/server.h"
#include "surface/mcp/mcp.h"

namespace credence::surface {

// Thread-safe. Both parts must outlive it.
class McpEndpoint {
public:
    static constexpr std::size_t kMaxMessageBytes = std::size_t{4} << 20;

    McpEndpoint(Dispatcher& dispatcher, Mcp& mcp);
    ~McpEndpoint();

    // A request whose sender passed refuse_foreign().
    void handle(const net::HttpRequest& request, net::Responder responder);
    // Ends all open streams, for a server that stops.
    void end_streams();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace credence::surface
