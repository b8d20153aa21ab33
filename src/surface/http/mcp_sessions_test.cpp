// Legacy clients of /mcp: sessions, their streams, resuming, asking back.
#include <gtest/gtest.h>

#include "surface/http/test_site.h"

namespace credence::surface {
namespace {

const std::string kAccept = "Accept: application/json, text/event-stream\r\n";
const std::string kJsonHead = "Content-Type: application/json\r\n";

std::string code_of(const std::string& reply) {
    return reply.size() < 12 ? reply : reply.substr(9, 3);
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// The text of a header field in a reply.
std::string field_of(const std::string& reply, const std::string& name) {
    const std::size_t at = reply.find(name + ": ");
    return at == std::string::npos
               ? std::string()
               : reply.substr(at + name.size() + 2, reply.find('\r', at) - at - name.size() - 2);
}

class McpSessionsTest : public testing::Test {
protected:
    static McpSettings settings() {
        McpSettings out;
        out.max_sessions = 2;
        out.max_streams_per_session = 3;
        out.remembered_bytes = 4096;
        return out;
    }
    std::string post(const std::string& body, const std::string& headers = {}) {
        return site_.ask("POST /mcp HTTP/1.1\r\n" + kJsonHead + kAccept + headers, body);
    }
    std::string initialize(const std::string& revision = "2025-11-25") {
        return post(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{)"
                    R"("protocolVersion":")" +
                    revision +
                    R"(","capabilities":{"elicitation":{}},)"
                    R"("clientInfo":{"name":"test","version":"1"}}})");
    }
    // The header line of a new session.
    std::string session(const std::string& revision = "2025-11-25") {
        const std::string reply = initialize(revision);
        EXPECT_EQ(code_of(reply), "200") << reply;
        return "Mcp-Session-Id: " + field_of(reply, "Mcp-Session-Id") + "\r\n";
    }
    static std::string call(const std::string& tool, int id = 5) {
        return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
               R"(,"method":"tools/call","params":{"name":")" + tool + R"("}})";
    }
    // A connection on which a request has been sent.
    std::unique_ptr<TestConnection> send(const std::string& head, const std::string& body = {}) {
        auto connection = std::make_unique<TestConnection>(site_.port());
        std::string text = head + "Host: localhost\r\n" + kAccept;
        if (!body.empty()) {
            text += kJsonHead + "Content-Length: " + std::to_string(body.size()) + "\r\n";
        }
        connection->write(text + "\r\n" + body);
        return connection;
    }
    static constexpr const char* kPost = "POST /mcp HTTP/1.1\r\n";
    static constexpr const char* kGet = "GET /mcp HTTP/1.1\r\n";

    TestSite site_{true, settings()};
};

// Clients that know no header send it: the revision before the header came.
TEST_F(McpSessionsTest, TakesTheAssumedRevisionForNone) {
    const std::string mine = session();
    const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
    EXPECT_EQ(code_of(post(ping, mine + "MCP-Protocol-Version: 2025-03-26\r\n")), "200");
    EXPECT_EQ(code_of(post(ping, "MCP-Protocol-Version: 2025-03-26\r\n")), "200");
    EXPECT_EQ(code_of(post(ping, mine + "MCP-Protocol-Version: 2025-06-18\r\n")), "400");
    EXPECT_EQ(code_of(post(ping, "MCP-Protocol-Version: 2024-11-05\r\n")), "400");
}

TEST_F(McpSessionsTest, InitializeBeginsASessionAndDeleteEndsIt) {
    const std::string reply = initialize();
    const std::string id = field_of(reply, "Mcp-Session-Id");
    EXPECT_EQ(id.size(), 32U) << reply;
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_TRUE(contains(reply, R"("protocolVersion":"2025-11-25")")) << reply;
    const std::string header = "Mcp-Session-Id: " + id + "\r\n";
    EXPECT_EQ(code_of(post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
                           header + "MCP-Protocol-Version: 2025-11-25\r\n")),
              "202");
    EXPECT_EQ(code_of(post(call("plain"), header)), "200");
    EXPECT_EQ(code_of(post(call("plain"), header + "MCP-Protocol-Version: 2025-06-18\r\n")), "400");
    EXPECT_EQ(code_of(site_.ask("DELETE /mcp HTTP/1.1\r\n" + header)), "204");
    EXPECT_EQ(code_of(post(call("plain"), header)), "404");
    EXPECT_EQ(code_of(site_.ask("DELETE /mcp HTTP/1.1\r\n" + header)), "404");
    EXPECT_EQ(code_of(site_.ask("GET /mcp HTTP/1.1\r\n" + kAccept + header)), "404");
}

TEST_F(McpSessionsTest, OlderRevisionsAreNegotiated) {
    EXPECT_TRUE(contains(initialize("2025-06-18"), R"("protocolVersion":"2025-06-18")"));
    EXPECT_TRUE(contains(initialize("1999-01-01"), R"("protocolVersion":"2025-11-25")"));
    EXPECT_TRUE(
        contains(post(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{}})"), "-32602"));
}

TEST_F(McpSessionsTest, RequestsWithoutASessionWorkButCannotAsk) {
    EXPECT_TRUE(contains(post(call("plain")), R"("id":5,"result")"));
    EXPECT_TRUE(contains(post(call("tell")), R"({"n":2})"));
    const std::string asked = post(call("ask"));
    EXPECT_EQ(code_of(asked), "200");
    EXPECT_TRUE(contains(asked, R"("error")")) << asked;
    const std::string level =
        post(R"({"jsonrpc":"2.0","id":5,"method":"logging/setLevel","params":{"level":"info"}})");
    EXPECT_EQ(code_of(level), "400");
    EXPECT_EQ(code_of(post(R"({"jsonrpc":"2.0","id":1,"result":{}})")), "400");
    EXPECT_EQ(code_of(site_.ask("GET /mcp HTTP/1.1\r\n" + kAccept)), "405");
    EXPECT_EQ(code_of(site_.ask("DELETE /mcp HTTP/1.1\r\n")), "405");
}

TEST_F(McpSessionsTest, AsksTheClientInTheMiddleOfARequest) {
    const std::string header = session();
    auto stream = send(kPost + header, call("ask"));
    const std::string begin = stream->read_until("\"method\":\"elicitation/create\"");
    EXPECT_TRUE(contains(begin, "text/event-stream")) << begin;
    EXPECT_TRUE(contains(begin, "id: 1-0\nretry: ")) << "primed: " << begin;
    EXPECT_TRUE(contains(begin, R"("id":1,"method")")) << begin;
    const std::string answer =
        R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"name":"Ada"}}})";
    EXPECT_EQ(code_of(post(answer, header)), "202");
    const std::string end = stream->read_until("Ada");
    EXPECT_TRUE(contains(end, R"("id":5,"result")")) << end;
    EXPECT_EQ(code_of(post(answer, header)), "202") << "too late, and harmless";
}

TEST_F(McpSessionsTest, PausedStreamsAreResumedAlsoAfterTheAnswer) {
    const std::string header = session();
    const std::string broken =
        site_.ask(std::string(kPost) + kJsonHead + kAccept + header, call("pause"));
    EXPECT_TRUE(contains(broken, "id: 1-0\nretry: 5\n")) << broken;
    EXPECT_FALSE(contains(broken, R"("result")")) << broken;
    auto waiting = send(kGet + header + "Last-Event-ID: 1-0\r\n");
    EXPECT_TRUE(site_.feature.release());
    EXPECT_TRUE(contains(waiting->read_until("released"), "id: 1-1\n"));
    const std::string again =
        site_.ask("GET /mcp HTTP/1.1\r\n" + kAccept + header + "Last-Event-ID: 1-0\r\n");
    EXPECT_EQ(code_of(again), "200");
    EXPECT_TRUE(contains(again, "released")) << again;
    for (const char* id : {"1-9", "9-0"}) {
        EXPECT_EQ(code_of(site_.ask("GET /mcp HTTP/1.1\r\n" + kAccept + header +
                                    "Last-Event-ID: " + id + "\r\n")),
                  "404")
            << id;
    }
    EXPECT_EQ(code_of(site_.ask("GET /mcp HTTP/1.1\r\n" + kAccept + header +
                                "Last-Event-ID: nonsense\r\n")),
              "400");
}

TEST_F(McpSessionsTest, LeavingIsNotCancelling) {
    const std::string header = session();
    {
        EXPECT_TRUE(contains(send(kPost + header, call("hold"))->read_until("held"), "id: 1-1"));
    }
    EXPECT_TRUE(site_.feature.release());
    EXPECT_EQ(site_.feature.cancelled(), 0);
    const std::string rest =
        site_.ask("GET /mcp HTTP/1.1\r\n" + kAccept + header + "Last-Event-ID: 1-1\r\n");
    EXPECT_TRUE(contains(rest, "released")) << rest;
    EXPECT_FALSE(contains(rest, "held")) << "only what came after";
}

TEST_F(McpSessionsTest, CancelledRequestsAreGivenUp) {
    const std::string header = session();
    auto stream = send(kPost + header, call("hold"));
    stream->read_until("held");
    EXPECT_TRUE(site_.feature.wait_for_held());
    EXPECT_EQ(code_of(post(R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
                           R"("params":{"requestId":5}})",
                           header)),
              "202");
    EXPECT_TRUE(site_.feature.wait_for_cancelled());
    EXPECT_TRUE(contains(stream->read_until("0\r\n\r\n"), "0\r\n\r\n")) << "the stream has ended";
}

TEST_F(McpSessionsTest, StandaloneStreamCarriesWhatWasSubscribed) {
    const std::string header = session("2025-06-18");
    const std::string subscribe = R"({"jsonrpc":"2.0","id":9,"method":"resources/subscribe",)"
                                  R"("params":{"uri":"test://)";
    EXPECT_TRUE(contains(post(subscribe + R"(one"}})", header), R"("result":{})"));
    EXPECT_TRUE(contains(post(subscribe + R"(two"}})", header), R"("code":-32002)"));
    auto stream = send(kGet + header);
    EXPECT_EQ(code_of(stream->read_until("\r\n\r\n")), "200");
    site_.notices().publish({.kind = mcp::Notice::Kind::resource, .subject = "test://two"});
    site_.notices().publish({.kind = mcp::Notice::Kind::resource, .subject = "test://one"});
    const std::string told = stream->read_until("test://one");
    EXPECT_TRUE(contains(told, "notifications/resources/updated")) << told;
    EXPECT_FALSE(contains(told, "test://two")) << told;
    EXPECT_FALSE(contains(told, "data: \n")) << "2025-06-18 has no priming event: " << told;
    EXPECT_TRUE(contains(post(R"({"jsonrpc":"2.0","id":9,"method":"resources/unsubscribe",)"
                              R"("params":{"uri":"test://one"}})",
                              header),
                         R"("result":{})"));
    site_.notices().publish({.kind = mcp::Notice::Kind::resource, .subject = "test://one"});
    site_.notices().publish({.kind = mcp::Notice::Kind::tools});
    const std::string changed = stream->read_until("tools/list_changed");
    EXPECT_TRUE(contains(changed, "notifications/tools/list_changed")) << changed;
    EXPECT_FALSE(contains(changed, "test://one")) << changed;
    // A second stream takes the place of the first.
    auto second = send(kGet + header);
    second->read_until("\r\n\r\n");
    EXPECT_TRUE(contains(stream->read_until("0\r\n\r\n"), "0\r\n\r\n"));
    site_.notices().publish({.kind = mcp::Notice::Kind::prompts});
    EXPECT_TRUE(contains(second->read_until("prompts/list_changed"), "prompts/list_changed"));
}

TEST_F(McpSessionsTest, TheLongestIdleGoesWhenAllAreTaken) {
    const std::string first = session();
    const std::string second = session();
    EXPECT_EQ(code_of(post(call("plain"), first)), "200") << "used again";
    const std::string third = session();
    EXPECT_EQ(code_of(post(call("plain"), second)), "404");
    EXPECT_EQ(code_of(post(call("plain"), first)), "200");
    auto one = send(kGet + first);
    one->read_until("\r\n\r\n");
    auto other = send(kGet + third);
    other->read_until("\r\n\r\n");
    const std::string full = initialize();
    EXPECT_EQ(code_of(full), "503") << full;
    EXPECT_TRUE(contains(full, "Retry-After: ")) << full;
}

TEST_F(McpSessionsTest, BeyondItsStreamsASessionIsAnsweredPlainly) {
    const std::string header = session();
    for (int i = 0; i < 3; ++i) {
        send(kPost + header, call("hold", i))->read_until("held");
    }
    // The session's streams are all in use: this one is answered as plain JSON.
    EXPECT_TRUE(contains(post(call("tell"), header), "Content-Type: application/json"));
    EXPECT_EQ(code_of(site_.ask("GET /mcp HTTP/1.1\r\n" + kAccept + header)), "503");
    EXPECT_TRUE(site_.feature.release());
}

}  // namespace
}  // namespace credence::surface
