#include "surface/mcp/telemetry.h"

#include <gtest/gtest.h>

#include "surface/mcp/mcp_testing.h"

namespace credence::surface::test {
namespace {

class KeptSpans final : public SpanSink {
public:
    Span begin(std::string name, SpanKind kind, const TraceContext& parent) override {
        Span span;
        span.name = std::move(name);
        span.kind = kind;
        span.parent = parent;
        span.trace_id = parent.valid() ? parent.trace_id : std::array<std::uint8_t, 16>{9};
        span.span_id = {5};
        return span;
    }
    void end(Span span) override { ended.push_back(std::move(span)); }

    std::vector<Span> ended;
};

std::string attribute(const Span& span, std::string_view name) {
    for (const auto& [key, value] : span.attributes) {
        if (key == name) {
            return std::get<std::string>(value);
        }
    }
    return "(none)";
}

class McpTelemetryTest : public McpTest {
protected:
    McpTelemetryTest() {
        McpParts parts = server_.mcp_parts();
        parts.more = {&fixtures_};
        parts.spans = &spans_;
        mcp_ = std::make_unique<Mcp>(std::move(parts));
    }
    const Span& span() { return spans_.ended.back(); }
    KeptSpans spans_;
};

TEST_F(McpTelemetryTest, ASpanPerRequest) {
    caller_.context.trace.trace_id = {1, 2, 3};
    caller_.context.trace.span_id = {4};
    caller_.session_id = "s-1";
    ask("tools/call", R"({"name":"arguments"})");
    ASSERT_EQ(spans_.ended.size(), 1U);
    EXPECT_EQ(span().name, "tools/call arguments");
    EXPECT_EQ(span().kind, SpanKind::server);
    EXPECT_EQ(span().parent, caller_.context.trace);
    EXPECT_FALSE(span().failed);
    EXPECT_EQ(attribute(span(), "mcp.method.name"), "tools/call");
    EXPECT_EQ(attribute(span(), "mcp.protocol.version"), "2025-11-25");
    EXPECT_EQ(attribute(span(), "mcp.session.id"), "s-1");
    EXPECT_EQ(attribute(span(), "jsonrpc.request.id"), "1");
    EXPECT_EQ(attribute(span(), "gen_ai.tool.name"), "arguments");
    EXPECT_EQ(attribute(span(), "gen_ai.operation.name"), "execute_tool");
    EXPECT_EQ(attribute(span(), "error.type"), "(none)");
}

TEST_F(McpTelemetryTest, FailuresSayTheirKind) {
    ask("resources/read", R"({"uri":"test://nowhere"})");
    EXPECT_EQ(span().name, "resources/read");
    EXPECT_EQ(attribute(span(), "mcp.resource.uri"), "test://nowhere");
    EXPECT_TRUE(span().failed);
    EXPECT_EQ(span().error, "-32002");
    EXPECT_EQ(attribute(span(), "rpc.response.status_code"), "-32002");
    ask("tools/call", R"({"name":"echo_say"})");
    EXPECT_EQ(attribute(span(), "error.type"), "tool_error");
    send("tools/call", R"({"name":"hold"})")->cancel();
    EXPECT_EQ(attribute(span(), "error.type"), "cancelled");
}

TEST_F(McpTelemetryTest, WorkInsideCarriesTheSpan) {
    const auto request = send("tools/call", R"({"name":"hold"})");
    EXPECT_EQ(request->caller().context.trace.span_id, (std::array<std::uint8_t, 8>{5}));
    EXPECT_EQ(request->caller().context.trace.trace_id, (std::array<std::uint8_t, 16>{9}));
    request->finish("{}");
}

TEST_F(McpTest, LatenciesHaveBoundedLabels) {
    ask("ping");
    ask("no/such");
    ask("such/neither");
    ask("tools/call", R"({"name":"echo_say"})");
    send("tools/call", R"({"name":"hold"})")->cancel();
    const std::string text = server_.metrics().expose();
    const auto count = [&](std::string_view labels) {
        return text.find("credence_mcp_request_duration_seconds_count{" + std::string(labels)) !=
               std::string::npos;
    };
    EXPECT_TRUE(count(R"(method="ping",outcome="ok"} 1)")) << text;
    EXPECT_TRUE(count(R"(method="other",outcome="error"} 2)"));
    EXPECT_TRUE(count(R"(method="tools/call",outcome="tool_error"} 1)"));
    EXPECT_TRUE(count(R"(method="tools/call",outcome="cancelled"} 1)"));
    EXPECT_EQ(text.find("no/such"), std::string::npos);
}

}  // namespace
}  // namespace credence::surface::test
