// HTTP/1.1 and WebSocket server: one io_context per thread with SO_REUSEPORT; a connection never
// changes thread. The only room with coroutines and asio; this header has neither.
//
// Bad input never reaches a handler: malformed requests are answered 400, heads over
// max_head_bytes 431, bodies over max_body_bytes 413, slow heads or bodies 408, unknown
// transfer codings 501, HTTP/2 prefaces 505; then the connection closes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "base/secret.h"

namespace credence::net {

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8787;  // 0: any free port
    int threads = 1;
    std::size_t max_connections = 20'000;  // accept, answer 503, close
    std::size_t max_head_bytes = 16 * 1024;
    std::size_t max_body_bytes = 8 * 1024 * 1024;
    std::int64_t head_timeout_ms = 10'000;
    std::int64_t body_timeout_ms = 30'000;
    std::int64_t idle_timeout_ms = 75'000;   // keep-alive
    std::int64_t write_timeout_ms = 30'000;  // a peer that does not read
    std::string tls_certificate_file = {};   // PEM chain; empty: plain text
    std::string tls_key_file = {};
};

// After a request's body at least this many bytes can be read (simdjson's padding).
inline constexpr std::size_t kBodyPadding = 64;

// Of next requests, read while an answer is streamed. A peer that sent more is read no further, and
// its leaving noticed when something is sent to it.
inline constexpr std::size_t kMaxPipelinedBytes = 64 * 1024;

// A request. Everything is borrowed and valid only until the handler returns. A test may leave
// `head` null: then there are no headers.
struct HttpRequest {
    std::string_view method;  // "GET"
    std::string_view path;    // "/v1/guard/scan", undecoded
    std::string_view query;   // without '?'
    std::string_view body;
    std::string_view peer;  // IP address
    // Case-insensitive; empty when absent.
    std::string_view header(std::string_view name) const;
    const void* head = nullptr;  // net's own
};

struct HttpResponse {
    int status = 200;
    std::string_view content_type = "application/json";  // static text
    std::string body = {};
    std::string extra_headers = {};  // "Name: value\r\n" lines, well formed
    bool close = false;
};

// An open WebSocket. Thread-safe.
class WebSocket {
public:
    virtual ~WebSocket() = default;
    // Queues a text message. False when the peer is gone or its queue (max_queued_bytes) is full;
    // in the latter case the connection is closed with 1013 and the reason.
    virtual bool send(std::shared_ptr<const std::string> text) = 0;
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
};

struct WebSocketHandlers {
    // All called on the connection's I/O thread. on_close exactly once.
    std::function<void(std::shared_ptr<WebSocket>)> on_open;
    std::function<void(std::string_view text)> on_message;
    std::function<void()> on_close;
    std::size_t max_queued_bytes = std::size_t{1} << 20;
    std::size_t max_message_bytes = 64 * 1024;
    std::int64_t ping_every_ms = 20'000;  // two missed pongs close the connection
    // What a peer reads that was given up because it does not keep up (1013). Static text.
    std::string_view slow_reason = "slow consumer";
    // Called before on_close when the peer was given up: "slow" (its queue is full), "silent" (no
    // pongs), "stuck" (took nothing for write_timeout_ms). Static text.
    std::function<void(std::string_view why)> on_drop;
};

// A response body sent piece by piece: chunked, one chunk a piece; to HTTP/1.0 until the connection
// closes. Thread-safe. Destroying it unfinished cuts the connection, so that the peer sees a
// truncated body.
class ResponseStream {
public:
    virtual ~ResponseStream() = default;
    // Queues a piece; an empty one is ignored. False: the peer is gone, the stream ended, or
    // max_queued_bytes wait already; in the latter case the connection is cut. Never calls back.
    virtual bool send(std::string bytes) = 0;
    // Ends the body after what is queued; the connection may serve its next request.
    virtual void finish() = 0;
};

struct StreamHandlers {
    // Exactly once, on the connection's I/O thread, when the peer left (a half-closed connection
    // counts) or was cut before finish(): by a full queue, by write_timeout_ms without progress, by
    // the server's stop, by destroying the stream. A call under way when finish() is called still
    // ends; otherwise none comes after it. Also when nothing is ever streamed: to HEAD, to a
    // status without a body, or when the peer had left before; but not when the server had ended.
    std::function<void()> on_close = {};
    // A piece is taken while less than this waits to leave, so one piece may be larger.
    std::size_t max_queued_bytes = std::size_t{1} << 20;
    std::int64_t keep_alive_ms = 0;    // 0: never
    std::string keep_alive_text = {};  // a piece sent when none left for that long
};

// Answers one request, once, from any thread. Destroying it unanswered sends 500.
class Responder {
public:
    class Sink;  // net's own
    explicit Responder(std::shared_ptr<Sink> sink);
    Responder(Responder&&) noexcept;
    Responder& operator=(Responder&&) noexcept;
    ~Responder();

    void send(HttpResponse response);
    // Accepts a WebSocket upgrade; only on the I/O thread, inside the handler, for a request with
    // is_websocket_upgrade().
    void upgrade(WebSocketHandlers handlers);
    // Begins a streamed answer; a head.body that is not empty is sent first. HEAD, and a status
    // without a body, get the head alone. While streaming, up to kMaxPipelinedBytes of next
    // requests are read and kept, then served after finish(). Never null.
    std::shared_ptr<ResponseStream> stream(HttpResponse head, StreamHandlers handlers);

private:
    std::shared_ptr<Sink> sink_;
};

bool is_websocket_upgrade(const HttpRequest& request);

// Called on an I/O thread; must not block.
using HttpHandler = std::function<void(const HttpRequest&, Responder)>;

class Server {
public:
    // Binds and listens. Code::unavailable with the address when it cannot; Code::invalid for a bad
    // certificate, address or thread count.
    static Result<std::unique_ptr<Server>> open(ServerOptions options, HttpHandler handler,
                                                Metrics& metrics);
    virtual ~Server() = default;

    virtual std::uint16_t port() const = 0;
    // Starts the I/O threads. on_thread runs first on each of them.
    virtual void start(std::function<void()> on_thread) = 0;
    // Stops accepting, lets running requests finish and closes idle connections and WebSockets
    // (1001); streams have a second to finish. After timeout_ms cuts what is left. Returns when all
    // threads ended.
    virtual void stop(std::int64_t timeout_ms) = 0;
};

}  // namespace credence::net
