#include "surface/http/http_surface.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "surface/http/test_site.h"

namespace credence::surface {
namespace {

constexpr std::string_view kJson = "Content-Type: application/json\r\n";

class HttpSurfaceTest : public testing::Test {
protected:
    static std::string status(const std::string& response) { return response.substr(9, 3); }
    static std::string body(const std::string& response) {
        return response.substr(response.find("\r\n\r\n") + 4);
    }
    static bool has(const std::string& response, std::string_view line) {
        return response.find(std::string(line) + "\r\n") != std::string::npos;
    }
    std::string get(std::string_view path, std::string_view headers = {}) {
        return site_.ask("GET " + std::string(path) + " HTTP/1.1\r\n" + std::string(headers));
    }
    std::string post(std::string_view path, std::string_view text,
                     std::string_view headers = kJson) {
        return site_.ask("POST " + std::string(path) + " HTTP/1.1\r\n" + std::string(headers),
                         text);
    }

    TestSite site_;
};

TEST_F(HttpSurfaceTest, RunsOperationsOfEveryLane) {
    const std::string direct = post("/v1/notes", R"({"note":"a","line":7})");
    EXPECT_EQ(status(direct), "200");
    EXPECT_EQ(body(direct), R"({"note":"a","line":7})");
    const std::string pooled = post("/v1/notes/b/lines/8", R"({"text":"hi"})");
    EXPECT_EQ(body(pooled), R"({"note":"b","line":8,"text":"hi"})");
    EXPECT_EQ(body(get("/v1/notes/c%20d?line=3")), R"({"note":"c d","line":3})");
    EXPECT_EQ(body(post("/v1/notes", "", "")), "{}");
}

TEST_F(HttpSurfaceTest, SendsTheHeadersOfEveryReply) {
    const std::string id = "01938f3e-0000-7000-8000-000000000000";
    const std::string reply =
        get("/v1/notes", "Credence-Request-Id: " + id + "\r\nAuthorization: bearer rated\r\n");
    EXPECT_EQ(status(reply), "200");
    EXPECT_TRUE(has(reply, "Credence-Request-Id: " + id));
    EXPECT_TRUE(has(reply, "RateLimit-Policy: \"default\";q=1000;w=1"));
    EXPECT_TRUE(has(reply, "RateLimit: \"default\";r=999;t=1"));
    EXPECT_TRUE(has(reply, "Cache-Control: no-store"));
    EXPECT_TRUE(has(reply, "X-Content-Type-Options: nosniff"));
    EXPECT_FALSE(has(get("/v1/notes"), "RateLimit"));
    const std::string head = site_.ask("HEAD /v1/notes HTTP/1.1\r\n");
    EXPECT_EQ(status(head), "200");
    EXPECT_EQ(body(head), "");
}

TEST_F(HttpSurfaceTest, RefusesWithProblems) {
    const std::string unknown = get("/v1/notes", "Authorization: Bearer other\r\n");
    EXPECT_EQ(status(unknown), "401");
    EXPECT_TRUE(has(unknown,
                    "WWW-Authenticate: Bearer error=\"invalid_token\", "
                    "error_description=\"unknown key\""));
    const std::string slow = get("/v1/notes", "Authorization: Bearer slow\r\n");
    EXPECT_EQ(status(slow), "429");
    EXPECT_TRUE(has(slow, "Retry-After: 2"));
    EXPECT_TRUE(has(slow, "RateLimit: \"default\";r=0;t=2"));
    EXPECT_EQ(status(get("/v1/notes", "Authorization: Bearer limited\r\n")), "403");
    EXPECT_EQ(status(get("/v1/nothing")), "404");
    const std::string method = site_.ask("DELETE /v1/notes HTTP/1.1\r\n");
    EXPECT_EQ(status(method), "405");
    EXPECT_TRUE(has(method, "Allow: GET, HEAD, POST"));
    EXPECT_EQ(status(get("/v1/notes/%2e%2e")), "400");
    EXPECT_EQ(status(post("/v1/notes", "{}", "Content-Type: text/plain\r\n")), "415");
    EXPECT_EQ(status(post("/v1/notes", std::string((1 << 20) + 1, ' '))), "413");
    EXPECT_EQ(status(get("/v1/notes", "Credence-Timeout-Ms: soon\r\n")), "400");
    const std::string field = post("/v1/notes", R"({"line":"x"})");
    EXPECT_EQ(status(field), "400");
    EXPECT_NE(body(field).find(R"("code":"invalid","field":"line")"), std::string::npos);
    EXPECT_TRUE(validate_json(body(field)));
}

TEST_F(HttpSurfaceTest, AnswersToLoopbackNamesOnly) {
    EXPECT_EQ(status(get("/v1/notes", "Host: evil.example\r\n")), "421");
    EXPECT_EQ(status(get("/health", "Host: evil.example:8787\r\n")), "421");
    EXPECT_EQ(status(get("/v1/notes", "Origin: https://evil.example\r\n")), "403");
    EXPECT_EQ(status(get("/v1/notes", "Origin: http://localhost:3000\r\n")), "200");
}

TEST_F(HttpSurfaceTest, ReportsItsHealth) {
    const std::string health = get("/health");
    EXPECT_EQ(status(health), "200");
    EXPECT_EQ(body(health).substr(0, 20), R"({"status":"healthy",)");
    EXPECT_EQ(body(get("/health/live")), R"({"status":"live"})");
    EXPECT_EQ(status(get("/health/ready")), "200");
    site_.ready = false;
    EXPECT_EQ(status(get("/health/ready")), "503");
    EXPECT_EQ(status(get("/health/live")), "200");
}

TEST_F(HttpSurfaceTest, ServesPagesAndMetrics) {
    const std::string start = get("/");
    EXPECT_EQ(status(start), "200");
    EXPECT_NE(start.find("script-src 'self'"), std::string::npos);
    EXPECT_EQ(start.find("unsafe-inline"), std::string::npos);
    EXPECT_TRUE(has(get("/app.js"), "Content-Type: text/javascript; charset=utf-8"));
    EXPECT_TRUE(has(get("/app.css"), "Content-Type: text/css; charset=utf-8"));
    EXPECT_NE(get("/docs").find("notes.list"), std::string::npos);
    EXPECT_TRUE(validate_json(body(get("/openapi.json"))));
    const std::string metrics = get("/metrics");
    EXPECT_TRUE(has(metrics, "Content-Type: text/plain; version=0.0.4; charset=utf-8"));
    EXPECT_NE(metrics.find("credence_operation_calls_total"), std::string::npos);
    EXPECT_EQ(status(get("/metrics", "Authorization: Bearer limited\r\n")), "403");
    EXPECT_EQ(status(get("/docs", "Authorization: Bearer other\r\n")), "401");
    EXPECT_EQ(status(site_.ask("POST /health HTTP/1.1\r\n")), "405");
}

TEST_F(HttpSurfaceTest, SpeaksMcp) {
    const std::string hello =
        R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18",)"
        R"("capabilities":{},"clientInfo":{"name":"test","version":"1"}}})";
    const std::string accept =
        std::string(kJson) + "Accept: application/json, text/event-stream\r\n";
    const std::string reply = post("/mcp", hello, accept);
    EXPECT_EQ(status(reply), "200");
    EXPECT_NE(body(reply).find("\"protocolVersion\":\"2025-06-18\""), std::string::npos);
    const std::string note =
        post("/mcp", R"({"jsonrpc":"2.0","method":"notifications/initialized"})", accept);
    EXPECT_EQ(status(note), "202");
    EXPECT_EQ(body(note), "");
    EXPECT_EQ(status(post("/mcp", hello, accept + "MCP-Protocol-Version: 1999-01-01\r\n")), "400");
    EXPECT_EQ(status(post("/mcp", hello, accept + "Origin: http://evil.example\r\n")), "403");
    EXPECT_EQ(status(post("/mcp", hello, std::string(kJson) + "Accept: text/html\r\n")), "406");
    const std::string stream = get("/mcp");
    EXPECT_EQ(status(stream), "405");
    EXPECT_TRUE(has(stream, "Allow: POST"));
    EXPECT_EQ(status(site_.ask("DELETE /mcp HTTP/1.1\r\n")), "405");
}

TEST_F(HttpSurfaceTest, FeedsEventsInOrderAndResumes) {
    constexpr int kEvents = 1000;  // several batches
    site_.emit("default", "old_news", 3);
    auto live = site_.listen("");
    EXPECT_EQ(live->read_until("\r\n\r\n").substr(9, 3), "101");
    EXPECT_EQ(live->read_message(), R"({"type":"hello","last_seq":3})");
    site_.emit("other", "thing_done", 1);
    site_.emit("default", "thing_done", kEvents);
    for (int i = 0; i < kEvents; ++i) {
        const std::string message = live->read_message();
        const std::string start = "{\"seq\":" + std::to_string(5 + i) + ",\"name\":\"thing_done\",";
        ASSERT_EQ(message.substr(0, start.size()), start);
        ASSERT_TRUE(
            message.ends_with("\"actor\":\"me\",\"data\":{\"i\":" + std::to_string(i) + "}}"))
            << message;
    }
    auto resumed = site_.listen("?after=1&topics=old_news");
    resumed->read_until("\r\n\r\n");
    EXPECT_EQ(resumed->read_message(), R"({"type":"hello","last_seq":1004})");
    EXPECT_EQ(resumed->read_message().substr(0, 9), R"({"seq":2,)");
    EXPECT_EQ(resumed->read_message().substr(0, 9), R"({"seq":3,)");
    site_.emit("default", "old_news", 1);
    EXPECT_EQ(resumed->read_message().substr(0, 12), R"({"seq":1005,)");
    EXPECT_EQ(live->read_message().substr(0, 12), R"({"seq":1005,)");
}

TEST_F(HttpSurfaceTest, RefusesBadListeners) {
    const std::string plain = get("/v1/events");
    EXPECT_EQ(status(plain), "426");
    EXPECT_TRUE(has(plain, "Upgrade: websocket"));
    EXPECT_EQ(status(site_.listen("?after=x")->read_until("\r\n\r\n")), "400");
    EXPECT_EQ(status(site_.listen("", "Authorization: Bearer limited\r\n")->read_until("\r\n\r\n")),
              "403");
    EXPECT_EQ(status(site_.listen("", "Origin: https://evil.example\r\n")->read_until("\r\n\r\n")),
              "403");
    auto early = site_.listen("?after=99");
    early->read_until("\r\n\r\n");
    EXPECT_EQ(early->read_message(), "close 1008");
}

TEST(HttpSurfaceBeyondLoopback, ChecksOriginsWhereRepliesCanBeRead) {
    TestSite site(false);
    const auto status = [&](std::string_view head, std::string_view body = {}) {
        return site.ask(head, body).substr(9, 3);
    };
    EXPECT_EQ(status("GET /v1/notes HTTP/1.1\r\nHost: a.example\r\n"), "200");
    EXPECT_EQ(
        status("POST /mcp HTTP/1.1\r\nHost: a.example\r\nOrigin: https://b.example\r\n", "{}"),
        "403");
    EXPECT_NE(
        status("POST /mcp HTTP/1.1\r\nHost: a.example\r\nOrigin: https://a.example\r\n", "{}"),
        "403");
}

}  // namespace
}  // namespace credence::surface
