#include "capabilities/patterns/patterns_check.h"

#include <gtest/gtest.h>

namespace credence::patterns {
namespace {

TEST(PatternCheck, NamesAreTrimmedText) {
    EXPECT_EQ(clean_name("  retry  ").value_or(""), "retry");
    EXPECT_EQ(clean_name("Größe ✓").value_or(""), "Größe ✓");
    EXPECT_TRUE(clean_name(std::string(255, 'a')).has_value());
    for (const std::string& bad :
         {std::string(), std::string("   "), std::string(256, 'a'), std::string("a\nb"),
          std::string("a\x7f"), std::string("a\xC2\x85z"), std::string("\xff"),
          std::string("a\0b", 3)}) {
        EXPECT_FALSE(clean_name(bad).has_value()) << bad;
    }
}

TEST(PatternCheck, CategoriesAreLowerCaseWords) {
    for (const char* good : {"testing", "a", "x_1-y"}) {
        EXPECT_TRUE(check_category(good, "category").has_value()) << good;
    }
    for (const char* bad : {"", "Testing", "a b", "a/b", "ä"}) {
        const auto refused = check_category(bad, "items[3].category");
        ASSERT_FALSE(refused.has_value()) << bad;
        EXPECT_EQ(refused.error().field, "items[3].category");
    }
    EXPECT_FALSE(check_category(std::string(101, 'a'), "category").has_value());
}

std::string nested(int depth) {
    std::string text;
    for (int i = 1; i < depth; ++i) {
        text += "{\"a\":";
    }
    text += "{}";
    return text + std::string(static_cast<std::size_t>(depth - 1), '}');
}

TEST(PatternCheck, DataIsABoundedObject) {
    EXPECT_TRUE(check_data("{}", "d").has_value());
    EXPECT_TRUE(check_data(" {\"a\": \"{[{[{[{[{[{[{[{[{[{[{[\"}", "d").has_value());
    EXPECT_TRUE(check_data(nested(16), "d").has_value());
    EXPECT_FALSE(check_data(nested(17), "d").has_value());
    for (const char* bad : {"", "[]", "\"x\"", "null", "{", "{\"a\":1,}"}) {
        EXPECT_FALSE(check_data(bad, "d").has_value()) << bad;
    }
    const std::string large = "{\"a\":\"" + std::string(kMaxDataBytes, 'x') + "\"}";
    EXPECT_EQ(check_data(large, "d").error().code, Code::too_large);
}

TEST(PatternCheck, VersionsAreThreeNumbers) {
    const auto version = parse_version("1.20.3");
    ASSERT_TRUE(version.has_value());
    EXPECT_EQ(to_text(*version), "1.20.3");
    EXPECT_EQ(to_text(next_minor(*version)), "1.21.0");
    EXPECT_LT(*parse_version("1.9.9"), *parse_version("1.10.0"));
    for (const char* bad :
         {"", "1", "1.2", "1.2.3.4", "01.2.3", "1.-2.3", "1.2.x", "1..3", "1.2.1234567"}) {
        EXPECT_FALSE(parse_version(bad).has_value()) << bad;
    }
}

TEST(PatternCheck, WordsOfJson) {
    EXPECT_EQ(words_of(R"({"a": "x\ny", "b": [1, "\"z\"", {"c": true}]})"), "a x\ny b \"z\" c");
    EXPECT_EQ(words_of("{}"), "");
}

TEST(PatternCheck, Overlay) {
    EXPECT_EQ(overlaid(R"({"a": 1, "b": 2})", R"({"b": {"c": 3}, "d": 4})").value_or(""),
              R"({"a":1,"b":{"c":3},"d":4})");
    EXPECT_FALSE(overlaid("[]", "{}").has_value());
    EXPECT_FALSE(overlaid("{}", "1").has_value());
}

TEST(PatternCheck, NamesAlike) {
    EXPECT_DOUBLE_EQ(name_similarity("Retry", "retry"), 1);
    EXPECT_DOUBLE_EQ(name_similarity("", ""), 1);
    EXPECT_NEAR(name_similarity("retry", "retri"), 0.8, 1e-12);
    EXPECT_DOUBLE_EQ(name_similarity("abc", "xyz"), 0);
}

}  // namespace
}  // namespace credence::patterns
