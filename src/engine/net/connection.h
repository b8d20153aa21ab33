// One HTTP/1.1 connection: reads a request, has it answered, writes the answer, and again. Requests
// are handled one at a time, in order. Everything but send() runs on the loop's thread.
//
//   reading -> handling -> (writing) -> reading … -> (lingering) -> closed
//
// A streamed answer takes the transport away (response_stream.h); so does an upgrade.
//
// `answered` is the short time between an answer given inside the handler and the handler's return,
// when the request is still borrowed. Lingering: after a refusal the rest of what the peer sends is
// read and dropped for a bounded while, because closing at once could destroy the answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/metrics.h"
#include "engine/net/loop.h"
#include "engine/net/request_reader.h"
#include "engine/net/response_text.h"
#include "engine/net/server.h"
#include "engine/net/transport.h"

namespace credence::net {

// What all connections of a server share. Immutable but for the counters.
struct ServerShare {
    ServerShare(ServerOptions server_options, HttpHandler server_handler, Metrics& metrics);

    void count_refusal(int status);

    ServerOptions options;
    HttpHandler handler;
    Gauge& open_connections;
    Counter& connections;
    Counter& malformed;
    Counter& too_large;
    Counter& timeout;
    Counter& unsupported;
    Counter& too_many;
    Counter& descriptors;
    std::atomic<std::size_t> open_count{0};
};

// Counts a connection for as long as it is open, across an upgrade.
class OpenCount {
public:
    explicit OpenCount(ServerShare& share);
    OpenCount(OpenCount&& other) noexcept : share_(std::exchange(other.share_, nullptr)) {}
    OpenCount& operator=(OpenCount&&) = delete;
    ~OpenCount() { end(); }
    void end();

private:
    ServerShare* share_;
};

class Responder::Sink {
public:
    virtual ~Sink() = default;
    virtual void answer(HttpResponse response) = 0;  // any thread
    virtual void upgrade(WebSocketHandlers handlers) = 0;
    virtual std::shared_ptr<ResponseStream> stream(HttpResponse head, StreamHandlers handlers) = 0;
};

class PendingStream;

class Connection final : public Responder::Sink,
                         public TransportEvents,
                         public LoopMember,
                         public std::enable_shared_from_this<Connection> {
public:
    static constexpr std::int64_t kLingerMs = 1000;
    static constexpr std::size_t kMaxLingerBytes = std::size_t{1} << 20;
    static constexpr std::int64_t kKeepBufferMs = 1000;  // then an idle connection gives it back

    // What a connection had before its last answer was streamed.
    struct Resumed {
        OpenCount open;
        std::string received;  // of next requests
    };
    struct Parts {
        Loop& loop;
        ServerShare& share;
        std::unique_ptr<Transport> transport;
        std::string peer;
        std::optional<Resumed> resumed = std::nullopt;
    };

    explicit Connection(Parts parts);
    ~Connection() override;

    void start();
    void start_refused();  // answers 503 and closes
    // After a streamed answer: goes on with the next request, or ends.
    void resume(bool keep_alive);

    void answer(HttpResponse response) override;
    void upgrade(WebSocketHandlers handlers) override;
    std::shared_ptr<ResponseStream> stream(HttpResponse head, StreamHandlers handlers) override;
    void on_read(Moved moved) override;
    void on_writable() override;
    void on_tick(std::int64_t now_ms) override;
    void on_stop() override;
    void cut() override { close(); }

private:
    enum class State : std::uint8_t { reading, handling, writing, answered, lingering, closed };

    void advance();
    bool wait_for_bytes();
    void set_read_deadline();
    bool take(Moved moved);
    void dispatch();
    void finish_upgrade();
    void begin_stream(PendingStream pending);
    void deliver(HttpResponse response, Framing framing = Framing::length);
    void write(std::string& text);
    void written();
    void refuse(const Refusal& refusal);
    void send_continue();
    void linger();
    void drain();
    void free_buffer();
    void close();

    Loop& loop_;
    ServerShare& share_;
    std::shared_ptr<Mailbox> mailbox_;  // outlives the loop, as this may too
    std::unique_ptr<Transport> transport_;
    std::string peer_;
    RequestReader reader_;
    std::string out_;  // what of a response the socket did not take yet
    std::size_t out_at_ = 0;
    std::unique_ptr<WebSocketHandlers> upgrade_;
    std::unique_ptr<PendingStream> stream_;  // begun inside the handler
    std::int64_t deadline_ms_ = 0;           // 0: none
    std::int64_t idle_since_ms_ = 0;
    std::size_t lingered_bytes_ = 0;
    OpenCount open_;
    State state_ = State::reading;
    bool read_started_ = false;
    bool waits_without_buffer_ = false;
    bool had_bytes_ = false;    // the deadline of the request's head runs
    bool had_head_ = false;     // that of its body
    bool handshaking_ = false;  // TLS, before the first request
    bool linger_ = false;
    bool in_handler_ = false;
    bool keep_alive_ = true;
    bool head_only_ = false;
};

}  // namespace credence::net
