// The events a session has sent on its streams, for clients that come back with Last-Event-ID
// (MCP 2025-11-25, basic/transports, "Resumability and Redelivery"). Not thread-safe: guarded by
// its session.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace credence::surface::mcp {

// "7-42": event 42 of stream 7; unique in its session.
struct EventId {
    std::int64_t stream = 0;
    std::int64_t seq = 0;

    std::string text() const;
    // Nothing when it is none of ours.
    static std::optional<EventId> parse(std::string_view text);
    bool operator==(const EventId&) const = default;
};

// One Server-Sent Event; line ends inside the data become spaces.
std::string sse_event(const EventId& id, std::string_view data);
std::string sse_event(std::string_view data);  // without an id: cannot be resumed
// An event without data that gives the client an id to resume from, and a retry time when > 0.
std::string sse_priming(const EventId& id, std::int64_t retry_ms);

class StreamMemory {
public:
    static constexpr std::size_t kEventOverheadBytes = 96;  // counted for each event
    static constexpr std::size_t kMaxEndedStreams = 64;

    // At most max_bytes of events of all streams; the oldest are dropped.
    explicit StreamMemory(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    // A new stream; its event 0 is the priming event, which is not kept.
    std::int64_t open();
    // Keeps the data and returns its id.
    EventId add(std::int64_t stream, std::string data);
    // Nothing more comes; the stream stays resumable while its events are kept.
    void end(std::int64_t stream, std::int64_t now_us);
    void forget(std::int64_t stream);
    // Forgets streams that ended before that time.
    void forget_ended_before(std::int64_t at_us);

    struct Replay {
        std::vector<std::string> events;  // whole Server-Sent Events
        bool ended = false;
    };
    // What came after that event on its stream. Nothing when the stream is not known (any more),
    // the event never was, or some of what followed has been dropped.
    std::optional<Replay> after(const EventId& last) const;

    std::size_t bytes() const { return bytes_; }
    std::size_t max_bytes() const { return max_bytes_; }

private:
    struct Event {
        EventId id;
        std::string data;
    };
    struct Stream {
        std::int64_t newest = 0;   // seq
        std::int64_t dropped = 0;  // up to this seq
        std::int64_t ended_us = 0;
        bool ended = false;
    };
    void drop_oldest();

    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    std::int64_t next_ = 1;
    std::size_t ended_ = 0;
    std::map<std::int64_t, Stream> streams_;
    std::deque<Event> events_;  // oldest first
};

}  // namespace credence::surface::mcp
