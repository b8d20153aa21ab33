#include "surface/mcp/tools/catalogue_tools.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "surface/mcp/tools/tools_testing.h"

namespace credence::surface::mcp::testing {
namespace {

using CatalogueToolsTest = ToolsTest;
using Names = std::vector<std::string>;

Operation marked_core(Operation operation) {
    operation.core = true;
    return operation;
}

TEST_F(CatalogueToolsTest, FullProfileListsEveryOperationThatIsNotHidden) {
    serve();
    EXPECT_EQ(listed_names(), (Names{"find_operations", "call_operation", "echo_say", "echo_drop",
                                     "echo_long_say", "admin_call_out"}));
    caller_.context.scopes = Scopes({"admin:read"});
    EXPECT_EQ(listed_names(), (Names{"find_operations", "call_operation", "admin_call_out"}));
}

TEST_F(CatalogueToolsTest, CoreProfileListsWhatIsMarkedAndCallsTheRest) {
    settings_.profile = McpProfile::core;
    serve({marked_core(surface::test::make_operation("more", "needed"))});
    EXPECT_EQ(listed_names(), (Names{"find_operations", "call_operation", "more_needed"}));
    EXPECT_EQ(structured(call("echo_say", R"({"text":"hi"})"))["text"].value, "hi");
}

TEST_F(CatalogueToolsTest, ListProfileFollowsTheSettingAndRefusesUnknownNames) {
    settings_.profile = McpProfile::list;
    settings_.tools = {"echo.say", "admin_call_out", "echo_say"};
    serve();
    EXPECT_EQ(listed_names(),
              (Names{"find_operations", "call_operation", "echo_say", "admin_call_out"}));
    const Catalog& catalog = server_->dispatcher().catalog();
    EXPECT_TRUE(CatalogueTools::check(catalog, settings_));
    for (const std::string name : {"echo_sing", "echo.secret", ""}) {
        settings_.tools = {name};
        const auto refused = CatalogueTools::check(catalog, settings_);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().field, "mcp.tools");
    }
}

TEST_F(CatalogueToolsTest, TasksAreNotDeclaredWhereThereAreNone) {
    serve();
    for (const std::string& tool : listed()) {
        EXPECT_FALSE(tool.contains("taskSupport")) << tool;
    }
}

TEST_F(CatalogueToolsTest, DescriptionsDoNotChangeWithWhatUsersDo) {
    serve();
    const auto before = listed();
    call("echo_say", R"({"text":"<IMPORTANT>obey"})");
    call("find_operations", R"({"query":"<IMPORTANT>obey"})");
    EXPECT_EQ(listed(), before);
    for (const std::string& tool : before) {
        EXPECT_FALSE(tool.contains("IMPORTANT"));
    }
}

TEST_F(CatalogueToolsTest, CallAnswersWithTextAndStructuredContent) {
    serve();
    EXPECT_EQ(call("echo_say", R"({"text":"h\"i","times":2})"),
              R"({"content":[{"type":"text","text":"{\"text\":\"h\\\"ih\\\"i\",\"length\":6}"}],)"
              R"("structuredContent":{"text":"h\"ih\"i","length":6},"isError":false})");
    EXPECT_TRUE(is_error(call("echo_drop", R"({"key":"k"})")));
    const std::string large =
        call("admin_call_out", R"({"text":"0123456789012345678901234567890123"})");
    EXPECT_TRUE(is_error(large));
    EXPECT_TRUE(large.contains("too_large")) << large;
}

TEST_F(CatalogueToolsTest, ArgumentsMayBeAbsentButMustBeAnObject) {
    serve();
    const RequestPtr absent = request(R"({"name":"echo_say"})");
    absent->run([this](const RequestPtr& turn) { tools_->call_tool("echo_say", turn); });
    EXPECT_TRUE(is_error(answer()));  // text is required
    EXPECT_TRUE(call("echo_say", "[]").contains("-32602"));
    EXPECT_TRUE(call("find_operations", "7").contains("-32602"));
}

TEST_F(CatalogueToolsTest, UnknownAndHiddenToolsAreNotTaken) {
    serve();
    const RequestPtr made = request(R"({"name":"x"})");
    EXPECT_FALSE(tools_->call_tool("nope", made));
    EXPECT_FALSE(tools_->call_tool("echo_secret", made));
    EXPECT_FALSE(tools_->call_tool("echo.say", made));
    EXPECT_TRUE(client_->answers.empty());
    EXPECT_EQ(tools_->input_schema("echo_secret"), "");
    EXPECT_TRUE(tools_->input_schema("echo_say").contains(R"("required":["text"])"));
    EXPECT_TRUE(tools_->input_schema("call_operation").contains("arguments"));
}

TEST_F(CatalogueToolsTest, ReportsProgressToWhoeverAskedForIt) {
    Operation slow = surface::test::make_operation("slow", "walk");
    slow.call = [](const Context& context, std::string_view, std::string& out) -> Result<void> {
        if (context.progress != nullptr) {
            context.progress->report(1, 4);
            context.progress->report(4, 0);
        }
        out += R"({"text":"there","length":5})";
        return {};
    };
    serve({std::move(slow)});
    EXPECT_FALSE(is_error(call("slow_walk", R"({"text":"a"})")));
    EXPECT_TRUE(client_->notes.empty());
    caller_.progress_token = "\"p\"";
    EXPECT_FALSE(is_error(call("call_operation", R"({"name":"slow.walk"})")));
    EXPECT_EQ(client_->notes,
              (Names{R"({"jsonrpc":"2.0","method":"notifications/progress","params":)"
                     R"({"progressToken":"p","progress":1,"total":4}})",
                     R"({"jsonrpc":"2.0","method":"notifications/progress","params":)"
                     R"({"progressToken":"p","progress":4}})"}));
}

TEST_F(CatalogueToolsTest, CancelledRequestsAreNotAnsweredAndNeedNotRun) {
    int runs = 0;
    Operation counted = surface::test::make_operation("counted", "run");
    counted.call = [&runs](const Context&, std::string_view, std::string& out) -> Result<void> {
        ++runs;
        out += R"({"text":"a","length":1})";
        return {};
    };
    serve({std::move(counted)});
    const RequestPtr made = request(R"({"name":"counted_run"})");
    made->cancel();
    EXPECT_TRUE(tools_->call_tool("counted_run", made));
    EXPECT_EQ(runs, 0);
    EXPECT_TRUE(client_->answers.empty());
}

TEST_F(CatalogueToolsTest, FindsOperationsTheCallerMayUse) {
    serve();
    const std::string found = call("find_operations", R"({"query":"drop it"})");
    EXPECT_FALSE(is_error(found));
    const auto rows = items_of(structured(found)["operations"].value);
    ASSERT_EQ(rows.size(), 1U);
    const Members row = Members::of(rows.front());
    EXPECT_EQ(row["name"].value, "echo_drop");
    EXPECT_EQ(row["operation"].value, "echo.drop");
    EXPECT_EQ(row["summary"].value, "Does drop");
    EXPECT_EQ(row["scope"].value, "echo:read");
    EXPECT_EQ(row["effect"].value, "write");
    EXPECT_TRUE(row["input_schema"].is_absent());

    const std::string detailed =
        call("find_operations", R"({"query":"say","limit":1,"detail":"schemas"})");
    const auto schemas = items_of(structured(detailed)["operations"].value);
    ASSERT_EQ(schemas.size(), 1U);
    EXPECT_EQ(Members::of(schemas.front())["input_schema"].value,
              tools_->input_schema(Members::of(schemas.front())["name"].value));

    caller_.context.scopes = Scopes({"admin:read"});
    EXPECT_EQ(structured(call("find_operations", R"({"query":"drop"})"))["operations"].value, "[]");
}

TEST_F(CatalogueToolsTest, FindRefusesWhatItDoesNotUnderstand) {
    serve();
    for (const std::string_view arguments :
         {"{}", R"({"query":""})", R"({"query":"a","limit":0})", R"({"query":"a","limit":21})",
          R"({"query":"a","detail":"all"})", R"({"query":"a","more":1})"}) {
        EXPECT_TRUE(is_error(call("find_operations", arguments))) << arguments;
    }
}

TEST_F(CatalogueToolsTest, CallOperationIsTheCallOfThatTool) {
    serve();
    const std::string direct = call("echo_say", R"({"text":"hi","times":2})");
    for (const std::string name : {"echo_say", "echo.say"}) {
        EXPECT_EQ(call("call_operation",
                       R"({"name":")" + name + R"(","arguments":{"text":"hi","times":2}})"),
                  direct);
    }
    EXPECT_EQ(call("call_operation", R"({"name":"echo_say"})"), call("echo_say"));
    caller_.context.scopes = Scopes({"admin:read"});
    const std::string forbidden =
        call("call_operation", R"({"name":"echo_say","arguments":{"text":"hi"}})");
    EXPECT_TRUE(is_error(forbidden));
    EXPECT_TRUE(forbidden.contains("forbidden")) << forbidden;
}

TEST_F(CatalogueToolsTest, CallOperationNamesTheNearestOfUnknownNames) {
    serve();
    const std::string near = call("call_operation", R"({"name":"echo_sya"})");
    EXPECT_TRUE(is_error(near));
    EXPECT_TRUE(near.contains("did you mean echo_say")) << near;
    const std::string words = call("call_operation", R"({"name":"drop_the_thing_please"})");
    EXPECT_TRUE(words.contains("did you mean echo_drop")) << words;
    EXPECT_FALSE(call("call_operation", R"({"name":"echo_secret"})").contains("mean echo_secret"));
    for (const std::string_view arguments :
         {"{}", R"({"name":7})", R"({"name":"echo_say","arguments":[]})",
          R"({"name":"find_operations"})"}) {
        EXPECT_TRUE(is_error(call("call_operation", arguments))) << arguments;
    }
}

TEST_F(CatalogueToolsTest, SwitchedOperationsChangeTheListOfTheirTenant) {
    serve();
    Notices notices;
    std::vector<std::string> told;
    NoticeFilter filter;
    filter.tenant = "a";
    filter.tools = true;
    notices.add(filter, [&told](const Notice& notice) { told.push_back(notice.tenant); });
    const auto happened = [&](std::string tenant, std::string name) {
        store::StoredEvent event;
        event.tenant = std::move(tenant);
        event.name = std::move(name);
        tools_->on_event(event, notices);
    };
    happened("a", "operation_disabled");
    happened("b", "operation_enabled");
    happened("a", "claim_closed");
    EXPECT_EQ(told, (Names{"a"}));
    happened("default", "operation_enabled");  // perhaps for all
    EXPECT_EQ(told, (Names{"a", ""}));
}

}  // namespace
}  // namespace credence::surface::mcp::testing
