#include "surface/mcp/mcp.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "surface/mcp/test_server.h"

namespace credence::surface {
namespace {

namespace dom = simdjson::dom;

class McpTest : public testing::Test {
protected:
    McpTest() : mcp_(server_.dispatcher()) { context_.scopes = Scopes::all(); }

    // The answer's text; fails the test unless done was called exactly once.
    std::string ask(std::string_view message) {
        std::string answer;
        int calls = 0;
        mcp_.handle(context_, message, [&](std::string text) {
            answer = std::move(text);
            ++calls;
        });
        EXPECT_EQ(calls, 1) << message;
        EXPECT_TRUE(answer.empty() || validate_json(answer)) << answer;
        return answer;
    }

    dom::element parsed(std::string_view message) {
        answers_.push_back(simdjson::padded_string(ask(message)));
        parsers_.push_back(std::make_unique<dom::parser>());
        return parsers_.back()->parse(answers_.back());
    }

    std::int64_t error_code(std::string_view message) {
        return parsed(message).at_pointer("/error/code").get_int64();
    }

    std::string call(std::string_view params) {
        return ask(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)" +
                   std::string(params) + "}");
    }

    test::TestServer server_;
    Mcp mcp_;
    Context context_;
    std::vector<simdjson::padded_string> answers_;
    std::vector<std::unique_ptr<dom::parser>> parsers_;
};

TEST_F(McpTest, InitializeAnswersTheClientsRevisionWhenItIsKnown) {
    for (const std::string revision : {"2025-06-18", "2025-11-25"}) {
        const auto answer = parsed(
            R"({"jsonrpc":"2.0","id":"a","method":"initialize","params":{"protocolVersion":")" +
            revision + R"(","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})");
        EXPECT_EQ(std::string_view(answer["id"]), "a");
        EXPECT_EQ(std::string_view(answer.at_pointer("/result/protocolVersion")), revision);
        EXPECT_EQ(std::string_view(answer.at_pointer("/result/serverInfo/name")), "credence");
        EXPECT_TRUE(answer.at_pointer("/result/capabilities/tools").is_object());
        EXPECT_TRUE(answer.at_pointer("/result/capabilities/resources").is_object());
        EXPECT_FALSE(std::string_view(answer.at_pointer("/result/instructions")).empty());
    }
    EXPECT_TRUE(Mcp::supports_revision("2025-06-18"));
    EXPECT_FALSE(Mcp::supports_revision("2024-11-05"));
}

TEST_F(McpTest, InitializeOffersTheNewestRevisionToOthers) {
    const auto answer = parsed(R"({"jsonrpc":"2.0","id":1,"method":"initialize",)"
                               R"("params":{"protocolVersion":"2031-01-01"}})");
    EXPECT_EQ(std::string_view(answer.at_pointer("/result/protocolVersion")), "2025-11-25");
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":"initialize"})"), -32602);
}

TEST_F(McpTest, ListsToolsInOrderWithSchemasAndAnnotations) {
    const auto answer = parsed(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})");
    const dom::array tools = answer.at_pointer("/result/tools");
    std::vector<std::string_view> names;
    for (const dom::element tool : tools) {
        names.push_back(tool["name"]);
        EXPECT_EQ(std::string_view(tool.at_pointer("/inputSchema/type")), "object");
    }
    const std::vector<std::string_view> expected = {"echo_say", "echo_drop", "echo_long_say",
                                                    "admin_call_out"};
    EXPECT_EQ(names, expected);

    const dom::element say = tools.at(0);
    EXPECT_EQ(std::string_view(say["title"]), "Does say");
    EXPECT_EQ(std::string_view(say.at_pointer("/outputSchema/type")), "object");
    EXPECT_TRUE(bool(say.at_pointer("/annotations/readOnlyHint")));
    EXPECT_FALSE(bool(say.at_pointer("/annotations/destructiveHint")));

    const dom::element drop = tools.at(1);
    EXPECT_FALSE(bool(drop.at_pointer("/annotations/readOnlyHint")));
    EXPECT_TRUE(bool(drop.at_pointer("/annotations/destructiveHint")));
    EXPECT_TRUE(bool(drop.at_pointer("/annotations/idempotentHint")));
    EXPECT_FALSE(bool(drop.at_pointer("/annotations/openWorldHint")));

    // A background tool may answer with its job, so it promises no output.
    EXPECT_EQ(tools.at(2)["outputSchema"].error(), simdjson::NO_SUCH_FIELD);

    const dom::element acts = tools.at(3);
    EXPECT_TRUE(bool(acts.at_pointer("/annotations/openWorldHint")));
    EXPECT_FALSE(bool(acts.at_pointer("/annotations/idempotentHint")));
}

TEST_F(McpTest, ListsOnlyWhatTheCallerMayCall) {
    context_.scopes = Scopes({"admin:read"});
    const auto answer = parsed(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})");
    const dom::array tools = answer.at_pointer("/result/tools");
    ASSERT_EQ(tools.size(), 1U);
    EXPECT_EQ(std::string_view(tools.at(0)["name"]), "admin_call_out");
    EXPECT_NE(call(R"({"name":"echo_say","arguments":{"text":"a"}})").find("forbidden"),
              std::string::npos);
}

TEST_F(McpTest, CallGivesTextAndStructuredContent) {
    EXPECT_EQ(call(R"({"name":"echo_say","arguments":{"text":"h\"i","times":2},"_meta":{"x":1}})"),
              R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text",)"
              R"("text":"{\"text\":\"h\\\"ih\\\"i\",\"length\":6}"}],)"
              R"("structuredContent":{"text":"h\"ih\"i","length":6},"isError":false}})");
}

TEST_F(McpTest, InvalidArgumentsAreAResultTheModelCanActOn) {
    for (const std::string_view params :
         {R"({"name":"echo_say"})", R"({"name":"echo_say","arguments":null})",
          R"({"name":"echo_say","arguments":{}})"}) {
        EXPECT_EQ(call(params),
                  R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":)"
                  R"("{\"code\":\"invalid\",\"message\":\"is required\",\"field\":\"text\"}"}],)"
                  R"("isError":true}})");
    }
    const std::string unknown = call(R"({"name":"echo_say","arguments":{"text":"a","txet":1}})");
    EXPECT_NE(unknown.find(R"(\"field\":\"txet\")"), std::string::npos) << unknown;
    EXPECT_NE(unknown.find(R"("isError":true)"), std::string::npos);
    EXPECT_EQ(unknown.find("structuredContent"), std::string::npos);
}

TEST_F(McpTest, OperationErrorsAndLimitsAreResults) {
    const std::string missing = call(R"({"name":"echo_drop","arguments":{"key":"k"}})");
    EXPECT_NE(missing.find(R"(\"code\":\"not_found\")"), std::string::npos) << missing;
    const std::string large = call(
        R"({"name":"admin_call_out","arguments":{"text":"0123456789012345678901234567890123"}})");
    EXPECT_NE(large.find(R"(\"code\":\"too_large\")"), std::string::npos) << large;
}

TEST_F(McpTest, UnknownAndHiddenToolsAreProtocolErrors) {
    for (const std::string_view params :
         {R"({"name":"nope"})", R"({"name":"echo_secret","arguments":{"text":"a"}})",
          R"({"name":7})", "{}", R"({"name":"echo_say","arguments":[]})",
          R"({"name":"echo_say","arguments":"x"})", R"({"name":"echo_say","name":"echo_drop"})"}) {
        const std::string answer = call(params);
        EXPECT_NE(answer.find(R"("id":1,"error":{"code":-32602,)"), std::string::npos) << answer;
    }
}

TEST_F(McpTest, EchoesTheId) {
    EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":"q\"7","method":"ping"})"),
              R"({"jsonrpc":"2.0","id":"q\"7","result":{}})");
    EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":-9007199254740993,"method":"ping"})"),
              R"({"jsonrpc":"2.0","id":-9007199254740993,"result":{}})");
}

TEST_F(McpTest, RefusesWhatIsNotARequest) {
    EXPECT_EQ(error_code("{"), -32700);
    EXPECT_EQ(error_code(""), -32700);
    EXPECT_EQ(error_code("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"p\xff\"}"), -32700);
    EXPECT_EQ(error_code(std::string(200, '[')), -32700);
    EXPECT_EQ(error_code(R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])"), -32600);
    EXPECT_EQ(error_code("[]"), -32600);
    EXPECT_EQ(error_code("7"), -32600);
    EXPECT_EQ(error_code("{}"), -32600);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":null,"method":"ping"})"), -32600);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})"), -32600);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"id":2,"method":"ping"})"), -32600);
    EXPECT_EQ(error_code(R"({"jsonrpc":"1.0","id":1,"method":"ping"})"), -32600);
    EXPECT_EQ(error_code(R"({"id":1,"method":"ping"})"), -32600);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":7})"), -32600);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1})"), -32600);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[]})"), -32602);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":"logging/setLevel"})"), -32601);
    EXPECT_EQ(error_code(std::string((8U << 20U) + 1, ' ')), -32600);
}

TEST_F(McpTest, RefusalsCarryTheIdWhenItIsReadable) {
    EXPECT_EQ(ask(R"({"jsonrpc":"1.0","id":5,"method":"ping"})"),
              R"({"jsonrpc":"2.0","id":5,"error":{"code":-32600,)"
              R"("message":"jsonrpc must be \"2.0\""}})");
    EXPECT_NE(ask("{").find(R"("id":null)"), std::string::npos);
}

TEST_F(McpTest, NotificationsAndResponsesAreNotAnswered) {
    EXPECT_EQ(ask(R"({"jsonrpc":"2.0","method":"notifications/initialized"})"), "");
    EXPECT_EQ(ask(R"({"jsonrpc":"2.0","method":"no/such"})"), "");
    EXPECT_EQ(
        ask(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})"),
        "");
    EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":4,"result":{}})"), "");
    EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":4,"error":{"code":1,"message":"m"}})"), "");
}

TEST_F(McpTest, ListsAndReadsResources) {
    const auto list = parsed(R"({"jsonrpc":"2.0","id":1,"method":"resources/list"})");
    const dom::array resources = list.at_pointer("/result/resources");
    ASSERT_EQ(resources.size(), 3U);
    EXPECT_EQ(std::string_view(resources.at(0)["uri"]), "credence://docs/echo");
    EXPECT_EQ(std::string_view(resources.at(1)["uri"]), "credence://docs/admin");
    EXPECT_EQ(std::string_view(resources.at(2)["mimeType"]), "application/json");

    const auto read = parsed(R"({"jsonrpc":"2.0","id":1,"method":"resources/read",)"
                             R"("params":{"uri":"credence://docs/echo"}})");
    EXPECT_EQ(std::string_view(read.at_pointer("/result/contents/0/mimeType")), "text/markdown");
    EXPECT_NE(std::string_view(read.at_pointer("/result/contents/0/text")).find("say"),
              std::string_view::npos);
    const auto openapi = parsed(R"({"jsonrpc":"2.0","id":1,"method":"resources/read",)"
                                R"("params":{"uri":"credence://openapi"}})");
    EXPECT_TRUE(validate_json(std::string_view(openapi.at_pointer("/result/contents/0/text"))));
    const auto templates =
        parsed(R"({"jsonrpc":"2.0","id":1,"method":"resources/templates/list"})");
    EXPECT_EQ(std::string_view(templates.at_pointer("/result/resourceTemplates/0/uriTemplate")),
              "credence://docs/{module}");
}

TEST_F(McpTest, UnknownResourcesAndCursorsAreErrors) {
    EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":1,"method":"resources/read",)"
                  R"("params":{"uri":"credence://docs/x"}})"),
              R"({"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"resource not found",)"
              R"("data":{"uri":"credence://docs/x"}}})");
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":"resources/read"})"), -32602);
    for (const std::string method : {"tools/list", "resources/list", "resources/templates/list"}) {
        for (const std::string cursor : {"\"\"", "\"0\"", "\"-1\"", "\"99\"", "\"x\"", "5"}) {
            EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":")" + method +
                                 R"(","params":{"cursor":)" + cursor + "}}"),
                      -32602);
        }
    }
}

TEST(McpPages, FollowTheCursorToEveryToolOnce) {
    std::vector<Operation> many;
    for (int i = 0; i < 230; ++i) {
        many.push_back(test::make_operation("many", "tool" + std::to_string(i)));
    }
    test::TestServer server(std::move(many));
    Mcp mcp(server.dispatcher());
    Context context;
    context.scopes = Scopes({"many:read"});
    std::vector<std::size_t> sizes;
    std::string cursor;
    std::string last;
    do {
        const std::string params = cursor.empty() ? "{}" : R"({"cursor":")" + cursor + "\"}";
        std::string answer;
        mcp.handle(context,
                   R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":)" + params + "}",
                   [&](std::string text) { answer = std::move(text); });
        dom::parser parser;
        const dom::element root = parser.parse(answer);
        const dom::array tools = root.at_pointer("/result/tools");
        sizes.push_back(tools.size());
        last = std::string_view(tools.at(tools.size() - 1)["name"]);
        const auto next = root.at_pointer("/result/nextCursor");
        cursor = next.error() == simdjson::SUCCESS ? std::string(std::string_view(next)) : "";
    } while (!cursor.empty() && sizes.size() < 10);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{100, 100, 30}));
    EXPECT_EQ(last, "many_tool229");
}

}  // namespace
}  // namespace credence::surface
