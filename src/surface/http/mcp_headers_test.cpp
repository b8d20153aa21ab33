#include "surface/http/mcp_headers.h"

#include <gtest/gtest.h>

#include <map>

namespace credence::surface {
namespace {

using mcp::RpcCode;

using Fields = std::map<std::string, std::string, std::less<>>;

HeaderLookup lookup(const Fields& fields) {
    return [&fields](std::string_view name) -> std::string_view {
        const auto found = fields.find(name);
        return found == fields.end() ? std::string_view() : std::string_view(found->second);
    };
}

mcp::RpcMessage message(const std::string& method, const std::string& params) {
    auto parsed = mcp::parse_rpc(R"({"jsonrpc":"2.0","id":1,"method":")" + method +
                                 R"(","params":)" + params + "}");
    EXPECT_TRUE(parsed) << params;
    return parsed ? *std::move(parsed) : mcp::RpcMessage{};
}

TEST(McpHeaderValue, IsDecoded) {
    const std::pair<const char*, const char*> cases[] = {
        {"us-west1", "us-west1"},
        {"  padded  ", "padded"},
        {"=?base64?SGVsbG8=?=", "Hello"},
        {"=?base64?SGVsbG8sIOS4lueVjA==?=", "Hello, 世界"},
        {"=?base64?IHBhZGRlZCA=?=", " padded "},
        {"=?base64?bGluZTEKbGluZTI=?=", "line1\nline2"},
        {"=?base64?"
         "?=",
         ""},
        {"=?base64?SGVsbG8=", "=?base64?SGVsbG8="},
        {"SGVsbG8=?=", "SGVsbG8=?="},
        {"=?BASE64?SGVsbG8=?=", "=?BASE64?SGVsbG8=?="},
    };
    for (const auto& [value, expected] : cases) {
        EXPECT_EQ(decode_header_value(value), expected) << value;
    }
    for (const char* broken :
         {"=?base64?SGVsbG8?=", "=?base64?SGVs!!!bG8=?=", "=?base64?SGVsbG8==?=", "=?base64?=AAA?=",
          "=?base64?SGVsbG9=?=", "=?base64?====?=", "a\x01z", "caf\xc3\xa9"}) {
        EXPECT_EQ(decode_header_value(broken), std::nullopt) << broken;
    }
}

TEST(McpStandardHeaders, MustRepeatTheBody) {
    const auto call = message("tools/call", R"({"name":"weather"})");
    const Fields good = {{"MCP-Protocol-Version", "2026-07-28"},
                         {"Mcp-Method", "tools/call"},
                         {"Mcp-Name", "weather"}};
    EXPECT_EQ(check_standard_headers(lookup(good), call, "2026-07-28"), std::nullopt);
    const std::pair<const char*, const char*> wrong[] = {
        {"MCP-Protocol-Version", ""}, {"MCP-Protocol-Version", "2025-11-25"}, {"Mcp-Method", ""},
        {"Mcp-Method", "TOOLS/CALL"}, {"Mcp-Method", "tools/list"},           {"Mcp-Name", ""},
        {"Mcp-Name", "Weather"},      {"Mcp-Name", "=?base64?d2VhdGhlcg?="},
    };
    for (const auto& [name, value] : wrong) {
        Fields fields = good;
        fields[name] = value;
        const auto error = check_standard_headers(lookup(fields), call, "2026-07-28");
        ASSERT_TRUE(error) << name << " " << value;
        EXPECT_EQ(error->code, RpcCode::header_mismatch);
        EXPECT_NE(error->message.find(name), std::string::npos) << error->message;
    }
    Fields encoded = good;
    encoded["Mcp-Name"] = "=?base64?d2VhdGhlcg==?=";
    EXPECT_EQ(check_standard_headers(lookup(encoded), call, "2026-07-28"), std::nullopt);
}

TEST(McpStandardHeaders, NameIsTheUriOrTheTask) {
    const std::pair<const char*, const char*> named[] = {{"resources/read", R"({"uri":"it"})"},
                                                         {"prompts/get", R"({"name":"it"})"},
                                                         {"tasks/get", R"({"taskId":"it"})"},
                                                         {"tasks/update", R"({"taskId":"it"})"},
                                                         {"tasks/cancel", R"({"taskId":"it"})"}};
    for (const auto& [method, params] : named) {
        Fields fields = {{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", method}};
        EXPECT_TRUE(check_standard_headers(lookup(fields), message(method, params), "2026-07-28"))
            << method;
        fields["Mcp-Name"] = "it";
        EXPECT_FALSE(check_standard_headers(lookup(fields), message(method, params), "2026-07-28"))
            << method;
    }
    const Fields list = {{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "tools/list"}};
    EXPECT_FALSE(check_standard_headers(lookup(list), message("tools/list", "{}"), "2026-07-28"));
}

TEST(McpParameterHeaders, AreFoundThroughPropertiesOnly) {
    const auto found =
        parameter_headers(R"({"properties":{"a":{"type":"string","x-mcp-header":"A"},)"
                          R"("b":{"properties":{"c":{"x-mcp-header":"C"}}},)"
                          R"("d":{"items":{"properties":{"e":{"x-mcp-header":"E"}}}}}})");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].name, "Mcp-Param-A");
    EXPECT_EQ(found[1].name, "Mcp-Param-C");
    EXPECT_EQ(found[1].path, (std::vector<std::string>{"b", "c"}));
    EXPECT_TRUE(parameter_headers("{}").empty());
    EXPECT_TRUE(parameter_headers("x-mcp-header").empty());
}

TEST(McpParameterHeaders, AreComparedAsTheirTypesAre) {
    const std::vector<ParameterHeader> expected = {{"Mcp-Param-V", {"v"}}};
    struct Case {
        const char* arguments;
        const char* header;
        bool fits;
    };
    const Case cases[] = {
        {R"({"v":"x"})", "x", true},
        {R"({"v":"x"})", "X", false},
        {R"({"v":"x"})", "", false},
        {R"({"v":null})", "", true},
        {R"({})", "", true},
        {R"({})", "x", false},
        {R"({"v":null})", "x", false},
        {R"({"v":42})", "42", true},
        {R"({"v":42})", "42.0", true},
        {R"({"v":42})", "43", false},
        {R"({"v":42})", "42x", false},
        {R"({"v":-7})", "-7", true},
        {R"({"v":true})", "true", true},
        {R"({"v":true})", "True", false},
        {R"({"v":"Hello"})", "=?base64?SGVsbG8=?=", true},
        {R"({"v":"Hello"})", "=?base64?SGVsbG8?=", false},
        {R"({"v":""})", "", true},
        {R"({"v":{"a":1}})", "x", false},
    };
    for (const Case& c : cases) {
        const Fields fields = {{"Mcp-Param-V", c.header}};
        const auto call =
            message("tools/call", R"({"name":"t","arguments":)" + std::string(c.arguments) + "}");
        EXPECT_EQ(!check_parameter_headers(lookup(fields), call, expected), c.fits)
            << c.arguments << " " << c.header;
    }
}

TEST(McpParameterHeaders, AreReadOncePerTool) {
    int asked = 0;
    ParameterHeaders known([&asked](std::string_view tool) {
        ++asked;
        return tool == "t" ? std::string(R"({"properties":{"v":{"x-mcp-header":"V"}}})")
                           : std::string();
    });
    EXPECT_EQ(known.of("t")->size(), 1U);
    EXPECT_EQ(known.of("t")->size(), 1U);
    EXPECT_EQ(asked, 1);
    EXPECT_TRUE(known.of("no such tool")->empty());
    EXPECT_TRUE(known.of("no such tool")->empty());
    EXPECT_EQ(asked, 3) << "names that are no tools are not remembered";
}

}  // namespace
}  // namespace credence::surface
