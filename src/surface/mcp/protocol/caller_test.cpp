#include "surface/mcp/protocol/caller.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "surface/mcp/protocol/call_result.h"
#include "surface/mcp/protocol/settings.h"

namespace credence::surface::mcp {
namespace {

TEST(McpCaller, RevisionsHaveTheirNames) {
    for (const Revision revision : kRevisions) {
        EXPECT_EQ(parse_revision(to_string(revision)), revision);
    }
    EXPECT_EQ(parse_revision("2025-03-26"), std::nullopt);
    EXPECT_EQ(parse_revision(""), std::nullopt);
    EXPECT_EQ(supported_revisions_json(), R"(["2026-07-28","2025-11-25","2025-06-18"])");
    EXPECT_FALSE(is_modern(Revision::r2025_11_25));
    EXPECT_TRUE(is_modern(Revision::r2026_07_28));
}

TEST(McpCaller, ReadsCapabilities) {
    const auto form = read_capabilities(R"({"elicitation":{}})");
    EXPECT_TRUE(form.elicitation_form);
    EXPECT_FALSE(form.elicitation_url);
    const auto url = read_capabilities(R"({"elicitation":{"url":{}}})");
    EXPECT_FALSE(url.elicitation_form);
    EXPECT_TRUE(url.elicitation_url);
    const auto both = read_capabilities(
        R"({"elicitation":{"form":{},"url":{}},"sampling":{"tools":{}},"roots":{},)"
        R"("extensions":{"io.modelcontextprotocol/tasks":{},)"
        R"("io.modelcontextprotocol/skills":{}}})");
    EXPECT_TRUE(both.elicitation_form && both.elicitation_url && both.sampling && both.roots);
    EXPECT_TRUE(both.tasks && both.skills);
    // 2025-11-25 says it in each call.
    EXPECT_FALSE(read_capabilities(R"({"tasks":{"list":{}}})").tasks);
    for (const std::string_view text :
         {"{}", "null", "", "[]", R"({"sampling":null,"roots":true,"elicitation":1})"}) {
        const auto none = read_capabilities(text);
        EXPECT_FALSE(none.elicitation_form || none.elicitation_url || none.sampling || none.roots ||
                     none.tasks || none.skills)
            << text;
    }
}

TEST(McpCaller, LogLevelsAreOrdered) {
    EXPECT_EQ(parse_log_level("debug"), LogLevel::debug);
    EXPECT_EQ(parse_log_level("emergency"), LogLevel::emergency);
    EXPECT_EQ(to_string(LogLevel::critical), "critical");
    EXPECT_EQ(parse_log_level("loud"), std::nullopt);
    EXPECT_LT(LogLevel::info, LogLevel::warning);
}

TEST(McpCaller, CallResults) {
    EXPECT_EQ(call_result(R"({"a":"b"})"), R"({"content":[{"type":"text","text":"{\"a\":\"b\"}"}],)"
                                           R"("structuredContent":{"a":"b"},"isError":false})");
    EXPECT_EQ(call_problem({Code::invalid, "is required", "text"}),
              R"({"content":[{"type":"text","text":"{\"code\":\"invalid\",\"message\":)"
              R"(\"is required\",\"field\":\"text\"}"}],"isError":true})");
}

TEST(McpCaller, SettingsHaveLimits) {
    EXPECT_EQ(from_json<McpSettings>("{}")->max_sessions, 10'000);
    EXPECT_EQ(from_json<McpSettings>(R"({"profile":"list","tools":["guard.scan"]})")->tools.size(),
              1U);
    EXPECT_EQ(from_json<McpSettings>(R"({"max_sessions":0})").error().field, "max_sessions");
    EXPECT_EQ(from_json<McpSettings>(R"({"profile":"all"})").error().field, "profile");
}

}  // namespace
}  // namespace credence::surface::mcp
