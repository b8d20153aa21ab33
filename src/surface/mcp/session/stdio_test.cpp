#include "surface/mcp/session/stdio.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <string>
#include <thread>

#include "base/text.h"
#include "surface/mcp/test_server.h"

namespace credence::surface {
namespace {

constexpr std::string_view kPing = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
constexpr std::string_view kPong = R"({"jsonrpc":"2.0","id":1,"result":{}})";
const std::string kModernMeta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientCapabilities":{}})";

// ask: a question first; hold: answers only when cancelled.
class StdioFeature final : public mcp::Feature {
public:
    bool call_tool(std::string_view name, const mcp::RequestPtr& request) override {
        if (name == "ask") {
            request->run([](const mcp::RequestPtr& r) {
                if (const mcp::Member* answer = r->input("who")) {
                    r->finish(R"({"content":[],"structuredContent":)" + answer->value + "}");
                    return;
                }
                mcp::InputNeed need;
                need.requests["who"] = {"roots/list", "{}"};
                r->need_input(std::move(need));
            });
            return true;
        }
        if (name == "hold") {
            request->run([this](const mcp::RequestPtr& r) {
                r->on_cancelled([this] { ++cancelled; });
                held.push_back(r);
            });
            return true;
        }
        return false;
    }
    std::atomic<int> cancelled{0};
    std::vector<mcp::RequestPtr> held;
};

class StdioTest : public testing::Test {
protected:
    explicit StdioTest() { std::signal(SIGPIPE, SIG_IGN); }

    void make(std::vector<Operation> more = {}, WorkerPool* pool = nullptr) {
        server_.emplace(std::move(more), pool);
        McpSettings settings;
        settings.profile = McpProfile::full;
        mcp_ = std::make_unique<Mcp>(McpParts{.dispatcher = server_->dispatcher(),
                                              .pool = pool,
                                              .clock = clock_,
                                              .random = random_,
                                              .metrics = metrics_,
                                              .prompts = prompts_,
                                              .settings = settings,
                                              .more = {&feature_}});
    }

    // Everything the session writes for that input.
    std::string serve(const std::string& input, StdioLimits limits = {}) {
        if (mcp_ == nullptr) {
            make();
        }
        int in[2] = {};
        int out[2] = {};
        EXPECT_EQ(::pipe(in), 0);
        EXPECT_EQ(::pipe(out), 0);
        std::thread writer([&] {
            std::size_t done = 0;
            while (done < input.size()) {
                const ssize_t wrote = ::write(in[1], input.data() + done, input.size() - done);
                if (wrote <= 0) {
                    break;
                }
                done += static_cast<std::size_t>(wrote);
            }
            ::close(in[1]);
        });
        std::thread session([&] {
            EXPECT_EQ(serve_mcp_stdio(*mcp_, server_->dispatcher(), in[0], out[1], limits), 0);
            ::close(out[1]);
        });
        std::string text;
        char buffer[16384];
        for (ssize_t got = ::read(out[0], buffer, sizeof(buffer)); got > 0;
             got = ::read(out[0], buffer, sizeof(buffer))) {
            text.append(buffer, static_cast<std::size_t>(got));
        }
        writer.join();
        session.join();
        ::close(in[0]);
        ::close(out[0]);
        return text;
    }

    StdioFeature feature_;
    std::optional<test::TestServer> server_;
    ManualClock clock_{1'735'689'600'000'000};
    SeededRandom random_{1};
    Metrics metrics_;
    std::vector<Prompt> prompts_;
    std::unique_ptr<Mcp> mcp_;
};

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST_F(StdioTest, AnswersEachLineWithOneLine) {
    const std::string ping(kPing);
    const std::string pong(kPong);
    EXPECT_EQ(serve(ping + "\n\n  \r\n" + ping + "\r\n" +
                    R"({"jsonrpc":"2.0","method":"notifications/initialized"})" + "\n" + ping),
              pong + "\n" + pong + "\n" + pong + "\n");
    EXPECT_TRUE(server_->gate().local);
    EXPECT_EQ(serve(""), "");
}

TEST_F(StdioTest, MalformedLinesDoNotEndTheSession) {
    const std::string out = serve("{nonsense\n\xff\n" + std::string(kPing) + "\n");
    const auto lines = split(out, '\n');
    ASSERT_EQ(lines.size(), 4U) << out;
    EXPECT_TRUE(lines[0].find("-32700") != std::string_view::npos);
    EXPECT_TRUE(lines[1].find("-32700") != std::string_view::npos);
    EXPECT_EQ(lines[2], kPong);
}

TEST_F(StdioTest, OverlongLinesAreSkippedWhole) {
    StdioLimits limits;
    limits.max_line_bytes = 100;
    const std::string out =
        serve(std::string(1'000'000, 'x') + "\n" + std::string(kPing) + "\n", limits);
    const auto lines = split(out, '\n');
    ASSERT_EQ(lines.size(), 3U) << out;
    EXPECT_TRUE(says(out, R"("id":null,"error":{"code":-32600)"));
    EXPECT_EQ(lines[1], kPong);
}

TEST_F(StdioTest, RefusedAdmissionAnswersRequestsOnly) {
    make();
    server_->gate().closed = true;
    EXPECT_EQ(serve(std::string(kPing) + "\n" +
                    R"({"jsonrpc":"2.0","method":"notifications/initialized"})" + "\n"),
              R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"too many requests",)"
              R"("data":{"code":"exhausted","message":"too many requests","retry_after_ms":250}}})"
              "\n");
}

TEST_F(StdioTest, AnswersEverythingBeforeReturning) {
    WorkerPool pool("test", 4, 64);
    make({test::make_operation("pooled", "say")}, &pool);
    std::string input;
    for (int i = 0; i < 500; ++i) {
        input +=
            R"({"jsonrpc":"2.0","id":)" + std::to_string(i) +
            R"(,"method":"tools/call","params":{"name":"pooled_say","arguments":{"text":"a"}}})"
            "\n";
    }
    StdioLimits limits;
    limits.max_in_flight = 16;
    const std::string out = serve(input, limits);
    EXPECT_EQ(std::ranges::count(out, '\n'), 500);
    for (int i = 0; i < 500; ++i) {
        EXPECT_TRUE(says(out, "\"id\":" + std::to_string(i) + ",")) << i;
    }
    EXPECT_FALSE(says(out, "\"isError\":true"));
    pool.stop();
}

TEST_F(StdioTest, BothErasOnOneProcess) {
    const std::string out = serve(
        R"({"jsonrpc":"2.0","id":1,"method":"server/discover","params":{)" + kModernMeta + "}}\n" +
        R"({"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":)"
        R"("2025-06-18","capabilities":{}}})"
        "\n" +
        R"({"jsonrpc":"2.0","id":3,"method":"ping"})" + "\n" +
        R"({"jsonrpc":"2.0","id":4,"method":"ping","params":{)" + kModernMeta + "}}\n" +
        R"({"jsonrpc":"2.0","id":5,"method":"server/discover"})" + "\n");
    EXPECT_TRUE(says(out, R"("id":1,"result":{)")) << out;
    EXPECT_TRUE(says(out, "supportedVersions")) << out;
    EXPECT_TRUE(says(out, R"("protocolVersion":"2025-06-18")")) << out;
    EXPECT_TRUE(says(out, R"("id":3,"result":{})")) << out;
    EXPECT_TRUE(says(out, R"("id":4,"error":{"code":-32601)")) << out;
    EXPECT_TRUE(says(out, R"("id":5,"error":{"code":-32602)")) << out;
}

TEST_F(StdioTest, AsksTheClientAndReadsItsAnswer) {
    const std::string out =
        serve(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":)"
              R"("2025-11-25","capabilities":{"roots":{}}}})"
              "\n"
              R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"ask"}})"
              "\n"
              R"({"jsonrpc":"2.0","id":1,"result":{"roots":[{"uri":"file:///a"}]}})"
              "\n");
    EXPECT_TRUE(says(out, R"({"jsonrpc":"2.0","id":1,"method":"roots/list")")) << out;
    EXPECT_TRUE(says(out, R"("id":2,"result")")) << out;
    EXPECT_TRUE(says(out, "file:///a")) << out;
}

TEST_F(StdioTest, QuestionsNobodyAnswersEndWithTheInput) {
    const std::string out =
        serve(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":)"
              R"("2025-11-25","capabilities":{"roots":{}}}})"
              "\n"
              R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"ask"}})"
              "\n");
    EXPECT_TRUE(says(out, R"("id":2,)")) << out;
}

TEST_F(StdioTest, CancelledRequestsAreNotAnswered) {
    const std::string hold = R"({"jsonrpc":"2.0","id":"a","method":"tools/call",)"
                             R"("params":{"name":"hold"}})";
    const std::string out =
        serve(hold + "\n" +
              R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}})" +
              "\n" + std::string(kPing) + "\n");
    EXPECT_EQ(feature_.cancelled, 1);
    EXPECT_EQ(out, std::string(kPong) + "\n");
}

TEST_F(StdioTest, TheEndOfInputCancelsWhatDoesNotEnd) {
    StdioLimits limits;
    limits.drain_ms = 10;
    const std::string out = serve(R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
                                  R"("params":{"name":"hold"}})"
                                  "\n",
                                  limits);
    EXPECT_EQ(out, "");
    EXPECT_EQ(feature_.cancelled, 1);
}

TEST_F(StdioTest, SubscriptionsAreAcknowledgedAndBounded) {
    StdioLimits limits;
    limits.max_subscriptions = 1;
    const auto listen = [](int id) {
        return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
               R"(,"method":"subscriptions/listen","params":{"notifications":)"
               R"({"toolsListChanged":true},)" +
               kModernMeta + "}}\n";
    };
    const std::string out = serve(listen(1) + listen(2) + std::string(kPing) + "\n", limits);
    EXPECT_TRUE(says(out, "notifications/subscriptions/acknowledged")) << out;
    EXPECT_TRUE(says(out, R"("id":2,"error")")) << out;
    EXPECT_TRUE(says(out, kPong)) << out;
}

TEST_F(StdioTest, NewlinesInsideAnAnswerDoNotBreakTheFraming) {
    Operation pretty = test::make_operation("pretty", "say");
    pretty.call = [](const Context&, std::string_view, std::string& out) -> Result<void> {
        out += "{\n\"text\":\"a\\n\",\n\"length\":1}";
        return {};
    };
    make({std::move(pretty)});
    const std::string out =
        serve(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pretty_say"}})"
              "\n");
    EXPECT_EQ(std::ranges::count(out, '\n'), 1) << out;
    EXPECT_TRUE(says(out, R"("structuredContent":{ "text":"a\n", "length":1})")) << out;
}

TEST_F(StdioTest, AClientThatHungUpEndsTheSession) {
    make();
    int in[2] = {};
    int out[2] = {};
    ASSERT_EQ(::pipe(in), 0);
    ASSERT_EQ(::pipe(out), 0);
    ::close(out[0]);
    const std::string lines = std::string(kPing) + "\n";
    ASSERT_GT(::write(in[1], lines.data(), lines.size()), 0);
    std::thread session(
        [&] { EXPECT_EQ(serve_mcp_stdio(*mcp_, server_->dispatcher(), in[0], out[1]), 1); });
    session.join();
    ::close(in[0]);
    ::close(in[1]);
    ::close(out[1]);
}

}  // namespace
}  // namespace credence::surface
