// Modern requests and everything before the protocol; sessions are in mcp_sessions_test.cpp.
#include "surface/http/mcp_endpoint.h"

#include <gtest/gtest.h>

#include "surface/http/test_site.h"

namespace credence::surface {
namespace {

const std::string kBoth = "Accept: application/json, text/event-stream\r\n";
const std::string kModern = "MCP-Protocol-Version: 2026-07-28\r\n";
const std::string kMeta = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                          R"("io.modelcontextprotocol/clientCapabilities":{}})";

std::string status_of(const std::string& reply) {
    return reply.size() < 12 ? reply : reply.substr(9, 3);
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

class McpEndpointTest : public testing::Test {
protected:
    std::string post(const std::string& body, const std::string& headers) {
        return site_.ask("POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\n" + headers,
                         body);
    }
    // A whole modern request; `more` stands beside _meta in params.
    std::string modern(const std::string& method, const std::string& more = {},
                       const std::string& headers = {}) {
        return post(body_of(method, more),
                    kBoth + kModern + "Mcp-Method: " + method + "\r\n" + headers);
    }
    std::string call(const std::string& tool, const std::string& headers = {},
                     const std::string& arguments = "{}") {
        return modern("tools/call", R"("name":")" + tool + R"(","arguments":)" + arguments,
                      "Mcp-Name: " + tool + "\r\n" + headers);
    }
    static std::string body_of(const std::string& method, const std::string& more = {}) {
        return R"({"jsonrpc":"2.0","id":7,"method":")" + method + R"(","params":{)" + more +
               (more.empty() ? "" : ",") + kMeta + "}}";
    }

    TestSite site_;
};

TEST_F(McpEndpointTest, AnswersPlainlyWhatNeedsNoStream) {
    const std::string reply = call("plain");
    EXPECT_EQ(status_of(reply), "200") << reply;
    EXPECT_TRUE(has(reply, "Content-Type: application/json")) << reply;
    EXPECT_TRUE(has(reply, R"("id":7,"result":{)")) << reply;
    EXPECT_FALSE(has(reply, "Mcp-Session-Id")) << reply;
    EXPECT_EQ(status_of(modern("server/discover")), "200");
}

TEST_F(McpEndpointTest, StreamsWhatIsSentBeforeTheAnswer) {
    const std::string reply = call("tell");
    EXPECT_EQ(status_of(reply), "200") << reply;
    EXPECT_TRUE(has(reply, "Content-Type: text/event-stream")) << reply;
    EXPECT_TRUE(has(reply, "X-Accel-Buffering: no")) << reply;
    EXPECT_TRUE(has(reply, "Cache-Control: no-store")) << reply;
    const std::size_t first = reply.find(R"({"n":1})");
    const std::size_t second = reply.find(R"({"n":2})");
    const std::size_t answer = reply.find(R"("id":7,"result")");
    ASSERT_NE(answer, std::string::npos) << reply;
    EXPECT_LT(first, second);
    EXPECT_LT(second, answer);
    EXPECT_FALSE(has(reply, "\nid:")) << "modern streams cannot be resumed";
}

TEST_F(McpEndpointTest, AClientOfJsonOnlyGetsJson) {
    const std::string reply = post(
        body_of("tools/call", R"("name":"tell")"),
        "Accept: application/json\r\n" + kModern + "Mcp-Method: tools/call\r\nMcp-Name: tell\r\n");
    EXPECT_EQ(status_of(reply), "200");
    EXPECT_TRUE(has(reply, "Content-Type: application/json")) << reply;
    EXPECT_FALSE(has(reply, R"({"n":1})"));
    const std::string listen =
        post(body_of("subscriptions/listen"),
             "Accept: application/json\r\n" + kModern + "Mcp-Method: subscriptions/listen\r\n");
    EXPECT_EQ(status_of(listen), "406");
}

TEST_F(McpEndpointTest, ClosingTheStreamCancels) {
    {
        TestConnection connection(site_.port());
        const std::string body = body_of("tools/call", R"("name":"hold")");
        connection.write(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\n"
            "Content-Type: application/json\r\n" +
            kBoth + kModern + "Mcp-Method: tools/call\r\nMcp-Name: hold\r\n" +
            "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        EXPECT_TRUE(has(connection.read_until("\"held\":true}"), "held"));
    }
    EXPECT_TRUE(site_.feature.wait_for_cancelled());
    EXPECT_TRUE(site_.feature.release());
}

TEST_F(McpEndpointTest, RequiredMetaComesBeforeEverything) {
    const auto meta = [this](const std::string& members) {
        return post(
            R"({"jsonrpc":"2.0","id":7,"method":"server/discover","params":{)" + members + "}}",
            kBoth + kModern + "Mcp-Method: server/discover\r\n");
    };
    for (const std::string& members : std::vector<std::string>{
             R"()", R"("_meta":3)", R"("_meta":{})",
             R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"})",
             R"("_meta":{"io.modelcontextprotocol/clientCapabilities":{}})"}) {
        const std::string reply = meta(members);
        EXPECT_EQ(status_of(reply), "400") << members;
        EXPECT_TRUE(has(reply, R"("id":7,"error":{"code":-32602)")) << reply;
    }
    // A modern method is modern without any header.
    EXPECT_TRUE(has(post(R"({"jsonrpc":"2.0","id":7,"method":"server/discover"})", kBoth),
                    R"("code":-32602)"));
}

TEST_F(McpEndpointTest, VersionsAreNegotiatedByRefusal) {
    const std::string unknown =
        R"({"jsonrpc":"2.0","id":7,"method":"server/discover","params":{"_meta":{)"
        R"("io.modelcontextprotocol/protocolVersion":"v999",)"
        R"("io.modelcontextprotocol/clientCapabilities":{}}}})";
    const std::string method = "Mcp-Method: server/discover\r\n";
    const std::string refused = post(unknown, kBoth + method + "MCP-Protocol-Version: v999\r\n");
    EXPECT_EQ(status_of(refused), "400");
    EXPECT_TRUE(has(refused, R"("code":-32022)")) << refused;
    EXPECT_TRUE(has(refused, R"("requested":"v999")")) << refused;
    EXPECT_TRUE(has(refused, R"("supported":["2026-07-28")")) << refused;
    const std::string mismatched = post(unknown, kBoth + method + kModern);
    EXPECT_EQ(status_of(mismatched), "400");
    EXPECT_TRUE(has(mismatched, R"("code":-32020)")) << mismatched;
    // Of a legacy message the header alone decides.
    const std::string old = post(R"({"jsonrpc":"2.0","id":7,"method":"tools/list"})",
                                 kBoth + "MCP-Protocol-Version: 1999-01-01\r\n");
    EXPECT_EQ(status_of(old), "400");
    EXPECT_TRUE(has(old, R"("code":-32022)")) << old;
}

TEST_F(McpEndpointTest, HeadersMustRepeatTheBody) {
    const std::string body = body_of("tools/call", R"("name":"plain")");
    for (const std::string& headers :
         {std::string("Mcp-Method: tools/list\r\nMcp-Name: plain\r\n"),
          std::string("Mcp-Name: plain\r\n"), std::string("Mcp-Method: tools/call\r\n"),
          std::string("Mcp-Method: tools/call\r\nMcp-Name: other\r\n")}) {
        const std::string reply = post(body, kBoth + kModern + headers);
        EXPECT_EQ(status_of(reply), "400") << headers;
        EXPECT_TRUE(has(reply, R"("id":7,"error":{"code":-32020)")) << reply;
    }
    EXPECT_EQ(status_of(post(
                  body, kBoth + kModern + "MCP-METHOD: tools/call\r\nmcp-name:   plain  \r\n")),
              "200");
    EXPECT_EQ(status_of(post(body, kBoth + kModern +
                                       "Mcp-Method: tools/call\r\n"
                                       "Mcp-Name: =?base64?cGxhaW4=?=\r\n")),
              "200");
    EXPECT_EQ(status_of(post(body, kBoth + "Mcp-Method: tools/call\r\nMcp-Name: plain\r\n")), "400")
        << "the version's header is required too";
}

TEST_F(McpEndpointTest, ParameterHeadersMustRepeatTheArguments) {
    const std::string arguments = R"({"region":"eu","where":{"zone":3}})";
    const std::string zone = "Mcp-Param-Zone: 3\r\n";
    EXPECT_EQ(status_of(call("region", "Mcp-Param-Region: eu\r\n" + zone, arguments)), "200");
    EXPECT_EQ(status_of(call("region", "mcp-param-region: =?base64?ZXU=?=\r\n" + zone, arguments)),
              "200");
    EXPECT_EQ(status_of(call("region", {}, "{}")), "200");
    for (const std::string& headers :
         {zone, "Mcp-Param-Region: us\r\n" + zone, std::string("Mcp-Param-Region: eu\r\n"),
          "Mcp-Param-Region: =?base64?ZXU?=\r\n" + zone}) {
        const std::string reply = call("region", headers, arguments);
        EXPECT_EQ(status_of(reply), "400") << headers;
        EXPECT_TRUE(has(reply, R"("code":-32020)")) << reply;
    }
}

TEST_F(McpEndpointTest, UnknownMethodsAreNotFound) {
    for (const char* method : {"initialize", "ping", "logging/setLevel", "resources/subscribe",
                               "resources/unsubscribe", "unknown/method"}) {
        const std::string reply = modern(method);
        EXPECT_EQ(status_of(reply), "404") << method;
        EXPECT_TRUE(has(reply, R"("id":7,"error":{"code":-32601)")) << reply;
    }
}

TEST_F(McpEndpointTest, MissingCapabilitiesAreBadRequests) {
    const std::string reply = call("ask");
    EXPECT_EQ(status_of(reply), "400") << reply;
    EXPECT_TRUE(has(reply, R"("code":-32021)")) << reply;
}

TEST_F(McpEndpointTest, HasNoSessionsForModernClients) {
    for (const std::string& verb : {std::string("GET"), std::string("DELETE")}) {
        const std::string reply =
            site_.ask(verb + " /mcp HTTP/1.1\r\n" + kBoth + kModern + "Mcp-Session-Id: x\r\n");
        EXPECT_EQ(status_of(reply), "405");
        EXPECT_TRUE(has(reply, "Allow: POST\r\n")) << reply;
    }
    const std::string reply =
        modern("tools/list", {}, "Mcp-Session-Id: 00112233445566778899aabbccddeeff\r\n");
    EXPECT_EQ(status_of(reply), "200") << reply;
    EXPECT_FALSE(has(reply, "Mcp-Session-Id")) << reply;
}

TEST_F(McpEndpointTest, NotificationsAreAcceptedAndAnswersRefused) {
    EXPECT_EQ(status_of(post(R"({"jsonrpc":"2.0","method":"notifications/x"})", kBoth + kModern)),
              "202");
    EXPECT_EQ(status_of(post(R"({"jsonrpc":"2.0","id":1,"result":{}})", kBoth + kModern)), "400");
}

TEST_F(McpEndpointTest, RefusesWhatIsNoMessage) {
    EXPECT_TRUE(has(post("{", kBoth), R"("id":null,"error":{"code":-32700)"));
    EXPECT_EQ(status_of(post("{", kBoth)), "400");
    EXPECT_EQ(status_of(post("[]", kBoth)), "400");
    const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
    EXPECT_EQ(status_of(post(ping, "Accept: text/html\r\n")), "406");
    EXPECT_EQ(status_of(site_.ask("POST /mcp HTTP/1.1\r\nContent-Type: text/plain\r\n", ping)),
              "415");
    EXPECT_EQ(status_of(post(std::string(McpEndpoint::kMaxMessageBytes + 1, ' '), kBoth)), "413");
    EXPECT_EQ(status_of(post(ping, "Origin: http://evil.example\r\n")), "403");
    EXPECT_EQ(status_of(post(ping, "Host: evil.example\r\n")), "421");
    EXPECT_EQ(status_of(post(ping, "Origin: http://localhost:1\r\n")), "200");
    const std::string put = site_.ask("PUT /mcp HTTP/1.1\r\n", "{}");
    EXPECT_EQ(status_of(put), "405");
    EXPECT_TRUE(has(put, "Allow: GET, POST, DELETE\r\n")) << put;
}

}  // namespace
}  // namespace credence::surface
