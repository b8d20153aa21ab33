#include "capabilities/guard/rules/literals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace credence::guard {
namespace {

using Found = std::vector<std::pair<std::string, std::size_t>>;

// What stands in `text` at `start`, found by way of the heads.
Found found_at(const Literals& literals, const std::vector<std::string_view>& texts,
               std::string_view text, std::size_t start) {
    Found all;
    for (std::size_t head = 0; head < literals.heads.size(); ++head) {
        const std::string_view first = Literals::head_of(texts[literals.heads[head].first]);
        if (text.substr(start).starts_with(first)) {
            literals.each(head, text, start + first.size(),
                          [&](std::uint32_t literal, std::size_t end) {
                              all.emplace_back(texts[literal], end);
                          });
        }
    }
    return all;
}

TEST(Literals, TheLongestComesFirstAndThenItsBeginnings) {
    const std::vector<std::string_view> texts = {
        "disregard", "disregard all", "disregard all of", "disregard any", "rule", "rules"};
    const Literals literals = Literals::of(texts);
    ASSERT_TRUE(literals.sound());
    EXPECT_EQ(literals.heads.size(), 3U);  // "disregar", "rule", "rules"
    EXPECT_EQ(found_at(literals, texts, "so disregard all of it", 3),
              (Found{{"disregard all of", 19}, {"disregard all", 16}, {"disregard", 12}}));
    EXPECT_EQ(found_at(literals, texts, "disregard alone", 0), (Found{{"disregard", 9}}));
    EXPECT_EQ(found_at(literals, texts, "disregar", 0), Found{});
    EXPECT_EQ(found_at(literals, texts, "rules", 0), (Found{{"rule", 4}, {"rules", 5}}));
}

TEST(Literals, TheSameTextTwiceIsFoundTwice) {
    const std::vector<std::string_view> texts = {"instructions", "instructions"};
    const Literals literals = Literals::of(texts);
    EXPECT_EQ(found_at(literals, texts, "instructions", 0),
              (Found{{"instructions", 12}, {"instructions", 12}}));
}

// Few letters, so that much begins alike.
std::string random_text(std::mt19937_64& random, std::size_t longest) {
    std::string text(1 + random() % longest, 'a');
    for (char& c : text) {
        c = static_cast<char>(random() % 8 == 0 ? 0xC3 : 'a' + random() % 2);
    }
    return text;
}

TEST(Literals, AgreesWithComparingEveryLiteral) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::string> made(60);
        for (std::string& text : made) {
            text = random_text(random, 16);
        }
        std::sort(made.begin(), made.end());
        const std::vector<std::string_view> texts(made.begin(), made.end());
        const Literals literals = Literals::of(texts);
        ASSERT_TRUE(literals.sound());
        const std::string text = random_text(random, 40);
        for (std::size_t start = 0; start < text.size(); ++start) {
            Found expected;
            for (const std::string_view literal : texts) {
                if (std::string_view(text).substr(start).starts_with(literal)) {
                    expected.emplace_back(literal, start + literal.size());
                }
            }
            Found found = found_at(literals, texts, text, start);
            std::sort(found.begin(), found.end());
            ASSERT_EQ(found, expected) << text << " at " << start;
        }
    }
}

TEST(Literals, DamagedTablesAreNotSound) {
    Literals literals = Literals::of(std::vector<std::string_view>{"a longer one", "b"});
    literals.tails[0].at = static_cast<std::uint32_t>(literals.bytes.size());
    EXPECT_FALSE(literals.sound());
    literals = Literals::of(std::vector<std::string_view>{"a", "b"});
    literals.heads[1].at = 2;
    EXPECT_FALSE(literals.sound());
    literals = Literals::of(std::vector<std::string_view>{"a", "b"});
    literals.tails[0].shorter = 1;
    EXPECT_FALSE(literals.sound());
    literals = Literals::of(std::vector<std::string_view>{"a", "b"});
    literals.heads[1].count = 2;
    EXPECT_FALSE(literals.sound());
}

}  // namespace
}  // namespace credence::guard
