#include "capabilities/guard/model/tokens.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace credence::guard {
namespace {

using Features = std::vector<std::uint32_t>;

Tokens tokens_of(std::string_view text, std::size_t max_tokens = 1'000) {
    Normalised normalised;
    normalise(text, normalised);
    Tokens tokens;
    tokenise(normalised, max_tokens, tokens);
    return tokens;
}

Features features_at(const Tokens& tokens, std::size_t index) {
    const Token& token = tokens.tokens.at(index);
    return {tokens.features.begin() + token.first_feature,
            tokens.features.begin() + token.first_feature + token.features};
}

// The hashes are part of every trained model: a change here makes them all worthless. The values
// come from a second implementation of the definition.
TEST(Tokens, features_of_a_word_are_pinned) {
    const Tokens tokens = tokens_of("cat");
    ASSERT_EQ(tokens.tokens.size(), 1U);
    EXPECT_EQ(features_at(tokens, 0), (Features{0x583cb72d, 0x099483f7, 0x1407abf6, 0xaa30ba44,
                                                0x2dbe8be2, 0xf4eea132, 0xa25474b7}));
    EXPECT_EQ(features_at(tokens_of("a"), 0), (Features{0x005ec689, 0xd448b5af}));
}

TEST(Tokens, features_of_letters_beyond_ascii_are_pinned) {
    EXPECT_EQ(features_at(tokens_of("да"), 0),
              (Features{0x771b08b4, 0xa8200740, 0x61d3301f, 0x425a2405}));
}

TEST(Tokens, features_of_other_tokens_are_pinned) {
    EXPECT_EQ(features_at(tokens_of("123"), 0), Features{0xe01b4518});
    EXPECT_EQ(features_at(tokens_of("12345678901"), 0), Features{0xee8cfa56});
    EXPECT_EQ(features_at(tokens_of("!!!!"), 0), Features{0xe9e19650});
    EXPECT_EQ(features_at(tokens_of("?"), 0), Features{0xcc5d25e2});
    EXPECT_EQ(feature_of("signal.override"), 0x2646b313U);
}

TEST(Tokens, scripts_without_blanks_give_a_token_a_character) {
    const Tokens tokens = tokens_of("日本語");
    ASSERT_EQ(tokens.tokens.size(), 3U);
    EXPECT_EQ(features_at(tokens, 0), (Features{0x034a17e2, 0x32ebde71, 0xea74341e}));
    EXPECT_EQ(features_at(tokens, 1), (Features{0xabf8aadb, 0x1808b65a}));
    EXPECT_EQ(features_at(tokens, 2), Features{0x665fb2ea});
}

TEST(Tokens, words_are_cut_off_where_they_are_none) {
    const Tokens plain = tokens_of(std::string(49, 'q'));
    ASSERT_EQ(plain.tokens.size(), 1U);
    EXPECT_EQ(features_at(plain, 0), Features{0xe275014e});
    EXPECT_EQ(features_at(tokens_of("q1" + std::string(60, 'q')), 0), Features{0x9f680505});
    // The longest word: itself, and its parts of three, four and five.
    EXPECT_EQ(features_at(tokens_of(std::string(48, 'q')), 0).size(), 1U + 48 + 47 + 46);
}

TEST(Tokens, places_are_bytes_of_the_normalised_text) {
    const Tokens tokens = tokens_of("Don't  pay 12,50 EUR!");
    std::vector<std::pair<std::uint32_t, std::uint32_t>> places;
    for (const Token& token : tokens.tokens) {
        places.emplace_back(token.start, token.end);
    }
    const std::vector<std::pair<std::uint32_t, std::uint32_t>> expected{
        {0, 5}, {6, 9}, {10, 12}, {12, 13}, {13, 15}, {16, 19}, {19, 20}};
    EXPECT_EQ(places, expected);
}

TEST(Tokens, a_new_line_is_a_token) {
    const Tokens tokens = tokens_of("one\ntwo");
    ASSERT_EQ(tokens.tokens.size(), 3U);
    EXPECT_EQ(features_at(tokens, 1), Features{0x22839bbd});
    EXPECT_EQ(tokens.tokens[1].start, tokens.tokens[1].end);
    EXPECT_EQ(features_at(tokens, 2), features_at(tokens_of("two"), 0));
}

TEST(Tokens, digits_say_only_how_many_they_are) {
    EXPECT_EQ(features_at(tokens_of("4711"), 0), features_at(tokens_of("1234"), 0));
    EXPECT_NE(features_at(tokens_of("471"), 0), features_at(tokens_of("1234"), 0));
    EXPECT_EQ(features_at(tokens_of("1234567890"), 0), features_at(tokens_of("987654321"), 0));
}

TEST(Tokens, related_words_share_parts) {
    const Features one = features_at(tokens_of("ignoring"), 0);
    const Features two = features_at(tokens_of("ignored"), 0);
    std::size_t shared = 0;
    for (const std::uint32_t feature : one) {
        shared += static_cast<std::size_t>(std::count(two.begin(), two.end(), feature));
    }
    // <ig <ign <igno ign igno ignor gno gnor nor
    EXPECT_EQ(shared, 9U);
    EXPECT_NE(one[0], two[0]);
}

TEST(Tokens, stop_at_the_limit_and_reuse_their_memory) {
    EXPECT_EQ(tokens_of("a b c d e f", 4).tokens.size(), 4U);
    EXPECT_TRUE(tokens_of("", 4).tokens.empty());
    EXPECT_TRUE(tokens_of("word", 0).tokens.empty());
    Normalised normalised;
    normalise("some words that are read twice", normalised);
    Tokens tokens;
    tokenise(normalised, 100, tokens);
    const Features first = tokens.features;
    const std::uint32_t* memory = tokens.features.data();
    tokenise(normalised, 100, tokens);
    EXPECT_EQ(tokens.features, first);
    EXPECT_EQ(tokens.features.data(), memory);
}

}  // namespace
}  // namespace credence::guard
