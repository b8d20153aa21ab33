#include "capabilities/guard/rules/head_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>

namespace credence::guard {
namespace {

using Found = std::vector<std::pair<std::string, std::size_t>>;

Found found_in(const Literals& literals, std::string_view text, std::size_t from) {
    Found all;
    HeadIndex(literals).each(text, from, [&](std::size_t head, std::size_t end) {
        all.emplace_back(literals.head(head), end);
        return true;
    });
    return all;
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// Every head at every place where it may begin.
Found compared_with(const Literals& literals, std::string_view text, std::size_t from) {
    Found all;
    for (std::size_t at = from; at < text.size(); ++at) {
        for (std::size_t i = 0; i < literals.heads.size(); ++i) {
            const std::string_view head = literals.head(i);
            const bool within = at > 0 && is_word(text[at - 1]) && is_word(text[at]);
            if (!within && text.substr(at).starts_with(head)) {
                all.emplace_back(head, at + head.size());
            }
        }
    }
    return all;
}

TEST(HeadIndex, WordsBeginAtTheirFirstByteAndSignsAnywhere) {
    const std::vector<std::string_view> texts = {"?q=", "ai", "ignore", "ignore all rules"};
    const Literals literals = Literals::of(texts);
    EXPECT_EQ(
        found_in(literals, "ai said: ignore all rules at x?q=ai, not aid or fail", 0),
        (Found{{"ai", 2}, {"ignore", 15}, {"ignore a", 17}, {"?q=", 33}, {"ai", 35}, {"ai", 43}}));
    EXPECT_EQ(found_in(literals, "ignore ignore", 1), (Found{{"ignore", 13}}));
    EXPECT_EQ(found_in(literals, "", 0), Found{});
}

TEST(HeadIndex, EndsWhenToldTo) {
    const std::vector<std::string_view> texts = {"stop"};
    const Literals literals = Literals::of(texts);
    int calls = 0;
    HeadIndex(literals).each("stop stop stop", 0,
                             [&](std::size_t, std::size_t) { return ++calls < 2; });
    EXPECT_EQ(calls, 2);
}

TEST(HeadIndex, AgreesWithComparingEveryHead) {
    std::mt19937_64 random(11);
    const auto random_text = [&](std::size_t longest) {
        std::string text(1 + random() % longest, 'a');
        for (char& c : text) {
            c = "ab_0 ,?\xC3\xA9"[random() % 9];
        }
        return text;
    };
    for (int round = 0; round < 300; ++round) {
        std::vector<std::string> made(40);
        for (std::string& text : made) {
            text = random_text(10);
        }
        std::sort(made.begin(), made.end());
        const Literals literals =
            Literals::of(std::vector<std::string_view>(made.begin(), made.end()));
        const std::string text = random_text(200);
        const std::size_t from = random() % text.size();
        Found expected = compared_with(literals, text, from);
        Found found = found_in(literals, text, from);
        std::sort(expected.begin(), expected.end());
        std::sort(found.begin(), found.end());
        ASSERT_EQ(found, expected) << text;
    }
}

}  // namespace
}  // namespace credence::guard
