#include "surface/mcp/tools/tool_profile.h"

#include <gtest/gtest.h>

#include "surface/mcp/protocol/members.h"
#include "surface/mcp/test_server.h"

namespace credence::surface::mcp {
namespace {

Members rendered(const std::string& tool) {
    auto members = Members::parse(tool);
    EXPECT_TRUE(members) << tool;
    return members.value_or(Members());
}

TEST(ToolProfile, RendersSchemasTitleAndAnnotations) {
    Operation operation = test::make_operation("echo", "say");
    operation.mcp_name = "echo_say";
    operation.description = "Twice.";
    const Members tool = rendered(render_tool(operation));
    EXPECT_EQ(tool["name"].value, "echo_say");
    EXPECT_EQ(tool["title"].value, "Does say");
    EXPECT_EQ(tool["description"].value, "Does say. Twice.");
    EXPECT_EQ(Members::of(tool["inputSchema"])["type"].value, "object");
    EXPECT_EQ(Members::of(tool["outputSchema"])["type"].value, "object");
    EXPECT_EQ(tool["annotations"].value,
              R"({"title":"Does say","readOnlyHint":true,"destructiveHint":false,)"
              R"("idempotentHint":true,"openWorldHint":false})");
    operation.lane = Lane::background;  // may answer with its job
    EXPECT_TRUE(rendered(render_tool(operation))["outputSchema"].is_absent());
}

TEST(ToolProfile, AnnotationsFollowTheEffect) {
    Operation operation = test::make_operation("echo", "say");
    operation.effect = Effect::write;
    EXPECT_FALSE(is_destructive(operation));
    operation.method = HttpMethod::del;
    EXPECT_TRUE(is_destructive(operation));
    operation.method = HttpMethod::post;
    operation.effect = Effect::act;
    operation.idempotent = false;
    EXPECT_TRUE(is_destructive(operation));
    EXPECT_EQ(rendered(render_tool(operation))["annotations"].value,
              R"({"title":"Does say","readOnlyHint":false,"destructiveHint":true,)"
              R"("idempotentHint":false,"openWorldHint":true})");
    EXPECT_EQ(rendered(render_brief_tool(operation))["annotations"].value, "{}");
}

TEST(ToolProfile, BriefSchemasDocumentWhatIsRequired) {
    Operation operation = test::make_operation("echo", "say");
    operation.mcp_name = "echo_say";
    const std::string brief = render_brief_tool(operation);
    EXPECT_EQ(brief,
              R"({"name":"echo_say","description":"Does say","inputSchema":{"type":"object",)"
              R"("properties":{"text":{"type":"string","description":"What to say"},)"
              R"("tone":{"type":"string","enum":["calm","loud"]},"times":{"type":"integer"}},)"
              R"("required":["text"]},"annotations":{"readOnlyHint":true,"openWorldHint":false}})");
}

}  // namespace
}  // namespace credence::surface::mcp
