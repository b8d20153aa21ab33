// The sessions of legacy clients over HTTP (MCP 2025-11-25, basic/transports, "Session
// Management") and their streams.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "engine/net/server.h"
#include "surface/mcp/protocol/settings.h"
#include "surface/mcp/session/client_state.h"
#include "surface/mcp/session/stream_memory.h"

namespace credence::surface::mcp {

// An open connection that carries a stream. `gone` is set when the peer left.
struct Carrier {
    std::shared_ptr<net::ResponseStream> connection;
    std::shared_ptr<std::atomic<bool>> gone;

    bool live() const { return connection != nullptr && !gone->load(); }
};

// Thread-safe.
class Session {
public:
    struct Parts {
        std::string id;
        std::string tenant;
        std::string actor;
        Introduction introduction;
        std::size_t remembered_bytes = 0;
        std::size_t max_streams = 0;
    };
    explicit Session(Parts parts);

    const std::string& id() const { return id_; }
    bool belongs_to(const Context& context) const {
        return context.tenant == tenant_ && context.actor == actor_;
    }
    ClientState& client() { return client_; }
    // What one event may have to be remembered.
    std::size_t max_event_bytes() const;

    // Opens a connection for a stream of that number; called with the session locked, so it must
    // only begin the response.
    using Open = std::function<Carrier(std::int64_t stream)>;

    // The stream of a request. Its number; 0: too many are open.
    std::int64_t open_stream(const Open& open);
    // The stream for what belongs to no request; a second one takes the place of the first.
    bool open_standalone(const Open& open);
    // Sends what came after that event and goes on with its stream.
    enum class Resumed : std::uint8_t { yes, unknown };
    Resumed resume(const EventId& last, const Open& open);

    // Remembers the message and sends it when the client is there.
    void send(std::int64_t stream, std::string message);
    // On the standalone stream; false when there never was one.
    bool send_standalone(std::string message);
    // The stream is complete: ends its connection.
    void end(std::int64_t stream, std::int64_t now_us);
    // Ends the connection, not the stream: the client comes back for the rest.
    void pause(std::int64_t stream, std::int64_t retry_ms);

    bool is_connected(std::int64_t stream) const;
    // Whether requests run or a client is connected.
    bool busy() const;
    // Everything ends: requests are given up, connections close.
    void close();
    void forget_ended_before(std::int64_t at_us);

private:
    void carry(std::int64_t stream, Carrier carrier);
    void drop(std::int64_t stream);

    const std::string id_;
    const std::string tenant_;
    const std::string actor_;
    const std::size_t max_streams_;
    ClientState client_;
    mutable std::mutex mutex_;  // of what follows
    StreamMemory memory_;
    std::map<std::int64_t, Carrier> open_;  // streams that have not ended
    std::int64_t standalone_ = 0;
    bool closed_ = false;
};

// Thread-safe.
class Sessions {
public:
    static constexpr std::int64_t kResumableUs = std::int64_t{5} * 60 * 1'000'000;

    Sessions(const McpSettings& settings, const Clock& clock, Random& random);
    ~Sessions();

    // Code::exhausted when all that are allowed are in use.
    Result<std::shared_ptr<Session>> create(const Context& context, Introduction introduction);
    // Null when there is none of that id for this caller. Counts as a use.
    std::shared_ptr<Session> find(std::string_view id, const Context& context);
    // False when there is none of that id for this caller.
    bool end(std::string_view id, const Context& context);
    // Ends idle sessions, fails questions nobody answered, forgets old streams. To be called about
    // once a second.
    void sweep();
    std::size_t size() const;

private:
    struct Entry {
        std::shared_ptr<Session> session;
        std::int64_t used_us = 0;
    };
    using Order = std::list<Entry>;  // longest unused first

    std::shared_ptr<Session> take(Order::iterator at);
    std::shared_ptr<Session> take_idle(std::int64_t unused_since_us);
    std::shared_ptr<Session> find_locked(std::string_view id, const Context& context,
                                         Order::iterator& at);

    const McpSettings settings_;
    const Clock& clock_;
    Random& random_;
    mutable std::mutex mutex_;
    Order order_;
    std::unordered_map<std::string_view, Order::iterator> by_id_;  // the session's own text
};

}  // namespace credence::surface::mcp
