// REST, health, metrics, reference page, MCP endpoint and event feed over one HTTP handler.
//
//   POST /v1/guard/scan … every operation of the catalogue
//   GET  /health /health/live /health/ready · /metrics · /openapi.json · /docs · / (start page)
//   GET  /v1/events (WebSocket upgrade; `?after=SEQ&topics=a,b`) · POST|GET|DELETE /mcp
//
// Errors are application/problem+json (RFC 9457):
// {"type","title","status","detail","code","field"?, "request_id"}. 401 carries WWW-Authenticate,
// 429 Retry-After; rate-limited replies carry RateLimit-Policy and RateLimit.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "api/dispatch.h"
#include "api/protected_resource.h"
#include "base/metrics.h"
#include "engine/net/server.h"
#include "engine/store/database.h"
#include "engine/store/event.h"
#include "surface/mcp/mcp.h"

namespace credence::surface {

struct HttpParts {
    Dispatcher& dispatcher;
    store::Database& database;
    store::EventLog& events;
    Metrics& metrics;
    const Clock& clock;
    WorkerPool& pool;
    Mcp& mcp;
    std::atomic<bool>& ready;  // false while starting and stopping: /health/ready answers 503
    bool loopback;             // bound to loopback: Host must be a loopback name (DNS rebinding)
    const ProtectedResource* resource = nullptr;  // null: no OAuth
};

class HttpSurface {
public:
    explicit HttpSurface(HttpParts parts);
    ~HttpSurface();
    // Thread-safe; called on I/O threads.
    void handle(const net::HttpRequest& request, net::Responder responder);
    // Ends the open streams of events, for a server that stops: it would wait for them.
    void end_streams();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace credence::surface
