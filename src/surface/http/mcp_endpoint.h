// POST /mcp: Model Context Protocol over Streamable HTTP, without sessions and without a stream
// from the server (GET and DELETE are 405). One JSON-RPC message a request, answered as JSON.
#pragma once

#include "api/dispatch.h"
#include "engine/net/server.h"
#include "surface/mcp/mcp.h"

namespace credence::surface {

// Thread-safe.
class McpEndpoint {
public:
    static constexpr std::size_t kMaxMessageBytes = std::size_t{4} << 20;

    explicit McpEndpoint(Dispatcher& dispatcher) : dispatcher_(dispatcher), mcp_(dispatcher) {}

    // A POST whose sender passed refuse_foreign().
    void handle(const net::HttpRequest& request, net::Responder responder);

private:
    Dispatcher& dispatcher_;
    Mcp mcp_;
};

}  // namespace credence::surface
