// One listener of the event feed: hello first, then every event after its cursor, in order, without
// gaps or repeats. At most one read of the store is under way per listener, and never on an I/O
// thread. The next batch is read when the connection has taken the last one, so a slow listener
// costs one batch of memory and lags; net closes one that does not read at all. A listener that we
// cannot serve is closed with 1013 or 1011: it resumes with `after=` the last seq it saw.
//
//   {"type":"hello","last_seq":41}
//   {"seq":42,"name":"key_created","at_us":…,"actor":"…","data":{…}}
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/net/server.h"
#include "engine/store/event.h"

namespace credence::surface {

inline constexpr std::uint16_t kTryAgainLater = 1013;  // closes a WebSocket (RFC 6455 registry)
inline constexpr std::size_t kMaxTopics = 64;
inline constexpr std::size_t kMaxTopicBytes = 128;

struct FeedRequest {
    std::string tenant;
    std::optional<std::int64_t> after;  // empty: from now on
    std::vector<std::string> topics;    // event names; empty: all
};

// From the query of /v1/events; the tenant is the caller's to set. Code::invalid with the field.
Result<FeedRequest> parse_feed_request(std::string_view query);

// One consistent look at the log.
struct FeedBatch {
    std::vector<store::StoredEvent> events;
    std::int64_t last_seq = 0;  // of the whole log
};

struct FeedIo {
    // Blocking; called on workers only. Without `after`: no events, last_seq only.
    std::function<Result<FeedBatch>(const FeedRequest&, std::optional<std::int64_t> after)> read;
    // Runs a task on a worker; false when it was not taken.
    std::function<bool(std::function<void()>)> submit;
};

// Thread-safe. Held by shared_ptr: a task under way keeps it.
class FeedClient : public std::enable_shared_from_this<FeedClient> {
public:
    static constexpr int kBatch = 256;
    static constexpr std::size_t kBatchBytes = std::size_t{512} << 10;

    FeedClient(FeedRequest request, FeedIo io);

    void attach(std::shared_ptr<net::WebSocket> socket);
    // There may be new events.
    void wake();
    void detach();

private:
    struct LastMessage;

    void schedule();
    void step();
    // False when the connection is lost.
    bool deliver(net::WebSocket& socket, const FeedBatch& batch);
    // A part of the running turn is over: its step, or the connection took the batch. The last one
    // to end begins the next turn if there may be more to say.
    void part_ended();
    void give_up(std::uint16_t code, std::string_view reason);

    const FeedRequest request_;
    const FeedIo io_;
    // Touched by the running step only; steps follow one another under mutex_.
    std::optional<std::int64_t> cursor_;
    bool greeted_ = false;

    std::mutex mutex_;
    std::shared_ptr<net::WebSocket> socket_;
    int running_parts_ = 0;  // of the turn under way; 0: idle
    bool again_ = false;     // something may have come since the turn's read
};

}  // namespace credence::surface
