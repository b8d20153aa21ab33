#include "surface/mcp/subscriptions.h"

#include <gtest/gtest.h>

#include "surface/mcp/mcp_testing.h"

namespace credence::surface::test {
namespace {

using mcp::Notice;
using Kind = mcp::Notice::Kind;

class McpSubscriptionsTest : public McpTest {
protected:
    McpSubscriptionsTest() {
        modern();
        caller_.context.tenant = "t";
        caller_.capabilities.tasks = true;
    }
    mcp::RequestPtr listen(std::string_view filter) {
        return send("subscriptions/listen", R"({"notifications":)" + std::string(filter) + "}");
    }
    static std::string note(std::string_view method, std::string_view rest) {
        return R"({"jsonrpc":"2.0","method":"notifications/)" + std::string(method) +
               R"(","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":1})" +
               std::string(rest) + "}}";
    }
};

TEST_F(McpSubscriptionsTest, AcknowledgesWhatItAgreesToFirst) {
    EXPECT_NE(listen(R"({"toolsListChanged":true,"promptsListChanged":false,"new":1,)"
                     R"("resourceSubscriptions":["test://here","test://nowhere"],)"
                     R"("taskIds":["t1"]})"),
              nullptr);
    EXPECT_EQ(exchange_->notes(),
              std::vector<std::string>{
                  note("subscriptions/acknowledged",
                       R"(,"notifications":{"toolsListChanged":true,)"
                       R"("resourceSubscriptions":["test://here"],"taskIds":["t1"]})")});
    EXPECT_TRUE(exchange_->answers().empty());
    EXPECT_NE(listen("{}"), nullptr);
    EXPECT_EQ(exchange_->notes().at(0),
              note("subscriptions/acknowledged", R"(,"notifications":{})"));
}

TEST_F(McpSubscriptionsTest, TellsWhatWasAskedForAndNothingElse) {
    const auto request = listen(R"({"toolsListChanged":true,"resourcesListChanged":true,)"
                                R"("resourceSubscriptions":["test://here"],"taskIds":["t1"]})");
    auto& notices = mcp_->notices();
    notices.publish({.kind = Kind::tools});
    notices.publish({.kind = Kind::prompts});
    notices.publish({.kind = Kind::resources, .tenant = "t"});
    notices.publish({.kind = Kind::resource, .tenant = "t", .subject = "test://here"});
    notices.publish({.kind = Kind::resource, .tenant = "u", .subject = "test://here"});
    notices.publish({.kind = Kind::task,
                     .tenant = "t",
                     .subject = "t1",
                     .params_json = R"({"taskId":"t1","status":"working"})"});
    const auto notes = exchange_->notes();
    ASSERT_EQ(notes.size(), 5U);
    EXPECT_EQ(notes[1], note("tools/list_changed", ""));
    EXPECT_EQ(notes[2], note("resources/list_changed", ""));
    EXPECT_EQ(notes[3], note("resources/updated", R"(,"uri":"test://here")"));
    EXPECT_EQ(notes[4], note("tasks", R"(,"taskId":"t1","status":"working")"));

    request->cancel();
    notices.publish({.kind = Kind::tools});
    EXPECT_EQ(exchange_->notes().size(), 5U);
    EXPECT_TRUE(exchange_->answers().empty());
    EXPECT_FALSE(notices.wanted());
}

TEST_F(McpSubscriptionsTest, EndsWithAResultAtShutdown) {
    listen(R"({"toolsListChanged":true})");
    mcp_->end_subscriptions();
    mcp_->end_subscriptions();
    EXPECT_EQ(answer(),
              ok(R"({"resultType":"complete","_meta":{)"
                 R"("io.modelcontextprotocol/serverInfo":{"name":"credence",)"
                 R"("title":"Credence","version":")" +
                 std::string(kVersion) + R"("},"io.modelcontextprotocol/subscriptionId":1}})"));
    mcp_->notices().publish({.kind = Kind::tools});
    EXPECT_EQ(exchange_->notes().size(), 1U);
}

TEST_F(McpSubscriptionsTest, RefusesWhatIsNoFilter) {
    for (const std::string_view params :
         {"{}", R"({"notifications":[]})", R"({"notifications":{"resourceSubscriptions":"u"}})",
          R"({"notifications":{"resourceSubscriptions":[1]}})",
          R"({"notifications":{"taskIds":{}}})"}) {
        EXPECT_EQ(code("subscriptions/listen", params), -32602) << params;
    }
    EXPECT_EQ(code("subscriptions/listen",
                   R"({"notifications":{"resourceSubscriptions":[")" +
                       std::string(mcp::Subscriptions::kMaxSubjectBytes + 1, 'u') + "\"]}}"),
              -32602);
    std::string many;
    for (std::size_t i = 0; i <= mcp::Subscriptions::kMaxSubjects; ++i) {
        many += R"("u",)";
    }
    many.pop_back();
    EXPECT_EQ(code("subscriptions/listen",
                   R"({"notifications":{"resourceSubscriptions":[)" + many + "]}}"),
              -32602);
    EXPECT_FALSE(mcp_->notices().wanted());
}

TEST_F(McpSubscriptionsTest, TasksNeedTheExtension) {
    caller_.capabilities.tasks = false;
    EXPECT_EQ(ask("subscriptions/listen", R"({"notifications":{"taskIds":["t1"]}})"),
              failed(-32021, R"("the client lacks a capability this needs",)"
                             R"("data":{"requiredCapabilities":{"extensions":)"
                             R"({"io.modelcontextprotocol/tasks":{}}}})"));
}

TEST_F(McpSubscriptionsTest, NobodyIsLeftWhenTheServerGoes) {
    const auto request = listen(R"({"toolsListChanged":true})");
    mcp_.reset();
    EXPECT_EQ(exchange_->answers().size(), 1U);
    request->cancel();
}

}  // namespace
}  // namespace credence::surface::test
