#include <thread>
#include <vector>

#include "engine/net/response_stream_test_support.h"
#include "engine/net/tls_test_support.h"

namespace credence::net::test {
namespace {

TEST_F(ResponseStreamTest, SendsOneChunkAPieceAndServesTheNextRequest) {
    serve_streams({}, {}, {.status = 202, .content_type = "text/plain", .body = "first"});
    Client client(port());
    client.send(get("/a") + get("/echo/1"));  // pipelined
    const auto stream = opened();
    ASSERT_NE(stream, nullptr);
    EXPECT_TRUE(stream->send("one"));
    EXPECT_TRUE(stream->send(""));
    const std::string head = client.read_until("\r\n\r\n");
    EXPECT_TRUE(head.starts_with("HTTP/1.1 202 Accepted\r\nDate: ")) << head;
    EXPECT_TRUE(
        head.ends_with("\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"))
        << head;
    EXPECT_EQ(head.find("Content-Length"), std::string::npos);
    EXPECT_EQ(head.find("Connection:"), std::string::npos);
    EXPECT_EQ(client.read(18), "5\r\nfirst\r\n3\r\none\r\n");
    EXPECT_TRUE(stream->send(std::string(26, 'x')));
    EXPECT_EQ(client.read(32), "1a\r\n" + std::string(26, 'x') + "\r\n");
    stream->finish();
    EXPECT_FALSE(stream->send("late"));
    EXPECT_EQ(client.read(5), "0\r\n\r\n");
    EXPECT_TRUE(client.read_response().ends_with("\r\n\r\nGET /echo/1? "));
    client.send(get("/echo/2"));
    EXPECT_TRUE(client.read_response().ends_with("\r\n\r\nGET /echo/2? "));
    EXPECT_EQ(metrics_.counter("credence_http_connections_total", "").value(), 1U);
    EXPECT_EQ(open_connections(), 1);
    client.end_sending();
    EXPECT_EQ(client.read_to_end(), "");
    server_->stop(1000);
    EXPECT_EQ(closes(), 0);  // it was finished before the peer left
}

TEST_F(ResponseStreamTest, StreamsManyTimesOnOneConnection) {
    serve([](const HttpRequest& request, Responder responder) {
        const std::string path(request.path);
        auto stream = responder.stream({}, {});
        stream->send(path);
        stream->finish();
    });
    Client client(port());
    constexpr int kRequests = 1500;
    std::string requests;
    for (int i = 0; i < kRequests; ++i) {
        requests += get("/" + std::to_string(i));
    }
    client.send(requests);
    for (int i = 0; i < kRequests; ++i) {
        const std::string path = "/" + std::to_string(i);
        client.read_until("\r\n\r\n");
        ASSERT_EQ(client.read_until("\r\n0\r\n\r\n"),
                  std::to_string(path.size()) + "\r\n" + path + "\r\n0\r\n\r\n");
    }
    EXPECT_EQ(open_connections(), 1);
}

TEST_F(ResponseStreamTest, KeepsMoreThanItReadsAheadOfNextRequests) {
    serve_streams();
    Client client(port());
    client.send(get("/a"));
    const auto stream = opened();
    const std::string body(3 * kMaxPipelinedBytes, 'b');
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
    stream->send("x");
    stream->finish();
    EXPECT_TRUE(client.read_until("0\r\n\r\n").ends_with("1\r\nx\r\n0\r\n\r\n"));
    EXPECT_TRUE(client.read_response().ends_with("POST /echo? " + body));
}

TEST_F(ResponseStreamTest, StreamsToHttp10UntilTheConnectionCloses) {
    serve_streams();
    Client client(port());
    client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto stream = opened();
    stream->send("one");
    stream->send("two");
    stream->finish();
    const std::string response = client.read_to_end();
    EXPECT_FALSE(client.timed_out());
    EXPECT_EQ(response.find("Transfer-Encoding"), std::string::npos) << response;
    EXPECT_EQ(response.find("Content-Length"), std::string::npos) << response;
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos) << response;
    EXPECT_TRUE(response.ends_with("\r\n\r\nonetwo")) << response;
    EXPECT_EQ(closes(), 0);
}

TEST_F(ResponseStreamTest, NeverStreamsToHeadOrWithoutABody) {
    serve_streams();
    Client client(port());
    client.send(get("/a", "1.1", "HEAD") + get("/echo"));
    const std::string head = client.read_until("\r\n\r\n");
    EXPECT_NE(head.find("Content-Type: text/event-stream\r\n"), std::string::npos) << head;
    EXPECT_EQ(head.find("Content-Length"), std::string::npos) << head;
    EXPECT_TRUE(client.read_response().ends_with("GET /echo? "));
    EXPECT_TRUE(wait_closed());
    EXPECT_FALSE(opened()->send("x"));
    EXPECT_EQ(closes(), 1);
}

TEST_F(ResponseStreamTest, AnswersFromAnotherThread) {
    std::thread answering;
    serve([&](const HttpRequest&, Responder responder) {
        answering = std::thread([responder = std::move(responder)]() mutable {
            const auto stream = responder.stream({.close = true}, {});
            EXPECT_NE(stream, nullptr);
            EXPECT_FALSE(responder.stream({}, {})->send("again"));
            stream->send("x");
            stream->finish();
        });
    });
    Client client(port());
    client.send(kGet);
    const std::string response = client.read_to_end();
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos) << response;
    EXPECT_TRUE(response.ends_with("\r\n\r\n1\r\nx\r\n0\r\n\r\n")) << response;
    answering.join();
}

TEST_F(ResponseStreamTest, SendsKeepAliveTextWhileNothingElseLeaves) {
    serve_streams({.keep_alive_ms = 10, .keep_alive_text = ":\n"}, {.write_timeout_ms = 20});
    Client client(port());
    client.send(get("/a"));
    const auto stream = opened();
    client.read_until("\r\n\r\n");
    EXPECT_EQ(client.read(14), "2\r\n:\n\r\n2\r\n:\n\r\n");
    stream->finish();
    EXPECT_TRUE(client.read_until("0\r\n\r\n").ends_with("0\r\n\r\n"));
    client.send(get("/echo"));
    EXPECT_TRUE(client.read_response().ends_with("GET /echo? "));
}

TEST_F(ResponseStreamTest, KeepsTheOrderOfEachThread) {
    serve_streams({.max_queued_bytes = std::size_t{64} << 20});
    Client client(port());
    client.send("GET /a HTTP/1.0\r\n\r\n");
    const auto stream = opened();
    constexpr int kThreads = 4;
    constexpr int kEach = 2000;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&stream, t] {
            for (int i = 0; i < kEach; ++i) {
                EXPECT_TRUE(stream->send(std::to_string(t) + " " + std::to_string(i) + "\n"));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    stream->finish();
    client.read_until("\r\n\r\n");
    std::vector<int> next(kThreads);
    for (int n = 0; n < kThreads * kEach; ++n) {
        const std::string line = client.read_until("\n");
        ASSERT_GE(line.size(), 4U);
        const auto thread = static_cast<std::size_t>(line[0] - '0');
        ASSERT_LT(thread, next.size());
        ASSERT_EQ(line, std::to_string(thread) + " " + std::to_string(next[thread]++) + "\n");
    }
    EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(ResponseStreamTest, StreamsOverTls) {
    const Pair pair;
    serve_streams({},
                  {.tls_certificate_file = pair.certificate_file, .tls_key_file = pair.key_file});
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient client(port(), version);
        ASSERT_TRUE(client.connect());
        client.send(get("/a") + get("/echo"));
        const auto stream = opened();
        const std::string large(2'000'000, 'l');
        EXPECT_TRUE(stream->send(large));
        EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
        EXPECT_EQ(client.read_until("l\r\n").size(), 8 + large.size() + 2);
        EXPECT_TRUE(stream->send("two"));
        EXPECT_EQ(client.read_until("two\r\n"), "3\r\ntwo\r\n");
        stream->finish();
        EXPECT_TRUE(client.read_until("GET /echo? ").starts_with("0\r\n\r\nHTTP/1.1 200 OK\r\n"));
        client.send(get("/b"));
        auto cut = opened();
        client.read_until("\r\n\r\n");
        cut.reset();
        EXPECT_EQ(client.read_to_end(), "");
    }
    EXPECT_TRUE(wait_no_connections());
    TlsClient leaving(port(), TLS1_3_VERSION);
    ASSERT_TRUE(leaving.connect());
    leaving.send(get("/a"));
    const auto stream = opened();
    leaving.leave();
    EXPECT_TRUE(wait_closed(3));
    EXPECT_TRUE(wait_no_connections());
    EXPECT_EQ(closes(), 3);
}

}  // namespace
}  // namespace credence::net::test
