// Background operations as tools, where there are tasks.
#include <gtest/gtest.h>

#include "surface/mcp/tasks/job_tasks_testing.h"
#include "surface/mcp/tools/catalogue_tools.h"

namespace credence::surface::mcp {
namespace {

class TaskToolsTest : public JobTasksTest {
protected:
    TaskToolsTest() { settings_.profile = McpProfile::full; }

    void serve_tools() {
        add_echo();
        add("pooled", [](const Context&, std::string_view, std::string& out) {
            out = "{}";
            return Result<void>();
        }).lane = Lane::pool;
        serve(1);
        tools_ = std::make_unique<CatalogueTools>(ToolParts{.dispatcher = *dispatcher_,
                                                            .settings = settings_,
                                                            .clock = clock_,
                                                            .tasks = tasks_.get()});
    }
    // By name: what tools/list says of it.
    std::string listed(Revision revision, std::string_view name) {
        Caller caller;
        caller.context = context_;
        caller.revision = revision;
        std::vector<std::string> all;
        tools_->tools(caller, all);
        for (const std::string& tool : all) {
            if (Members::parse(tool).value_or(Members())["name"].value == name) {
                return tool;
            }
        }
        return {};
    }
    Asked call(Revision revision, std::string_view name, std::string_view params) {
        Asked asked = ask(revision, "tools/call", params);
        EXPECT_TRUE(tools_->call_tool(name, asked.request));
        return asked;
    }

    std::unique_ptr<CatalogueTools> tools_;
};

constexpr std::string_view kDeclared = R"("execution":{"taskSupport":"optional"})";

TEST_F(TaskToolsTest, DeclaresTasksWhereTheRevisionHasThemInTools) {
    serve_tools();
    EXPECT_TRUE(listed(k2025, "test_echo").contains(kDeclared));
    EXPECT_TRUE(listed(k2025, "call_operation").contains(kDeclared));
    EXPECT_TRUE(Members::parse(listed(k2025, "test_echo")));
    EXPECT_FALSE(listed(k2025, "test_pooled").contains("execution"));
    EXPECT_FALSE(listed(kOldest, "test_echo").contains("execution"));
    EXPECT_FALSE(listed(kModern, "test_echo").contains("execution"));
    EXPECT_FALSE(listed(kModern, "call_operation").contains("execution"));
}

TEST_F(TaskToolsTest, CallsBecomeTasksForClientsThatFollowThem) {
    serve_tools();
    EXPECT_EQ(call(kModern, "test_echo", "{}")->result()["resultType"].value, "task");
    EXPECT_EQ(call(kModern, "call_operation", R"({"arguments":{"name":"test_echo"}})")
                  ->result()["resultType"]
                  .value,
              "task");
    EXPECT_TRUE(call(k2025, "test_echo", R"({"task":{}})")->result()["task"].is_object());
    EXPECT_TRUE(call(k2025, "call_operation", R"({"arguments":{"name":"test.echo"},"task":{}})")
                    ->result()["task"]
                    .is_object());
    EXPECT_TRUE(call(k2025, "test_echo", "{}")->result()["structuredContent"].is_object());
    EXPECT_TRUE(call(kOldest, "test_echo", "{}")->result()["structuredContent"].is_object());
}

TEST_F(TaskToolsTest, WhoeverAsksForATaskOfWhatIsNoneIsToldSo) {
    serve_tools();
    EXPECT_EQ(call(k2025, "test_pooled", R"({"task":{}})")->error_code(), -32601);
    EXPECT_EQ(call(k2025, "call_operation", R"({"arguments":{"name":"test_pooled"},"task":{}})")
                  ->error_code(),
              -32601);
    EXPECT_TRUE(call(kOldest, "test_pooled", R"({"task":{}})")->result()["content"].is_array());
}

TEST_F(TaskToolsTest, ResultsThatMustBeJudgedDoNotGoRoundTheGuard) {
    settings_.guard_results = McpGuard::block;
    add("texted", [](const Context&, std::string_view, std::string& out) {
        out = "{}";
        return Result<void>();
    }).response = &shape_of<JobChanged>();  // has a text
    serve_tools();
    EXPECT_TRUE(listed(k2025, "test_echo").contains(kDeclared));
    EXPECT_FALSE(listed(k2025, "test_texted").contains(kDeclared));
    EXPECT_EQ(call(k2025, "test_texted", R"({"task":{}})")->error_code(), -32601);
    const ToolParts parts{.dispatcher = *dispatcher_,
                          .settings = settings_,
                          .clock = clock_,
                          .tasks = tasks_.get(),
                          .tasks_are_judged = true};
    tools_ = std::make_unique<CatalogueTools>(parts);
    EXPECT_TRUE(listed(k2025, "test_texted").contains(kDeclared));
}

TEST_F(TaskToolsTest, ForbiddenOperationsNeverBecomeJobs) {
    serve_tools();
    context_.scopes = Scopes({"other:*"});
    const Members refused = call(kModern, "test_echo", "{}")->result();
    EXPECT_TRUE(refused["isError"].is_true());
    EXPECT_TRUE(refused["content"].value.contains("forbidden"));
}

}  // namespace
}  // namespace credence::surface::mcp
