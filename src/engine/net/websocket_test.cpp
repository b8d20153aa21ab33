#include <future>

#include "engine/net/net_test_support.h"
#include "engine/net/websocket_frames.h"

namespace credence::net::test {
namespace {

const std::string kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

std::string masked_by_zeros(int first, std::string_view payload) {
    std::string frame(1, static_cast<char>(first));
    frame += static_cast<char>(0x80 | payload.size());
    frame += std::string(4, '\0');  // a mask of zeros leaves the payload as it is
    return frame + std::string(payload);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
    std::string frame;
    append_close_frame(frame, code, reason);
    return frame;
}

class WebSocketTest : public NetTest {
protected:
    void serve_sockets(WebSocketHandlers handlers, ServerOptions options = {}) {
        serve(
            [this, handlers](const HttpRequest& request, Responder responder) {
                if (!is_websocket_upgrade(request)) {
                    responder.send({.status = 426});
                    return;
                }
                WebSocketHandlers mine = handlers;
                mine.on_open = [this](std::shared_ptr<WebSocket> socket) {
                    opened_.set_value(std::move(socket));
                };
                mine.on_close = [this] { closed_.set_value(); };
                responder.upgrade(std::move(mine));
            },
            std::move(options));
    }

    std::shared_ptr<WebSocket> connect(Client& client) {
        client.send(kUpgrade);
        const std::string reply = client.read_until("\r\n\r\n");
        EXPECT_TRUE(reply.starts_with("HTTP/1.1 101 ")) << reply;
        return opened_.get_future().get();
    }

    std::promise<std::shared_ptr<WebSocket>> opened_;
    std::promise<void> closed_;
};

TEST_F(WebSocketTest, EchoesPongsAndCloses) {
    std::shared_ptr<WebSocket> socket;
    WebSocketHandlers handlers;
    handlers.on_message = [&](std::string_view text) {
        socket->send(std::make_shared<const std::string>("echo " + std::string(text)));
    };
    serve_sockets(handlers);
    Client client(port());
    socket = connect(client);
    client.send(masked_by_zeros(0x81, "hello"));
    EXPECT_EQ(client.read(12),
              "\x81\x0a"
              "echo hello");
    client.send(masked_by_zeros(0x89, "are you there"));
    EXPECT_EQ(client.read(15),
              "\x8a\x0d"
              "are you there");
    client.send(masked_by_zeros(0x88, std::string("\x03\xe8", 2)));
    EXPECT_EQ(client.read_to_end(), close_payload(1000, ""));
    closed_.get_future().wait();
    EXPECT_FALSE(socket->send(std::make_shared<const std::string>("late")));
    EXPECT_EQ(metrics_.gauge("credence_http_connections", "").value(), 0);
}

TEST_F(WebSocketTest, RefusesBinary) {
    serve_sockets({});
    Client client(port());
    connect(client);
    client.send(masked_by_zeros(0x82, "x") + masked_by_zeros(0x88, std::string("\x03\xeb", 2)));
    client.end_sending();
    EXPECT_EQ(client.read_to_end(), close_payload(kCloseNotText, "refused"));
}

TEST_F(WebSocketTest, ClosesASlowConsumer) {
    WebSocketHandlers handlers;
    handlers.max_queued_bytes = 256 * 1024;
    serve_sockets(handlers);
    Client client(port(), 4096);
    const auto socket = connect(client);
    const auto text = std::make_shared<const std::string>(16 * 1024, 'x');
    int sent = 0;
    while (sent < 100'000 && socket->send(text)) {
        ++sent;
    }
    EXPECT_GE(sent, 16);
    EXPECT_LT(sent, 100'000);
    EXPECT_FALSE(socket->send(text));
    const std::string farewell = close_payload(kCloseSlow, "slow consumer");
    EXPECT_TRUE(client.read_until(farewell).ends_with(farewell));
    client.end_sending();
    closed_.get_future().wait();
}

TEST_F(WebSocketTest, PingsAndGivesUp) {
    WebSocketHandlers handlers;
    handlers.ping_every_ms = 20;
    handlers.slow_reason = "too slow";
    std::string dropped;
    handlers.on_drop = [&dropped](std::string_view why) { dropped += why; };
    serve_sockets(handlers, {.write_timeout_ms = 40});
    Client client(port());
    connect(client);
    // None answered, so it is told why it is let go.
    EXPECT_EQ(client.read_to_end(),
              std::string("\x89\0\x89\0", 4) + close_payload(kCloseSlow, "too slow"));
    EXPECT_FALSE(client.timed_out());
    closed_.get_future().wait();
    EXPECT_EQ(dropped, "silent");
}

TEST_F(WebSocketTest, StopClosesWithGoingAway) {
    serve_sockets({});
    Client client(port());
    connect(client);
    std::thread stopper([this] { server_->stop(5000); });
    EXPECT_EQ(client.read(26), close_payload(kCloseGoingAway, "the server is stopping"));
    client.send(masked_by_zeros(0x88, std::string("\x03\xe9", 2)));
    EXPECT_EQ(client.read_to_end(), "");
    stopper.join();
    closed_.get_future().wait();
}

TEST_F(WebSocketTest, ClosesFromOurSideAfterWhatIsQueued) {
    serve_sockets({});
    Client client(port());
    const auto socket = connect(client);
    socket->send(std::make_shared<const std::string>("last"));
    socket->close(4000, "enough");
    EXPECT_EQ(client.read(6),
              "\x81\x04"
              "last");
    EXPECT_EQ(client.read(10), close_payload(4000, "enough"));
}

TEST_F(WebSocketTest, UpgradeNeedsTheRightRequest) {
    serve([](const HttpRequest&, Responder responder) { responder.upgrade({}); });
    Client client(port());
    client.send(kGet);
    EXPECT_TRUE(client.read_response().starts_with("HTTP/1.1 400 "));
}

}  // namespace
}  // namespace credence::net::test
