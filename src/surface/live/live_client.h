// One WebSocket client of a live feed, as its broadcaster knows it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "api/context.h"
#include "engine/net/server.h"
#include "surface/live/live_protocol.h"

namespace credence::surface {

// Filled by the surface before Broadcaster::open(); from then on the broadcaster's thread has it to
// itself, but for what belongs to the connection.
struct LiveClient {
    enum class State : std::uint8_t {
        token,   // it must say who it is first
        fresh,   // waits for its first snapshot
        behind,  // hears of what it missed, in order
        live,    // has heard everything up to the channel's cursor
        paused,  // was live, and waits for a snapshot that it asked for
        gone,
    };

    // The connection's I/O thread.
    bool opened = false;
    bool flooding = false;

    std::shared_ptr<net::WebSocket> socket;
    std::string peer;
    std::string name_space;          // of its request
    std::optional<Context> context;  // empty: not admitted yet
    bool authenticated = false;
    LiveRequest request;

    State state = State::token;
    std::string group;          // of its filter, while live
    std::int64_t position = 0;  // heard everything up to here; the channel's cursor while live
    std::int64_t replayed = 0;
    std::int64_t token_deadline_us = 0;
    int errors = 0;
    bool resuming = false;
    bool draining = false;  // its connection has not taken the last batch yet
};

}  // namespace credence::surface
