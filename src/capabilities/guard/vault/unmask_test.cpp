#include "capabilities/guard/vault/unmask.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "base/json.h"

namespace credence::guard {
namespace {

const std::string kTag = "abcdefghijklmnopabcd";

std::map<std::string, std::string> values() {
    return {{"[EMAIL_1]", "ann@example.com"},  {"[CREDIT_CARD_2]", "4111 1111 1111 1111"},
            {"[PASSWORD_1]", "never a label"}, {"[ASSIGNED_PASSWORD_1]", "a\"b\\c\nd&<e>"},
            {"[PERSON_1]", "[EMAIL_1]"},       {"[EMAIL_" + kTag + "]", "bob@example.com"}};
}

std::string restored(const std::string& text, UnmaskInto into = UnmaskInto::text) {
    const auto out = unmask(text, lookup_in(values()), into);
    EXPECT_TRUE(out.has_value());
    return out ? out->text : "";
}

TEST(Unmask, PutsValuesBack) {
    const auto out = unmask("to [EMAIL_1], not [EMAIL_9]; [CREDIT_CARD_2].", lookup_in(values()));
    ASSERT_TRUE(out.has_value());
    EXPECT_EQ(out->text, "to ann@example.com, not [EMAIL_9]; 4111 1111 1111 1111.");
    EXPECT_EQ(out->restored, 2);
    EXPECT_EQ(out->unknown, 1);
}

TEST(Unmask, ReadsWhatModelsMakeOfMasks) {
    const std::string card = "4111 1111 1111 1111";
    for (const char* spelled :
         {"[credit_card_2]", "[Credit Card 2]", "[CREDIT-CARD-2]", "\\[CREDIT\\_CARD\\_2\\]",
          "[CREDIT\\_CARD\\_2]", "[ CREDIT_CARD_2 ]", "[**CREDIT_CARD_2**]", "[`CREDIT_CARD_2`]",
          "\\\\[CREDIT_CARD_2\\\\]", "\uFF3BCREDIT_CARD_2\uFF3D", "&#91;CREDIT_CARD_2&#93;",
          "&lsqb;CREDIT_CARD_2&rsqb;", "\\u005bCREDIT_CARD_2\\u005d"}) {
        EXPECT_EQ(restored(std::string("<") + spelled + ">"), "<" + card + ">") << spelled;
    }
    EXPECT_EQ(restored("**[EMAIL_1]** `[EMAIL_1]` [EMAIL_1](mailto:[email_1])"),
              "**ann@example.com** `ann@example.com` ann@example.com(mailto:ann@example.com)");
    EXPECT_EQ(restored("[EMAIL_" + kTag + "] [email_ABCDEFGHIJKLMNOPABCD]"),
              "bob@example.com bob@example.com");
}

TEST(Unmask, LeavesEverythingElse) {
    for (const std::string text :
         {"[see note 1]", "[EMAIL]",     "[EMAIL_]",      "[EMAIL_01]", "[EMAIL_1234567]",
          "[PASSWORD_1]", "[EMAIL_1",    "EMAIL_1",       "[[",         "\\[EMAIL_1]",
          "[EMAIL_1\\]",  "[EMAIL_1 x]", "%5BEMAIL_1",    "&#91;",      "100% [sure]",
          "[EM AIL_1]",   "\\\\",        "[REMOVED_PII]", "\xEF",       "a[EMAIL__1]"}) {
        // A lone backslash in front is part of the text.
        const std::string expected = text == "\\[EMAIL_1]" ? "\\ann@example.com" : text;
        EXPECT_EQ(restored(text), expected);
    }
}

TEST(Unmask, ValuesAreNotReadAgain) {
    EXPECT_EQ(restored("[PERSON_1]"), "[EMAIL_1]");
}

TEST(Unmask, SpellsValuesAsTheirSurroundingsNeed) {
    EXPECT_EQ(restored("?to=%5BEMAIL_1%5D&c=%5bcredit_card_2%5d"),
              "?to=ann%40example.com&c=4111%201111%201111%201111");
    EXPECT_EQ(restored("&#91;ASSIGNED_PASSWORD_1&#93;"), "a&quot;b\\c\nd&amp;&lt;e&gt;");
}

TEST(Unmask, JsonStaysJson) {
    const std::string json =
        R"({"to":"[EMAIL_1]","pw":"x[ASSIGNED_PASSWORD_1]y","n":[CREDIT_CARD_2],)"
        R"("args":"{\"pw\":\"[ASSIGNED_PASSWORD_1]\"}","say":"\"[ASSIGNED_PASSWORD_1]\""})";
    const std::string out = restored(json, UnmaskInto::json);
    EXPECT_EQ(out, R"({"to":"ann@example.com","pw":"xa\"b\\c\nd&<e>y","n":"4111 1111 1111 1111",)"
                   R"("args":"{\"pw\":\"a\\\"b\\\\c\\nd&<e>\"}","say":"\"a\"b\\c\nd&<e>\""})");
    EXPECT_TRUE(validate_json(out).has_value());
    EXPECT_TRUE(validate_json(R"({"pw":"a\"b\\c\nd&<e>"})").has_value());
}

TEST(Unmask, AStringThatBeginsWithAMaskIsNoNestedJson) {
    EXPECT_EQ(restored(R"(["[EMAIL_9] [ASSIGNED_PASSWORD_1]"])", UnmaskInto::json),
              R"(["[EMAIL_9] a\"b\\c\nd&<e>"])");
    EXPECT_EQ(restored(R"(["[EMAIL_1] [ASSIGNED_PASSWORD_1]"])", UnmaskInto::json),
              R"(["ann@example.com a\"b\\c\nd&<e>"])");
}

TEST(Unmask, JsonStaysJsonForAnyValue) {
    std::mt19937_64 chance(5);
    const std::string signs = "ab\"\\/\n\t{}[]:,'\x01u0";
    for (int i = 0; i < 2000; ++i) {
        std::string value;
        for (std::size_t n = chance() % 12; n > 0; --n) {
            value.push_back(signs[chance() % signs.size()]);
        }
        const auto out = unmask(
            R"({"a":"[EMAIL_1]","b":{"c":["{\"d\":\"[email_1]\"}","\\[EMAIL\\_1\\]",[EMAIL_1]]}})",
            lookup_in({{"[EMAIL_1]", value}}), UnmaskInto::json);
        ASSERT_TRUE(out.has_value());
        ASSERT_EQ(out->restored, 4);
        ASSERT_TRUE(validate_json(out->text).has_value()) << out->text;
    }
}

TEST(Unmask, AStreamCutAnywhereGivesTheSame) {
    const std::array<std::string, 3> texts = {
        "to [EMAIL_1] or \\[credit\\_card\\_2\\] %5BEMAIL_1%5D [not] [[EMAIL_1]] &#91;EMAIL_1&#93;"
        " \uFF3Bemail-1\uFF3D [EMAIL_" +
            kTag + "] [EMAIL_9] [EMA",
        R"({"a":"[EMAIL_1]","b":"{\"c\":\"[ASSIGNED_PASSWORD_1]\"}","d":"\\[EMAIL\\_1\\]"})",
        "[[[[[[ \\\\\\\\[EMAIL_1] %%5BEMAIL_1%5D &&#91;EMAIL_1&#93; [                    EMAIL_1]"};
    std::mt19937_64 chance(9);
    for (const std::string& text : texts) {
        for (const UnmaskInto into : {UnmaskInto::text, UnmaskInto::json}) {
            const std::string whole = restored(text, into);
            for (int i = 0; i < 300; ++i) {
                Unmasker unmasker(lookup_in(values()), into);
                std::string out;
                for (std::size_t at = 0; at < text.size();) {
                    const std::size_t bytes = 1 + chance() % (1 + chance() % 30);
                    out += unmasker.feed(std::string_view(text).substr(at, bytes)).value();
                    at += bytes;
                    ASSERT_LE(unmasker.held_bytes(), Unmasker::kMaxHeldBytes);
                }
                out += unmasker.finish().value();
                ASSERT_EQ(out, whole) << text;
            }
        }
    }
}

TEST(Unmask, HoldsOnlyWhatMayBeAMask) {
    Unmasker unmasker(lookup_in(values()));
    EXPECT_EQ(unmasker.feed("see [the").value(), "see [the");
    EXPECT_EQ(unmasker.feed(" [EMA").value(), " ");
    EXPECT_EQ(unmasker.held_bytes(), 4U);
    EXPECT_EQ(unmasker.feed("IL_1] x").value(), "ann@example.com x");
    EXPECT_EQ(unmasker.feed("[").value(), "");
    EXPECT_EQ(unmasker.finish().value(), "[");
}

TEST(Unmask, ListsTheMasksToLookUp) {
    EXPECT_EQ(masks_in("[EMAIL_2] [email_1] x [EMAIL_2] [nothing_1]", 10),
              (std::vector<std::string>{"[EMAIL_1]", "[EMAIL_2]"}));
    EXPECT_EQ(masks_in("[EMAIL_2] [email_1]", 1).size(), 1U);
}

TEST(Unmask, FailsWhenTheLookupDoes) {
    const MaskLookup broken = [](const std::string&) -> Result<std::optional<std::string>> {
        return fail(Code::unavailable, "away");
    };
    EXPECT_EQ(unmask("[EMAIL_1]", broken).error().code, Code::unavailable);
}

}  // namespace
}  // namespace credence::guard
