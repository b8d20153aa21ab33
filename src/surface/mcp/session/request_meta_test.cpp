#include "surface/mcp/session/request_meta.h"

#include <gtest/gtest.h>

namespace credence::surface::mcp {
namespace {

RpcMessage with_params(const std::string& params, const std::string& method = "tools/list") {
    auto message = parse_rpc(R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" +
                             params + "}");
    EXPECT_TRUE(message) << params;
    return message ? *std::move(message) : RpcMessage{};
}

constexpr const char* kWhole =
    R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientCapabilities":{"sampling":{}},)"
    R"("io.modelcontextprotocol/clientInfo":{"name":"it","version":"1"},)"
    R"("io.modelcontextprotocol/logLevel":"warning","progressToken":7,)"
    R"("traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}})";

TEST(McpRequestMeta, IsReadWhole) {
    const auto meta = read_modern_meta(with_params(kWhole));
    ASSERT_TRUE(meta);
    EXPECT_EQ(meta->version, "2026-07-28");
    const Caller caller = modern_caller({}, *meta);
    EXPECT_TRUE(caller.modern());
    EXPECT_TRUE(caller.capabilities.sampling);
    EXPECT_FALSE(caller.capabilities.roots);
    EXPECT_EQ(caller.client_name, "it");
    EXPECT_EQ(caller.log_level, LogLevel::warning);
    EXPECT_EQ(caller.progress_token, "7");
    EXPECT_EQ(caller.context.trace.traceparent(),
              "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
}

TEST(McpRequestMeta, TheEraShowsInTheMeta) {
    EXPECT_TRUE(has_modern_meta(with_params(kWhole)));
    EXPECT_FALSE(has_modern_meta(with_params("{}")));
    EXPECT_FALSE(has_modern_meta(with_params(R"({"_meta":{"progressToken":1}})")));
    EXPECT_TRUE(is_modern_method("server/discover"));
    EXPECT_FALSE(is_modern_method("tools/list"));
}

TEST(McpRequestMeta, RequiredMembersAreRequired) {
    for (const char* params :
         {"{}", R"({"_meta":[]})",
          R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})",
          R"({"_meta":{"io.modelcontextprotocol/clientCapabilities":{}}})",
          R"({"_meta":{"io.modelcontextprotocol/protocolVersion":1,)"
          R"("io.modelcontextprotocol/clientCapabilities":{}}})",
          R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
          R"("io.modelcontextprotocol/clientCapabilities":{},)"
          R"("io.modelcontextprotocol/logLevel":"loud"}})"}) {
        const auto meta = read_modern_meta(with_params(params));
        ASSERT_FALSE(meta) << params;
        EXPECT_EQ(meta.error().code, RpcCode::invalid_params);
    }
}

TEST(McpRequestMeta, VersionsAreRefusedWithWhatIsSupported) {
    EXPECT_EQ(refuse_version("2026-07-28"), std::nullopt);
    const auto unknown = refuse_version("1900-01-01\"");
    ASSERT_TRUE(unknown);
    EXPECT_EQ(unknown->code, RpcCode::unsupported_version);
    EXPECT_EQ(unknown->data,
              R"({"supported":)" + supported_revisions_json() + R"(,"requested":"1900-01-01\""})");
    // Legacy ones are not spoken in this form.
    EXPECT_EQ(refuse_version("2025-11-25")->data,
              R"({"supported":["2026-07-28"],"requested":"2025-11-25"})");
}

TEST(McpInitialize, IsRead) {
    const auto read = read_initialize(
        with_params(R"({"protocolVersion":"2025-06-18","capabilities":{"roots":{}},)"
                    R"("clientInfo":{"name":"it"}})"));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->revision, Revision::r2025_06_18);
    EXPECT_TRUE(read->capabilities.roots);
    EXPECT_EQ(read->client_name, "it");
    for (const char* params :
         {"{}", R"({"protocolVersion":1})", R"({"protocolVersion":"x","capabilities":3})"}) {
        EXPECT_FALSE(read_initialize(with_params(params))) << params;
    }
}

}  // namespace
}  // namespace credence::surface::mcp
