#include "surface/mcp/content/prompts.h"

#include <gtest/gtest.h>

#include "surface/mcp/content/content_fixture.h"

namespace credence::surface::mcp {
namespace {

using test::ask;
using test::caller_with;

const std::vector<Prompt>& all_prompts() {
    static const std::vector<Prompt> kAll = {
        {.name = "greet",
         .title = "Greet",
         .description = "Says hello",
         .arguments = {{"who", "Whom", true, {}}, {"mood", "How", false, {}}},
         .text = "Greet {who} and {who}.\nBe {mood}.\nA {brace} and a { stay.",
         .scope = {}},
        {.name = "secret",
         .title = "Secret",
         .description = "For few",
         .arguments = {},
         .text = "Hush.",
         .scope = "zoo:write"}};
    return kAll;
}

class PromptsTest : public testing::Test {
protected:
    test::Asked get(const std::string& name, std::string_view params,
                    Caller caller = caller_with({"zoo:read"})) {
        test::Asked asked = ask(std::move(caller), "prompts/get", params);
        taken_ = prompts_.get_prompt(name, asked.request);
        return asked;
    }
    static std::string text_of(const test::Asked& asked) {
        const auto messages = items_of(asked.answer->result()["messages"].value);
        EXPECT_EQ(messages.size(), 1U);
        const Members message = Members::of(messages.at(0));
        EXPECT_EQ(message["role"].value, "user");
        const Members content = Members::of(message["content"]);
        EXPECT_EQ(content["type"].value, "text");
        return content["text"].value;
    }
    std::string refusal(std::string_view params) {
        const auto asked = get("greet", params);
        EXPECT_EQ(asked.answer->code(), -32602);
        return asked.answer->error()["message"].value;
    }

    test::Zoo zoo_;
    Prompts prompts_{zoo_.dispatcher(), all_prompts()};
    bool taken_ = false;
};

TEST_F(PromptsTest, FillsIn) {
    EXPECT_EQ(text_of(get("greet", R"({"arguments":{"who":"Ada","mood":"kind"}})")),
              "Greet Ada and Ada.\nBe kind.\nA {brace} and a { stay.");
    EXPECT_EQ(text_of(get("greet", R"({"arguments":{"who":"Ada"}})")),
              "Greet Ada and Ada.\nA {brace} and a { stay.");
    EXPECT_EQ(text_of(get("greet", R"({"arguments":{"who":"Ada","mood":""}})")),
              "Greet Ada and Ada.\nA {brace} and a { stay.");
}

TEST_F(PromptsTest, ValuesCannotNameArguments) {
    EXPECT_EQ(text_of(get("greet", R"({"arguments":{"who":"{mood}{who}","mood":"kind"}})")),
              "Greet {mood}{who} and {mood}{who}.\nBe kind.\nA {brace} and a { stay.");
}

TEST_F(PromptsTest, NamesBadArguments) {
    EXPECT_EQ(refusal("{}"), "params.arguments.who is required");
    EXPECT_EQ(refusal(R"({"arguments":{"who":""}})"), "params.arguments.who is required");
    EXPECT_EQ(refusal(R"({"arguments":[]})"), "params.arguments must be an object");
    EXPECT_EQ(refusal(R"({"arguments":{"who":1}})"), "params.arguments.who must be a string");
    EXPECT_EQ(refusal(R"({"arguments":{"who":"a","wo":"b"}})"),
              "params.arguments.wo is no argument of greet");
    const std::string longest(Prompts::kMaxArgumentBytes + 1, 'a');
    EXPECT_EQ(refusal(R"({"arguments":{"who":")" + longest + "\"}}"),
              "params.arguments.who may have at most 262144 bytes");
}

TEST_F(PromptsTest, HidesWhatNeedsAScope) {
    std::vector<std::string> out;
    prompts_.prompts(caller_with({"zoo:read"}), out);
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(out[0], R"({"name":"greet","title":"Greet","description":"Says hello","arguments":[)"
                      R"({"name":"who","description":"Whom","required":true},)"
                      R"({"name":"mood","description":"How","required":false}]})");
    static_cast<void>(get("secret", "{}"));
    EXPECT_FALSE(taken_);
    EXPECT_EQ(text_of(get("secret", "{}", caller_with({"zoo:write"}))), "Hush.");
    static_cast<void>(get("nobody", "{}"));
    EXPECT_FALSE(taken_);
}

}  // namespace
}  // namespace credence::surface::mcp
