// The live feeds on a listener of their own: WebSocket at "/" and "/NAME", GET /health.
//
// Who may listen is decided as everywhere: Authorization: Bearer with the upgrade, or, where keys
// are required and none came (a page cannot send the header), {"token":KEY} as the first message
// within 5 s, else close 4001. Foreign Host and Origin are refused as on the main listener.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "api/dispatch.h"
#include "api/live.h"
#include "engine/net/server.h"
#include "engine/store/database.h"
#include "engine/store/event.h"

namespace credence::surface {

struct LiveRequest;  // live_protocol.h

struct LiveOptions {
    std::int64_t heartbeat_ms = 15'000;
    std::int64_t ping_ms = 10'000;  // two without a pong: the client does not read
    std::int64_t max_clients = 2'000;
    std::int64_t max_queued_bytes = std::int64_t{1} << 20;  // of a client
    std::int64_t remembered_events = 256;                   // of a tenant
    std::int64_t token_timeout_ms = 5'000;
};

struct LiveParts {
    Dispatcher& dispatcher;
    store::Database& database;
    store::EventLog& events;
    Metrics& metrics;
    const Clock& clock;
    std::atomic<bool>& ready;
    std::vector<LiveFeed> feeds;  // "events", all that happens, is added as the last
    LiveOptions options;
    bool loopback;       // bound to loopback
    bool requires_keys;  // nobody is anybody without one
};

class LiveSurface {
public:
    static constexpr std::size_t kMaxMessageBytes = std::size_t{16} << 10;  // of a client
    static constexpr int kMaxMessagesASecond = 50;                          // of a client

    // Starts a thread for each feed. Code::internal for a feed whose snapshot operation is none.
    static Result<std::unique_ptr<LiveSurface>> open(LiveParts parts);
    ~LiveSurface();

    // Thread-safe; called on I/O threads.
    void handle(const net::HttpRequest& request, net::Responder responder);
    // Nobody is told anything afterwards. Stop the server that calls handle() before.
    void stop();

private:
    struct Room;
    explicit LiveSurface(LiveParts parts);
    Result<void> add(LiveFeed feed);
    Room* room_at(std::string_view path);
    void health(net::Responder responder);
    void upgrade(Room& room, const net::HttpRequest& request, net::Responder responder);
    net::WebSocketHandlers handlers(Room& room, LiveRequest request, const Admission* admission,
                                    const net::HttpRequest& http);

    LiveParts parts_;
    std::atomic<std::int64_t> clients_{0};
    std::vector<std::unique_ptr<Room>> rooms_;
    std::int64_t watch_token_ = 0;
};

}  // namespace credence::surface
