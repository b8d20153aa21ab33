// A connection after its upgrade to WebSocket (RFC 6455). Text messages only, no extensions.
#pragma once

#include <string>
#include <string_view>

#include "engine/net/connection.h"

namespace credence::net {

struct WebSocketParts {
    Loop& loop;
    std::unique_ptr<Transport> transport;
    WebSocketHandlers handlers;
    OpenCount open;
    std::int64_t write_timeout_ms = 30'000;
    std::string reply;     // the 101 answer, sent first
    std::string received;  // bytes that came behind the request
};

// Joins the loop and calls on_open.
void start_websocket(WebSocketParts parts);

// The 101 answer to a request with that Sec-WebSocket-Key.
std::string websocket_reply(std::string_view key, std::string_view date);

}  // namespace credence::net
