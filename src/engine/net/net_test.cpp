#include <atomic>
#include <cstdlib>
#include <future>
#include <stdexcept>
#include <thread>

#include "engine/net/client.h"
#include "engine/net/net_test_support.h"

namespace credence::net::test {
namespace {

constexpr std::string_view kPost = "POST / HTTP/1.1\r\nHost: x\r\n";

std::string post(std::string_view fields, std::string_view body) {
    return std::string(kPost) + std::string(fields) + "\r\n" + std::string(body);
}

TEST_F(NetTest, KeepsTheConnectionAndAnswersPipelinedRequestsInOrder) {
    serve(echo);
    Client client(port());
    client.send(kGet);
    const std::string response = client.read_response();
    EXPECT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << response;
    EXPECT_TRUE(response.ends_with("\r\n\r\nGET /a?b=c ")) << response;
    EXPECT_EQ(response.find("Connection:"), std::string::npos);
    std::string many;
    for (int i = 0; i < 100; ++i) {
        many += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }
    client.send(many);
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(client.read_response().ends_with("GET /" + std::to_string(i) + "? "));
    }
    EXPECT_EQ(metrics_.counter("credence_http_connections_total", "").value(), 1U);
    EXPECT_EQ(metrics_.gauge("credence_http_connections", "").value(), 1);
}

TEST_F(NetTest, TakesBytesOneByOne) {
    serve(echo);
    Client client(port());
    for (const char c : post("Content-Length: 3\r\n", "abc")) {
        client.send({&c, 1});
    }
    EXPECT_TRUE(client.read_response().ends_with("POST /? abc"));
}

TEST_F(NetTest, TakesChunksAndExpectations) {
    serve(echo);
    Client client(port());
    client.send(post("Transfer-Encoding: chunked\r\n", "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"));
    EXPECT_TRUE(client.read_response().ends_with("POST /? abc"));
    client.send(post("Expect: 100-continue\r\nContent-Length: 2\r\n", ""));
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hi");
    EXPECT_TRUE(client.read_response().ends_with("POST /? hi"));
}

TEST_F(NetTest, AnswersHeadWithoutTheBody) {
    serve(echo);
    Client client(port());
    client.send("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const std::string response = client.read_to_end();
    EXPECT_NE(response.find("Content-Length: 9\r\n"), std::string::npos) << response;
    EXPECT_TRUE(response.ends_with("Connection: close\r\n\r\n")) << response;
}

TEST_F(NetTest, SpeaksHttp10) {
    serve(echo);
    Client client(port());
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_NE(client.read_response().find("Connection: keep-alive\r\n"), std::string::npos);
    client.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_NE(client.read_to_end().find("Connection: close\r\n"), std::string::npos);
    EXPECT_FALSE(client.timed_out());
}

TEST_F(NetTest, RefusesWithAReasonAndCloses) {
    serve(echo, {.max_head_bytes = 1024, .max_body_bytes = 10});
    const auto status_of = [&](const std::string& bytes) {
        Client client(port());
        client.send(bytes);
        const std::string response = client.read_to_end();
        EXPECT_FALSE(client.timed_out());
        EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos) << response;
        EXPECT_NE(response.find("\"type\":\"about:blank\""), std::string::npos) << response;
        return response.substr(9, 3);
    };
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), "400");
    EXPECT_EQ(status_of(post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
              "400");
    EXPECT_EQ(status_of(post("Content-Length: 11\r\n", "")), "413");  // before the body
    EXPECT_EQ(status_of(post("Content-Length: 100000\r\n", std::string(100'000, 'x'))), "413");
    EXPECT_EQ(status_of(post("Expect: x\r\n", "")), "417");
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nX: " + std::string(2000, 'x')), "431");
    EXPECT_EQ(status_of(post("Transfer-Encoding: gzip\r\n", "")), "501");
    EXPECT_EQ(status_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "505");
    EXPECT_EQ(rejected("too_large"), 3);
    EXPECT_EQ(rejected("malformed"), 2);
    EXPECT_EQ(rejected("unsupported"), 3);
}

TEST_F(NetTest, TimesOutSlowHeadsAndBodiesAndIdleConnections) {
    serve(echo, {.head_timeout_ms = 50, .body_timeout_ms = 50, .idle_timeout_ms = 50});
    Client head(port());
    Client body(port());
    Client idle(port());
    head.send("GET / HT");
    body.send(post("Content-Length: 5\r\n", "ab"));
    EXPECT_TRUE(head.read_to_end().starts_with("HTTP/1.1 408 "));
    EXPECT_TRUE(body.read_to_end().starts_with("HTTP/1.1 408 "));
    EXPECT_EQ(idle.read_to_end(), "");
    EXPECT_FALSE(idle.timed_out());
    EXPECT_EQ(rejected("timeout"), 2);
}

TEST_F(NetTest, CutsAPeerThatDoesNotRead) {
    std::promise<void> asked;
    serve(
        [&](const HttpRequest&, Responder responder) {
            responder.send({.body = std::string(std::size_t{16} << 20, 'x')});
            asked.set_value();
        },
        {.write_timeout_ms = 50});
    Client client(port(), 4096);
    client.send(kGet);
    asked.get_future().wait();
    while (metrics_.gauge("credence_http_connections", "").value() != 0) {
        std::this_thread::yield();
    }
    EXPECT_LT(client.read_to_end().size(), std::size_t{16} << 20);
}

TEST_F(NetTest, RefusesConnectionsOverTheLimit) {
    serve(echo, {.max_connections = 1});
    Client first(port());
    first.send(kGet);
    first.read_response();
    Client second(port());
    EXPECT_TRUE(second.read_to_end().starts_with("HTTP/1.1 503 "));
    EXPECT_EQ(rejected("max_connections"), 1);
    first.send(kGet);
    EXPECT_TRUE(first.read_response().starts_with("HTTP/1.1 200 "));
}

TEST_F(NetTest, AnswersFromAnotherThread) {
    std::vector<std::thread> threads;
    serve([&](const HttpRequest& request, Responder responder) {
        threads.emplace_back(
            [path = std::string(request.path), responder = std::move(responder)]() mutable {
                responder.send({.status = 202, .body = path});
            });
    });
    Client client(port());
    client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    client.end_sending();  // a half-closed client still gets its answers
    EXPECT_TRUE(client.read_response().ends_with("\r\n\r\n/1"));
    EXPECT_TRUE(client.read_response().ends_with("\r\n\r\n/2"));
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_FALSE(client.timed_out());
    for (std::thread& thread : threads) {
        thread.join();
    }
}

TEST_F(NetTest, AnswersForHandlersThatDoNot) {
    serve([](const HttpRequest& request, Responder responder) {
        if (request.path == "/throw") {
            throw std::runtime_error("broken");
        }
        const Responder dropped(std::move(responder));
    });
    Client client(port());
    client.send(kGet);
    EXPECT_TRUE(client.read_response().starts_with("HTTP/1.1 500 "));
    client.send("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(client.read_response().starts_with("HTTP/1.1 500 "));
}

TEST_F(NetTest, StopsGracefully) {
    std::promise<Responder> waiting;
    serve(
        [&](const HttpRequest&, Responder responder) { waiting.set_value(std::move(responder)); });
    Client idle(port());
    Client busy(port());
    busy.send(kGet);
    Responder responder = waiting.get_future().get();
    std::thread stopper([&] { server_->stop(5000); });
    EXPECT_EQ(idle.read_to_end(), "");
    EXPECT_FALSE(idle.timed_out());
    responder.send({.body = "late"});
    const std::string response = busy.read_to_end();
    EXPECT_TRUE(response.ends_with("\r\n\r\nlate")) << response;
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
    stopper.join();
    EXPECT_EQ(metrics_.gauge("credence_http_connections", "").value(), 0);
}

TEST_F(NetTest, StopCutsWhatDoesNotEndAndLateAnswersAreHarmless) {
    std::promise<Responder> waiting;
    serve(
        [&](const HttpRequest&, Responder responder) { waiting.set_value(std::move(responder)); });
    Client busy(port());
    busy.send(kGet);
    Responder responder = waiting.get_future().get();
    server_->stop(20);
    EXPECT_EQ(busy.read_to_end(), "");
    responder.send({.body = "too late"});
}

TEST_F(NetTest, ServesWithManyThreadsAndRunsTheirStart) {
    std::atomic<int> started{0};
    auto server = Server::open({.port = 0, .threads = 3}, echo, metrics_);
    ASSERT_TRUE(server.has_value());
    (*server)->start([&] { ++started; });
    for (int i = 0; i < 50; ++i) {
        Client client((*server)->port());
        client.send(kGet);
        EXPECT_TRUE(client.read_response().starts_with("HTTP/1.1 200 "));
    }
    (*server)->stop(1000);
    EXPECT_EQ(started.load(), 3);
}

TEST_F(NetTest, RefusesWhatItCannotOpen) {
    serve(echo);
    const auto code_of = [&](ServerOptions options) {
        const auto server = Server::open(std::move(options), echo, metrics_);
        return server ? Code::internal : server.error().code;
    };
    EXPECT_EQ(code_of({.port = port()}), Code::unavailable);
    EXPECT_EQ(code_of({.port = port(), .threads = 2}), Code::unavailable);
    EXPECT_EQ(code_of({.address = "nowhere", .port = 0}), Code::invalid);
    EXPECT_EQ(code_of({.port = 0, .threads = 0}), Code::invalid);
    EXPECT_EQ(code_of({.port = 0,
                       .tls_certificate_file = "/nonexistent.pem",
                       .tls_key_file = "/nonexistent.pem"}),
              Code::invalid);
}

TEST_F(NetTest, ClientPerforms) {
    ::setenv("no_proxy", "127.0.0.1", 1);
    serve(echo);
    const std::string url = "http://127.0.0.1:" + std::to_string(port()) + "/p?q";
    const auto response =
        perform({.method = "POST", .url = url, .headers = {"X: y"}, .body = "hi"});
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "POST /p?q hi");
    EXPECT_EQ(response->headers.at(1), "Content-Type: text/plain");
    const auto code_of = [](const ClientRequest& request) {
        const auto result = perform(request);
        return result ? Code::internal : result.error().code;
    };
    EXPECT_EQ(code_of({.url = url, .max_response_bytes = 3}), Code::too_large);
    EXPECT_EQ(code_of({.url = "file:///etc/passwd"}), Code::invalid);
    EXPECT_EQ(code_of({.url = url, .headers = {"X: y\r\nZ: q"}}), Code::invalid);
    server_->stop(100);
    EXPECT_EQ(code_of({.url = url}), Code::unavailable);
}

TEST_F(NetTest, ClientTimesOut) {
    std::promise<Responder> waiting;
    serve(
        [&](const HttpRequest&, Responder responder) { waiting.set_value(std::move(responder)); });
    ::setenv("no_proxy", "127.0.0.1", 1);
    const auto result =
        perform({.url = "http://127.0.0.1:" + std::to_string(port()) + "/", .timeout_ms = 50});
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Code::timeout);
    waiting.get_future().get();
}

}  // namespace
}  // namespace credence::net::test
