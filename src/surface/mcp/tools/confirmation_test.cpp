#include "surface/mcp/tools/confirmation.h"

#include <gtest/gtest.h>

#include "surface/mcp/tools/tools_testing.h"

namespace credence::surface::mcp::testing {
namespace {

class ConfirmationTest : public ToolsTest {
protected:
    ConfirmationTest() { settings_.confirm = true; }

    static constexpr std::string_view kArguments = R"({"text":"hello"})";
};

constexpr std::string_view kYes = R"({"action":"accept","content":{"confirm":true}})";

TEST_F(ConfirmationTest, AsksOnlyBeforeWhatDestroysOrActs) {
    serve();
    EXPECT_FALSE(is_error(call("echo_say", R"({"text":"hi"})")));
    EXPECT_TRUE(client_->questions.empty());
    call("echo_drop", R"({"key":"k"})");
    EXPECT_EQ(client_->questions.size(), 1U);
}

TEST_F(ConfirmationTest, GoesAheadWhenTheUserAgrees) {
    serve();
    reply_ = kYes;
    EXPECT_EQ(structured(call("admin_call_out", kArguments))["text"].value, "hello");
    ASSERT_EQ(client_->questions.size(), 1U);
    EXPECT_EQ(client_->questions.front().first, "elicitation/create");
    const Members asked = Members::parse(client_->questions.front().second).value();
    EXPECT_TRUE(asked["message"].value.starts_with(
        R"(Call admin_call_out (Does call_out)? Arguments {"text":"hello"}, SHA-256 )"))
        << asked["message"].value;
    EXPECT_TRUE(asked["requestedSchema"].value.contains(R"("required":["confirm"])"));
}

TEST_F(ConfirmationTest, EverythingElseIsANo) {
    serve();
    for (const std::string_view reply :
         {R"({"action":"decline"})", R"({"action":"cancel"})", R"({"action":"accept"})",
          R"({"action":"accept","content":{"confirm":false}})",
          R"({"action":"accept","content":{"confirm":"true"}})", "{}"}) {
        reply_ = std::string(reply);
        const std::string result = call("admin_call_out", kArguments);
        EXPECT_TRUE(is_error(result)) << reply;
        EXPECT_TRUE(result.contains("did not agree")) << result;
    }
    reply_ = std::unexpected(RpcError{RpcCode::internal_error, "gone", {}});
    EXPECT_TRUE(is_error(call("call_operation", R"({"name":"admin_call_out","arguments":{}})")));
}

TEST_F(ConfirmationTest, ClientsThatCannotAskAreRefused) {
    serve();
    caller_.capabilities.elicitation_form = false;
    const std::string result = call("admin_call_out", kArguments);
    EXPECT_TRUE(is_error(result));
    EXPECT_TRUE(result.contains("mcp.confirm")) << result;
}

TEST_F(ConfirmationTest, ModernClientsComeBackWithTheAnswerToThisVeryCall) {
    serve();
    caller_.revision = Revision::r2026_07_28;
    const Members asked = Members::parse(call("admin_call_out", kArguments)).value();
    EXPECT_EQ(asked["resultType"].value, "input_required");
    const std::string back = R"(,"requestState":")" + asked["requestState"].value +
                             R"(","inputResponses":{"confirm":)" + std::string(kYes) + "}";
    const std::string done = call("admin_call_out", kArguments, back);
    EXPECT_EQ(structured(done)["text"].value, "hello");
    // The same word for other arguments is worth nothing; nor is a word nobody asked for.
    EXPECT_FALSE(call("admin_call_out", R"({"text":"other"})", back).contains("structured"));
    EXPECT_TRUE(is_error(call("admin_call_out", kArguments,
                              R"(,"inputResponses":{"confirm":)" + std::string(kYes) + "}")));
}

TEST_F(ConfirmationTest, WhoeverMayNotCallIsNotAsked) {
    serve();
    caller_.context.scopes = Scopes({"echo:read"});
    EXPECT_TRUE(call("admin_call_out", kArguments).contains("forbidden"));
    EXPECT_TRUE(client_->questions.empty());
}

}  // namespace
}  // namespace credence::surface::mcp::testing
