#include "surface/mcp/mcp.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "surface/mcp/mcp_testing.h"
#include "surface/mcp/protocol/request_state.h"

namespace credence::surface::test {
namespace {

using mcp::items_of;
using mcp::Members;

TEST_F(McpTest, EveryRequestIsAnsweredInItsEra) {
    EXPECT_EQ(ask("ping"), ok("{}"));
    EXPECT_EQ(ask("tools/call", R"({"name":"arguments"})"), ok(R"({"given":null})"));
    modern();
    EXPECT_EQ(ask("ping"), failed(-32601, R"("unknown method: ping")"));
    EXPECT_EQ(ask("tools/call", R"({"name":"arguments","arguments":{"a":[1]},"more":true})"),
              modern_ok(R"("given":{"a":[1]})"));
    EXPECT_EQ(ask("resources/read", R"({"uri":"test://here"})"),
              modern_ok(R"("ttlMs":0,"cacheScope":"private","contents":[])"));
}

TEST_F(McpTest, MethodsOfTheOtherEraDoNotExist) {
    for (const std::string_view method :
         {"server/discover", "subscriptions/listen", "initialize", "logging/setLevel",
          "resources/subscribe", "no/such", "", "tools/list/", "skills/none"}) {
        EXPECT_EQ(code(method), -32601) << method;
    }
    modern();
    for (const std::string_view method :
         {"initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
          "no/such"}) {
        EXPECT_EQ(code(method), -32601) << method;
    }
    const std::string_view params = R"({"a":1})";
    EXPECT_EQ(ask(std::string(1'000, 'x'), params),
              failed(-32601, R"("unknown method: )" + std::string(128, 'x') + '"'));
}

TEST_F(McpTest, NotificationsAskForNothing) {
    exchange_ = std::make_shared<HeardExchange>();
    mcp::RpcMessage message;
    message.kind = mcp::RpcMessage::Kind::notification;
    message.method = "notifications/initialized";
    EXPECT_EQ(mcp_->handle(caller_, std::move(message), exchange_), nullptr);
    EXPECT_EQ(exchange_->answers(), std::vector<std::string>{""});
}

TEST_F(McpTest, InitializeSaysWhatWeCan) {
    const auto result = Members::parse(mcp_->initialize_result(mcp::Revision::r2025_06_18)).value();
    EXPECT_EQ(result["protocolVersion"].value, "2025-06-18");
    EXPECT_EQ(result["serverInfo"].value, R"({"name":"credence","title":"Credence","version":")" +
                                              std::string(kVersion) + "\"}");
    const auto can = Members::of(result["capabilities"]);
    EXPECT_EQ(can["tools"].value, R"({"listChanged":true})");
    EXPECT_EQ(can["prompts"].value, R"({"listChanged":true})");
    EXPECT_EQ(can["resources"].value, R"({"subscribe":true,"listChanged":true})");
    EXPECT_EQ(can["completions"].value, "{}");
    EXPECT_EQ(can["logging"].value, "{}");
    EXPECT_TRUE(can["tasks"].is_absent());  // there are no jobs here
    EXPECT_NE(result["instructions"].value.find("credence://docs/{module}"), std::string::npos);
    EXPECT_LT(result["instructions"].value.size(), 400U);
}

TEST_F(McpTest, NegotiatesLegacyRevisionsOnly) {
    using enum mcp::Revision;
    EXPECT_EQ(Mcp::negotiate("2025-06-18"), r2025_06_18);
    EXPECT_EQ(Mcp::negotiate("2025-11-25"), r2025_11_25);
    EXPECT_EQ(Mcp::negotiate("2026-07-28"), r2025_11_25);
    EXPECT_EQ(Mcp::negotiate("2024-11-05"), r2025_11_25);
    EXPECT_EQ(Mcp::negotiate(""), r2025_11_25);
}

TEST_F(McpTest, DiscoverSaysTheSameAndCanBeKept) {
    modern();
    const auto found = result("server/discover");
    EXPECT_EQ(found["supportedVersions"].value, R"(["2026-07-28","2025-11-25","2025-06-18"])");
    EXPECT_EQ(found["ttlMs"].integer(), 3'600'000);
    EXPECT_EQ(found["cacheScope"].value, "public");
    EXPECT_EQ(found["resultType"].value, "complete");
    const auto can = Members::of(found["capabilities"]);
    const auto extensions = Members::of(can["extensions"]);
    EXPECT_EQ(extensions["com.example/x"].value, R"({"y":1})");
    EXPECT_TRUE(extensions["io.modelcontextprotocol/tasks"].is_object());
    EXPECT_TRUE(extensions["io.modelcontextprotocol/skills"].is_object());
    EXPECT_TRUE(can["tools"].is_object());
    EXPECT_TRUE(Members::of(found["_meta"])["io.modelcontextprotocol/serverInfo"].is_object());
}

TEST_F(McpTest, ToolErrors) {
    for (const bool is_modern : {false, true}) {
        is_modern ? modern() : legacy();
        EXPECT_EQ(ask("tools/call", R"({"name":"no\"pe"})"),
                  failed(-32602, R"("unknown tool: no\"pe")"));
        EXPECT_EQ(ask("tools/call", "{}"), failed(-32602, R"("params.name must be a string")"));
        EXPECT_EQ(ask("tools/call", R"({"name":"ask","arguments":[]})"),
                  failed(-32602, R"("params.arguments must be an object")"));
        EXPECT_EQ(ask("prompts/get", R"({"name":"nope"})"),
                  failed(-32602, R"("unknown prompt: nope")"));
        EXPECT_EQ(code("prompts/get", R"({"name":7})"), -32602);
        EXPECT_EQ(code("resources/read"), -32602);
        EXPECT_EQ(code("completion/complete", R"({"ref":{"type":"ref/prompt","name":"nope"},)"
                                              R"("argument":{"name":"a","value":""}})"),
                  -32602);
    }
}

TEST_F(McpTest, UnknownResources) {
    EXPECT_EQ(ask("resources/read", R"({"uri":"test://no\"where"})"),
              failed(-32002, R"("resource not found","data":{"uri":"test://no\"where"})"));
    modern();
    EXPECT_EQ(ask("resources/read", R"({"uri":"test://nowhere"})"),
              failed(-32602, R"("resource not found","data":{"uri":"test://nowhere"})"));
}

TEST_F(McpTest, OperationsAreTools) {
    EXPECT_EQ(
        ask("tools/call", R"({"name":"echo_say","arguments":{"text":"h\"i","times":2}})"),
        ok(R"({"content":[{"type":"text","text":"{\"text\":\"h\\\"ih\\\"i\",\"length\":6}"}],)"
           R"("structuredContent":{"text":"h\"ih\"i","length":6},"isError":false})"));
    EXPECT_EQ(ask("tools/call", R"({"name":"echo_say"})"),
              ok(R"({"content":[{"type":"text","text":)"
                 R"("{\"code\":\"invalid\",\"message\":\"is required\",\"field\":\"text\"}"}],)"
                 R"("isError":true})"));
    EXPECT_EQ(code("tools/call", R"({"name":"echo_secret","arguments":{"text":"a"}})"), -32602);
    EXPECT_FALSE(mcp_->input_schema("echo_say").empty());
    EXPECT_EQ(mcp_->input_schema("ask"), R"({"type":"object"})");
    EXPECT_EQ(mcp_->input_schema("none"), "");
}

TEST_F(McpTest, ListsShowWhatTheCallerMayUse) {
    caller_.context.scopes = Scopes({"admin:read"});
    const auto few = items_of(result("tools/list")["tools"].value);
    ASSERT_FALSE(few.empty());
    for (const auto& tool : few) {
        EXPECT_FALSE(Members::of(tool)["name"].value.starts_with("echo_"));
    }
}

TEST_F(McpTest, ListsAreCacheableForModernClientsOnly) {
    for (const std::string_view method :
         {"tools/list", "prompts/list", "resources/list", "resources/templates/list"}) {
        legacy();
        EXPECT_TRUE(result(method)["ttlMs"].is_absent()) << method;
        modern();
        const auto found = result(method);
        EXPECT_EQ(found["ttlMs"].integer(), 300'000) << method;
        EXPECT_EQ(found["cacheScope"].value, "private") << method;
        EXPECT_EQ(found["resultType"].value, "complete") << method;
    }
    EXPECT_EQ(items_of(result("prompts/list")["prompts"].value).size(), 1U);
    EXPECT_FALSE(items_of(result("resources/list")["resources"].value).empty());
}

TEST_F(McpTest, PagesFollowTheCursorToEveryToolOnce) {
    const std::size_t own = items_of(result("tools/list")["tools"].value).size();
    fixtures_.many = 230;
    std::vector<std::size_t> sizes;
    std::string params = "{}";
    std::string last;
    while (!params.empty() && sizes.size() < 10) {
        const auto page = result("tools/list", params);
        const auto tools = items_of(page["tools"].value);
        sizes.push_back(tools.size());
        last = Members::of(tools.back())["name"].value;
        const auto& next = page["nextCursor"];
        params = next.is_absent() ? "" : R"({"cursor":)" + next.json() + "}";
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{100, 100, 30 + own}));
    EXPECT_EQ(last, "many229");
}

TEST_F(McpTest, ForeignCursorsAreRefused) {
    fixtures_.many = 230;
    const std::string ours = result("tools/list")["nextCursor"].json();
    for (const std::string_view method :
         {"tools/list", "prompts/list", "resources/list", "resources/templates/list"}) {
        for (const std::string& cursor :
             {std::string(R"("")"), std::string(R"("100")"), std::string(R"("x")"),
              std::string("5"), std::string("{}"), ours.substr(0, ours.size() - 2) + '"'}) {
            EXPECT_EQ(ask(method, R"({"cursor":)" + cursor + "}"),
                      failed(-32602, R"("unknown cursor")"))
                << method << cursor;
        }
    }
    EXPECT_EQ(code("prompts/list", R"({"cursor":)" + ours + "}"), -32602);
    EXPECT_FALSE(result("tools/list", R"({"cursor":)" + ours + "}")["tools"].is_absent());
    fixtures_.many = 0;  // the list has shrunk under the cursor
    EXPECT_EQ(code("tools/list", R"({"cursor":)" + ours + "}"), -32602);
    EXPECT_FALSE(result("tools/list", R"({"cursor":null})")["tools"].is_absent());
}

TEST_F(McpTest, FeaturesTakeMethodsOfTheirOwn) {
    EXPECT_EQ(ask("tasks/get"), ok(R"({"resultType":"task"})"));
    modern();
    EXPECT_NE(ask("tasks/get").find(R"("resultType":"task"})"), std::string::npos);
    EXPECT_EQ(code("tasks/none"), -32601);
}

TEST_F(McpTest, LegacyInputIsAskedForOverTheExchange) {
    const auto request = send("tools/call", R"({"name":"ask"})");
    ASSERT_NE(request, nullptr);
    ASSERT_EQ(exchange_->questions().size(), 1U);
    EXPECT_EQ(exchange_->questions()[0].method, "elicitation/create");
    EXPECT_EQ(exchange_->questions()[0].params, R"({"message":"Who?"})");
    exchange_->questions()[0].done(R"({"action":"accept"})");
    EXPECT_EQ(answer(), ok(R"({"state":"asked","name":{"action":"accept"}})"));
}

class McpInputTest : public McpTest {
protected:
    McpInputTest() {
        modern();
        const auto asked = result("tools/call", R"({"name":"ask","arguments":{"a":1}})");
        EXPECT_EQ(asked["resultType"].value, "input_required");
        EXPECT_EQ(asked["inputRequests"].value,
                  R"({"name":{"method":"elicitation/create","params":{"message":"Who?"}}})");
        state_ = asked["requestState"].value;
    }
    std::string retry(const std::string& state, std::string_view arguments = R"({"a":1})") {
        return ask("tools/call", R"({"name":"ask","arguments":)" + std::string(arguments) +
                                     R"(,"inputResponses":{"name":{"action":"accept"}},)"
                                     R"("requestState":")" +
                                     state + "\"}");
    }
    static std::string refused() {
        return failed(-32602, R"("requestState is not one of ours for this request")");
    }
    std::string state_;
};

TEST_F(McpInputTest, GoesOnWithTheStateThatWasSealed) {
    EXPECT_EQ(retry(state_), modern_ok(R"("state":"asked","name":{"action":"accept"})"));
}

TEST_F(McpInputTest, TamperedStateIsRefused) {
    EXPECT_EQ(retry(state_ + "-TAMPERED"), refused());
    std::string changed = state_;
    changed[changed.size() / 2] = changed[changed.size() / 2] == 'a' ? 'b' : 'a';
    EXPECT_EQ(retry(changed), refused());
    EXPECT_EQ(retry(""), refused());
}

TEST_F(McpInputTest, ForeignStateIsRefused) {
    EXPECT_EQ(retry(state_, R"({"a":2})"), refused());
    caller_.context.actor = "another key";
    EXPECT_EQ(retry(state_), refused());
    TestServer other;
    EXPECT_EQ(retry(state_), refused());
}

TEST_F(McpInputTest, ExpiredStateIsRefused) {
    server_.clock().advance_us(mcp::StateSeal::kLifeUs);
    EXPECT_EQ(retry(state_), refused());
}

TEST_F(McpInputTest, AClientThatCannotBeAskedIsTold) {
    caller_.capabilities = {};
    EXPECT_EQ(ask("tools/call", R"({"name":"ask"})"),
              failed(-32021, R"("the client lacks a capability this needs",)"
                             R"("data":{"requiredCapabilities":{"elicitation":{"form":{}}}})"));
}

TEST_F(McpTest, CancellingAndAnsweringRaceToOneEnd) {
    for (int round = 0; round < 200; ++round) {
        const auto request = send("tools/call", R"({"name":"hold"})");
        ASSERT_NE(request, nullptr);
        std::atomic<int> told = 0;
        request->on_cancelled([&] { ++told; });
        std::thread feature([&] { fixtures_.held.back()->finish("{}"); });
        request->cancel();
        feature.join();
        EXPECT_EQ(static_cast<int>(exchange_->answers().size()) + told, 1);
    }
}

}  // namespace
}  // namespace credence::surface::test
