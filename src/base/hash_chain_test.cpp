#include "base/hash_chain.h"

#include <gtest/gtest.h>

#include <array>

#include "base/text.h"

namespace credence {
namespace {

using Fields = std::array<std::string_view, 2>;

TEST(HashChain, IsTheDigestOfLengthsAndTexts) {
    const std::string bytes{
        "\0\0\0\0\0\0\0\1L"
        "\0\0\0\0\0\0\0\2ab"
        "\0\0\0\0\0\0\0\0",
        27};
    EXPECT_EQ(chain_hash("L", Fields{"ab", ""}), sha256_hex(bytes));
}

TEST(HashChain, NoTwoListsShareAnEncoding) {
    EXPECT_NE(chain_hash("l", Fields{"ab", "c"}), chain_hash("l", Fields{"a", "bc"}));
    EXPECT_NE(chain_hash("l", Fields{"a", "b"}), chain_hash("m", Fields{"a", "b"}));
    EXPECT_NE(chain_hash("l", Fields{"a", "b"}), chain_hash("l", Fields{"b", "a"}));
}

}  // namespace
}  // namespace credence
