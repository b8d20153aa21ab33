#include "capabilities/skills/record/record_check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "capabilities/skills/record/embedding_text.h"
#include "capabilities/skills/record/query_mask.h"

namespace credence::skills {
namespace {

TEST(RecordCheckTest, NamesAreTrimmedAndHaveNoControlCharacters) {
    EXPECT_EQ(record::clean_name("  a b ", 10, "f").value_or(""), "a b");
    EXPECT_EQ(record::clean_name("größe", 10, "f").value_or(""), "größe");
    const std::string bad[] = {"",      "   ",       "a\tb",  std::string("a\0b", 3),
                               "a\x7f", "a\xC2\x85", "a\xff", std::string(11, 'x')};
    for (const std::string& text : bad) {
        const auto cleaned = record::clean_name(text, 10, "f");
        ASSERT_FALSE(cleaned.has_value()) << text;
        EXPECT_EQ(cleaned.error().field, "f");
    }
}

TEST(RecordCheckTest, CutsBetweenCharacters) {
    EXPECT_EQ(record::cut_at_character("größe", 3), "gr");
    EXPECT_EQ(record::cut_at_character("größe", 4), "grö");
    EXPECT_EQ(record::cut_at_character("abc", 9), "abc");
}

TEST(RecordCheckTest, CursorsComeBack) {
    const auto cursor = record::read_cursor(record::write_cursor({-5, "a:b"}));
    ASSERT_TRUE(cursor.has_value());
    EXPECT_EQ(cursor->at, -5);
    EXPECT_EQ(cursor->key, "a:b");
    EXPECT_FALSE(record::read_cursor("5").has_value());
    EXPECT_FALSE(record::read_cursor("x:5").has_value());
}

TEST(EmbeddingTextTest, KeepsTheDirectionAndNormalises) {
    std::vector<double> numbers(384);
    std::iota(numbers.begin(), numbers.end(), -100.0);
    const auto text = encode_embedding(numbers);
    ASSERT_TRUE(text.has_value());
    EXPECT_EQ(text->size(), 2'048u);
    const auto back = decode_embedding(*text);
    ASSERT_TRUE(back.has_value());
    double squares = 0;
    double length = 0;
    for (std::size_t i = 0; i < 384; ++i) {
        squares += static_cast<double>((*back)[i]) * static_cast<double>((*back)[i]);
        length += numbers[i] * numbers[i];
    }
    EXPECT_NEAR(squares, 1, 1e-6);
    EXPECT_NEAR((*back)[383], 283 / std::sqrt(length), 1e-7);
    EXPECT_FALSE(decode_embedding("AAAA").has_value());
}

TEST(EmbeddingTextTest, RefusesWhatIsNoDirection) {
    std::vector<double> numbers(383, 1.0);
    EXPECT_FALSE(encode_embedding(numbers).has_value());
    numbers.assign(384, 0.0);
    EXPECT_FALSE(encode_embedding(numbers).has_value());
    numbers[7] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(encode_embedding(numbers).has_value());
    numbers.assign(384, 1e300);  // squares would overflow
    EXPECT_TRUE(encode_embedding(numbers).has_value());
}

TEST(QueryMaskTest, SecretsAndPersonalDataBecomeStableRedactions) {
    SkillsSettings settings;
    const QueryMask mask(settings);
    const auto first = mask.mask("write to bob@example.com, please");
    ASSERT_TRUE(first.has_value() && first->has_value());
    EXPECT_EQ(**first, "write to [EMAIL], please");
    EXPECT_EQ(*mask.mask("write to bob@example.com, please"), *first);
    EXPECT_EQ(*mask.mask("plain words stay"), "plain words stay");
    EXPECT_FALSE(mask.mask("   ")->has_value());
}

TEST(QueryMaskTest, IsBoundedAndCanBeSwitchedOff) {
    SkillsSettings settings;
    std::string query;
    for (int i = 0; i < 3'000; ++i) {
        query += "ö ";
    }
    const auto kept = QueryMask(settings).mask(query);
    ASSERT_TRUE(kept.has_value() && kept->has_value());
    EXPECT_LE((*kept)->size(), QueryMask::kMaxStoredBytes);
    EXPECT_GE((*kept)->size(), QueryMask::kMaxStoredBytes - 3);
    settings.store_queries = false;
    EXPECT_FALSE(QueryMask(settings).mask("anything")->has_value());
}

}  // namespace
}  // namespace credence::skills
