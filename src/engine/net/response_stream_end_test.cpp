// How streamed answers end before they are finished.
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/net/response_stream_test_support.h"

namespace credence::net::test {
namespace {

using ResponseStreamEndTest = ResponseStreamTest;

TEST_F(ResponseStreamEndTest, NoticesAPeerThatLeaves) {
    serve_streams();
    {
        Client client(port());
        client.send(get("/a"));
        client.read_until("\r\n\r\n");
    }
    EXPECT_TRUE(wait_closed());
    const auto stream = opened();
    EXPECT_FALSE(stream->send("x"));
    stream->finish();
    EXPECT_TRUE(wait_no_connections());
    EXPECT_EQ(closes(), 1);
}

TEST_F(ResponseStreamEndTest, NoticesAHalfClosedAndAResetPeer) {
    serve_streams();
    Client half(port());
    half.send(get("/a"));
    const auto stream = opened();
    half.end_sending();
    EXPECT_TRUE(wait_closed());
    const std::string cut = half.read_to_end();
    EXPECT_FALSE(half.timed_out());
    EXPECT_FALSE(cut.ends_with("0\r\n\r\n"));
    {
        Client reset(port());
        reset.send(get("/a"));
        reset.read_until("\r\n\r\n");
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(reset.socket(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    }
    EXPECT_TRUE(wait_closed(2));
    EXPECT_TRUE(wait_no_connections());
    EXPECT_EQ(closes(), 2);
}

TEST_F(ResponseStreamEndTest, GivesAPeerThatSaidAllTheRest) {
    serve_streams({.max_queued_bytes = std::size_t{8} << 20});
    Client client(port(), 4096);
    client.send(get("/a"));
    const auto stream = opened();
    const std::string piece(std::size_t{4} << 20, 'x');
    EXPECT_TRUE(stream->send(piece));
    stream->finish();
    client.end_sending();
    EXPECT_TRUE(client.read_to_end().ends_with("400000\r\n" + piece + "\r\n0\r\n\r\n"));
    server_->stop(1000);
    EXPECT_EQ(closes(), 0);
}

TEST_F(ResponseStreamEndTest, CutsASlowReader) {
    serve_streams({.max_queued_bytes = 256 * 1024});
    Client client(port(), 4096);
    client.send(get("/a"));
    const auto stream = opened();
    const std::string piece(16 * 1024, 'x');
    int sent = 0;
    while (sent < 100'000 && stream->send(piece)) {
        ++sent;
    }
    EXPECT_GE(sent, 16);
    EXPECT_LT(sent, 100'000);
    EXPECT_TRUE(wait_closed());
    EXPECT_FALSE(stream->send(piece));
    EXPECT_FALSE(client.read_to_end().ends_with("0\r\n\r\n"));
    EXPECT_FALSE(client.timed_out());
}

TEST_F(ResponseStreamEndTest, CutsAPeerThatTakesNothing) {
    serve_streams({}, {.write_timeout_ms = 50});
    const Client client(port(), 4096);
    client.send(get("/a"));
    const auto stream = opened();
    EXPECT_TRUE(stream->send(std::string(std::size_t{16} << 20, 'x')));  // one piece may be large
    EXPECT_TRUE(wait_closed());
    EXPECT_TRUE(wait_no_connections());
}

TEST_F(ResponseStreamEndTest, DestroyingItUnfinishedCuts) {
    serve_streams();
    Client client(port());
    client.send(get("/a"));
    auto stream = opened();
    stream->send("part");
    EXPECT_TRUE(client.read_until("part\r\n").ends_with("4\r\npart\r\n"));
    stream.reset();
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_FALSE(client.timed_out());
    EXPECT_TRUE(wait_closed());
    EXPECT_TRUE(wait_no_connections());
}

TEST_F(ResponseStreamEndTest, StopLetsStreamsFinishForAWhile) {
    serve_streams();
    Client finishing(port());
    finishing.send(get("/a"));
    const auto first = opened();
    Client endless(port());
    endless.send(get("/b"));
    const auto second = opened();
    Client idle(port());
    std::thread stopper([this] { server_->stop(60'000); });
    EXPECT_EQ(idle.read_to_end(), "");  // it is stopping
    EXPECT_TRUE(first->send("last words"));
    first->finish();
    EXPECT_TRUE(finishing.read_to_end().ends_with("a\r\nlast words\r\n0\r\n\r\n"));
    EXPECT_FALSE(endless.read_to_end().ends_with("0\r\n\r\n"));
    EXPECT_FALSE(endless.timed_out());
    stopper.join();
    EXPECT_EQ(closes(), 1);
    EXPECT_FALSE(second->send("x"));
}

TEST_F(ResponseStreamEndTest, StopCutsAndLateCallsAreHarmless) {
    serve_streams();
    Client client(port());
    client.send(get("/a"));
    auto stream = opened();
    server_->stop(0);
    EXPECT_EQ(closes(), 1);
    EXPECT_FALSE(stream->send("x"));
    stream->finish();
    stream.reset();
    EXPECT_FALSE(client.read_to_end().ends_with("0\r\n\r\n"));
}

TEST_F(ResponseStreamEndTest, StreamBegunAfterTheEndIsDead) {
    std::vector<Responder> waiting;
    std::mutex mutex;
    std::condition_variable changed;
    serve([&](const HttpRequest&, Responder responder) {
        const std::scoped_lock lock(mutex);
        waiting.push_back(std::move(responder));
        changed.notify_all();
    });
    const Client client(port());
    client.send(kGet);
    {
        std::unique_lock lock(mutex);
        ASSERT_TRUE(changed.wait_for(lock, kPatience, [&] { return !waiting.empty(); }));
    }
    server_->stop(0);
    const auto stream = waiting.front().stream({}, {});
    ASSERT_NE(stream, nullptr);
    EXPECT_FALSE(stream->send("x"));
}

}  // namespace
}  // namespace credence::net::test
