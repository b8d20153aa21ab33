#include "surface/mcp/tools/result_guard.h"

#include <gtest/gtest.h>

#include "surface/mcp/protocol/call_result.h"
#include "surface/mcp/tools/tools_testing.h"

namespace credence::surface::mcp::testing {
namespace {

class ResultGuardTest : public ToolsTest {
protected:
    void serve_with(McpGuard setting) {
        settings_.guard_results = setting;
        serve({guard_scan()});
    }
    std::string say(std::string_view text) {
        return call("echo_say", R"({"text":")" + std::string(text) + R"("})");
    }
    static std::string verdict(std::string_view result) {
        const Members meta = Members::of(Members::parse(result).value()["_meta"]);
        return Members::of(meta["credence/guard"])["verdict"].value;
    }
};

struct Nested {
    std::string note;
    surface::test::Tone tone = surface::test::Tone::calm;
    std::int64_t number = 0;
    std::vector<surface::test::Said> list;
    std::map<std::string, std::string> table;
    std::optional<RawJson> anything;
};
void describe(Describe<Nested>& d) {
    d.field<&Nested::note>("Note");
    d.field<&Nested::tone>("Tone");
    d.field<&Nested::number>("Number");
    d.field<&Nested::list>("List");
    d.field<&Nested::table>("Table");
    d.field<&Nested::anything>("Anything");
}

TEST_F(ResultGuardTest, ForeignTextIsWhatIsNeitherNumberNorName) {
    EXPECT_EQ(foreign_text(shape_of<Nested>(),
                           R"({"note":"a","tone":"loud","number":7,)"
                           R"("list":[{"text":"b","length":1},{"text":"c","length":2}],)"
                           R"("table":{"d":"e"},"anything":{"f":["g",{"h":5}]}})"),
              "a\nb\nc\nd\ne\nf\ng\nh\n");
    EXPECT_EQ(foreign_text(shape_of<Nested>(), "{}"), "");
}

TEST_F(ResultGuardTest, OffMeansNobodyLooks) {
    serve_with(McpGuard::off);
    const std::string result = say("ATTACK");
    EXPECT_FALSE(is_error(result));
    EXPECT_FALSE(result.contains("_meta"));
}

TEST_F(ResultGuardTest, FlagMarksWhatItFinds) {
    serve_with(McpGuard::flag);
    EXPECT_FALSE(say("calm").contains("_meta"));
    const std::string result = say("ATTACK");
    EXPECT_FALSE(is_error(result));
    EXPECT_EQ(structured(result)["text"].value, "ATTACK");
    EXPECT_TRUE(result.ends_with(R"("_meta":{"credence/guard":{"verdict":"block","score":0.97,)"
                                 R"("categories":["jailbreak","pii"]}}})"))
        << result;
}

TEST_F(ResultGuardTest, BlockWithholdsAttacksAndMarksSecrets) {
    serve_with(McpGuard::block);
    const std::string result = say("ATTACK");
    EXPECT_TRUE(is_error(result));
    EXPECT_FALSE(result.contains("ATTACK")) << result;
    EXPECT_EQ(verdict(result), "block");
    const std::string card = say("CARD");
    EXPECT_FALSE(is_error(card));
    EXPECT_EQ(verdict(card), "sanitise");
    EXPECT_EQ(structured(say("calm"))["text"].value, "calm");
}

TEST_F(ResultGuardTest, WhatCannotBeJudgedIsWithheld) {
    serve_with(McpGuard::flag);
    const std::string broken = say("BREAK");
    EXPECT_TRUE(is_error(broken));
    EXPECT_FALSE(broken.contains("BREAK"));

    settings_.guard_results = McpGuard::block;
    serve();  // without guard.scan
    EXPECT_TRUE(is_error(say("calm")));
    EXPECT_FALSE(say("calm").contains("calm"));
    const auto refused = CatalogueTools::check(server_->dispatcher().catalog(), settings_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field, "mcp.guard_results");
}

TEST_F(ResultGuardTest, TheGuardsOwnAnswersAndErrorsAreNotJudged) {
    serve_with(McpGuard::block);
    EXPECT_FALSE(is_error(call("guard_scan", R"({"text":"DIRECT ATTACK","direction":"input",)"
                                             R"("source_kind":"tool_result"})")));
    EXPECT_TRUE(call("echo_drop", R"({"key":"ATTACK"})").contains("not_found"));
}

TEST_F(ResultGuardTest, JudgesResultsOfTasksToo) {
    serve_with(McpGuard::block);
    const ResultGuard guard(server_->dispatcher(), McpGuard::block);
    const Operation& say = *server_->dispatcher().catalog().find("echo.say");
    const Context context;
    const auto judged = [&](const std::string& text) {
        return guard.judge_now(say, context,
                               call_result(R"({"text":")" + text + R"(","length":1})"));
    };
    EXPECT_EQ(judged("calm"), call_result(R"({"text":"calm","length":1})"));
    EXPECT_TRUE(is_error(judged("ATTACK")));
    EXPECT_FALSE(judged("ATTACK").contains("ATTACK"));
    const std::string refused = call_problem({Code::not_found, "ATTACK", {}});
    EXPECT_EQ(guard.judge_now(say, context, refused), refused);
    EXPECT_TRUE(is_error(guard.judge_now(say, context, "{}")));
}

}  // namespace
}  // namespace credence::surface::mcp::testing
