#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "base/text.h"
#include "surface/mcp/mcp.h"
#include "surface/mcp/test_server.h"

namespace credence::surface {
namespace {

constexpr std::string_view kPing = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
constexpr std::string_view kPong = R"({"jsonrpc":"2.0","id":1,"result":{}})";

std::string serve(test::TestServer& server, const std::string& input) {
    std::istringstream in(input);
    std::ostringstream out;
    EXPECT_EQ(serve_mcp_stdio(server.dispatcher(), in, out), 0);
    return out.str();
}

TEST(McpStdio, AnswersEachLineWithOneLine) {
    test::TestServer server;
    const std::string ping(kPing);
    const std::string pong(kPong);
    EXPECT_EQ(serve(server, ping + "\n\n  \r\n" + ping + "\r\n" +
                                R"({"jsonrpc":"2.0","method":"notifications/initialized"})" + "\n" +
                                ping),
              pong + "\n" + pong + "\n" + pong + "\n");
    EXPECT_TRUE(server.gate().local);
    EXPECT_EQ(serve(server, ""), "");
}

TEST(McpStdio, MalformedLinesDoNotEndTheSession) {
    test::TestServer server;
    const std::string out = serve(server, "{nonsense\n\xff\n" + std::string(kPing) + "\n");
    const auto lines = split(out, '\n');
    ASSERT_EQ(lines.size(), 4U) << out;
    EXPECT_NE(lines[0].find("-32700"), std::string_view::npos);
    EXPECT_NE(lines[1].find("-32700"), std::string_view::npos);
    EXPECT_EQ(lines[2], kPong);
}

TEST(McpStdio, OverlongLinesAreSkippedWhole) {
    test::TestServer server;
    const std::string out =
        serve(server, std::string((8U << 20U) + 1, 'x') + "\n" + std::string(kPing) + "\n");
    const auto lines = split(out, '\n');
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_NE(lines[0].find(R"("id":null,"error":{"code":-32600)"), std::string_view::npos);
    EXPECT_EQ(lines[1], kPong);
}

TEST(McpStdio, RefusedAdmissionAnswersRequestsOnly) {
    test::TestServer server;
    server.gate().closed = true;
    EXPECT_EQ(serve(server, std::string(kPing) + "\n" +
                                R"({"jsonrpc":"2.0","method":"notifications/initialized"})" + "\n"),
              R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"too many requests",)"
              R"("data":{"code":"exhausted","message":"too many requests","retry_after_ms":250}}})"
              "\n");
}

TEST(McpStdio, AnswersEverythingBeforeReturning) {
    WorkerPool pool("test", 4, 64);
    test::TestServer server({test::make_operation("pooled", "say")}, &pool);
    std::string input;
    for (int i = 0; i < 100; ++i) {
        input +=
            R"({"jsonrpc":"2.0","id":)" + std::to_string(i) +
            R"(,"method":"tools/call","params":{"name":"pooled_say","arguments":{"text":"a"}}})"
            "\n";
    }
    const std::string out = serve(server, input);
    EXPECT_EQ(std::ranges::count(out, '\n'), 100);
    for (int i = 0; i < 100; ++i) {
        EXPECT_NE(out.find("\"id\":" + std::to_string(i) + ","), std::string::npos) << i;
    }
    EXPECT_EQ(out.find("\"isError\":true"), std::string::npos);
}

TEST(McpStdio, NewlinesInsideAnAnswerDoNotBreakTheFraming) {
    Operation pretty = test::make_operation("pretty", "say");
    pretty.call = [](const Context&, std::string_view, std::string& out) -> Result<void> {
        out += "{\n\"text\":\"a\\n\",\n\"length\":1}";
        return {};
    };
    test::TestServer server({std::move(pretty)});
    const std::string out = serve(
        server, R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pretty_say"}})"
                "\n");
    EXPECT_EQ(std::ranges::count(out, '\n'), 1) << out;
    EXPECT_NE(out.find(R"("structuredContent":{ "text":"a\n", "length":1})"), std::string::npos);
}

}  // namespace
}  // namespace credence::surface
