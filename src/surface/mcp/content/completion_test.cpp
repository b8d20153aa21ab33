#include "surface/mcp/content/completion.h"

#include <gtest/gtest.h>

#include "surface/mcp/content/content_fixture.h"

namespace credence::surface::mcp {
namespace {

using test::ask;
using test::caller_with;

const std::vector<Prompt>& completed_prompts() {
    static const std::vector<Prompt> kAll = {{.name = "visit",
                                              .title = "Visit",
                                              .description = "Visits an animal",
                                              .arguments = {{"who", "", true, "zoo.get.animal_id"},
                                                            {"eats", "", false, "zoo.get.diet"},
                                                            {"free", "", false, {}},
                                                            {"lost", "", false, "sea.get.fish"}},
                                              .text = "Visit {who}",
                                              .scope = {}}};
    return kAll;
}

class CompletionTest : public testing::Test {
protected:
    // ref and argument as JSON without braces.
    test::Asked complete(const std::string& ref, const std::string& argument,
                         const std::string& more = {}, Caller caller = caller_with({"*"})) {
        test::Asked asked =
            ask(std::move(caller), "completion/complete",
                "{\"ref\":{" + ref + "},\"argument\":{" + argument + "}" + more + "}");
        taken_ = completion_.complete(asked.request);
        return asked;
    }
    test::Asked of_prompt(const std::string& name, const std::string& value) {
        return complete(kPrompt, R"("name":")" + name + R"(","value":")" + value + '"');
    }
    static Members completion_of(const test::Asked& asked) {
        return Members::of(asked.answer->result()["completion"]);
    }
    static std::string values_of(const test::Asked& asked) {
        return completion_of(asked)["values"].value;
    }

    static constexpr const char* kPrompt = R"("type":"ref/prompt","name":"visit")";
    static constexpr const char* kTemplate =
        R"("type":"ref/resource","uri":"credence://zoo/{animal_id}")";

    test::Zoo zoo_;
    Completion completion_{zoo_.dispatcher(), completed_prompts()};
    bool taken_ = false;
};

TEST_F(CompletionTest, Enumerations) {
    EXPECT_EQ(values_of(of_prompt("eats", "")), R"(["plants","meat","mixed"])");
    const auto asked = of_prompt("eats", "m");
    EXPECT_EQ(values_of(asked), R"(["meat","mixed"])");
    EXPECT_EQ(completion_of(asked)["total"].integer(), 2);
    EXPECT_FALSE(completion_of(asked)["hasMore"].is_true());
    EXPECT_EQ(values_of(of_prompt("free", "m")), "[]");
    EXPECT_EQ(values_of(of_prompt("lost", "m")), "[]");
    EXPECT_EQ(values_of(of_prompt("unknown", "m")), "[]");
}

TEST_F(CompletionTest, IdsThroughTheListingOperation) {
    const auto all = of_prompt("who", "a");
    EXPECT_EQ(items_of(values_of(all)).size(), Completion::kMaxValues);
    EXPECT_EQ(completion_of(all)["total"].integer(), 150);
    EXPECT_TRUE(completion_of(all)["hasMore"].is_true());
    const auto few = complete(kTemplate, R"("name":"animal_id","value":"a14")");
    EXPECT_EQ(items_of(values_of(few)).size(), 10U);
    EXPECT_EQ(items_of(values_of(few)).front().value, "a140");
    EXPECT_EQ(values_of(complete(kTemplate, R"("name":"diet","value":"")")), "[]");
}

TEST_F(CompletionTest, NarrowsByWhatIsResolved) {
    const auto cats = complete(kTemplate, R"("name":"animal_id","value":"l")",
                               R"(,"context":{"arguments":{"house":"cats"}})");
    EXPECT_EQ(values_of(cats), R"(["lion","lynx"])");
    // The list said that it goes on: nobody counted the rest.
    EXPECT_TRUE(completion_of(cats)["total"].is_absent());
    EXPECT_TRUE(completion_of(cats)["hasMore"].is_true());
}

TEST_F(CompletionTest, Documents) {
    const auto asked = complete(R"("type":"ref/resource","uri":"credence://docs/{module}")",
                                R"("name":"module","value":"z")");
    EXPECT_EQ(values_of(asked), R"(["zoo"])");
}

TEST_F(CompletionTest, RespectsScopes) {
    EXPECT_EQ(
        values_of(complete(kPrompt, R"("name":"who","value":"")", {}, caller_with({"guard:read"}))),
        "[]");
    static_cast<void>(
        complete(kTemplate, R"("name":"animal_id","value":"")", {}, caller_with({"guard:read"})));
    EXPECT_FALSE(taken_);
}

TEST_F(CompletionTest, RefusesWhatItDoesNotKnow) {
    for (const char* ref : {R"("type":"ref/prompt","name":"nobody")", R"("type":"ref/prompt")",
                            R"("type":"ref/resource","uri":"credence://sea/{fish}")",
                            R"("type":"ref/resource")", R"("type":"ref/tool","name":"zoo_get")"}) {
        static_cast<void>(complete(ref, R"("name":"a","value":"")"));
        EXPECT_FALSE(taken_) << ref;
    }
    EXPECT_EQ(complete("", R"("name":"who","value":"")").answer->code(), -32602);
    EXPECT_EQ(complete(kPrompt, R"("name":"who")").answer->code(), -32602);
    EXPECT_EQ(complete(kPrompt, R"("value":"a")").answer->code(), -32602);
    EXPECT_EQ(of_prompt("who", std::string(Completion::kMaxTypedBytes + 1, 'a')).answer->code(),
              -32602);
}

}  // namespace
}  // namespace credence::surface::mcp
