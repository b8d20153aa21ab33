#include "base/text.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/secret.h"

namespace credence {
namespace {

TEST(Text, JudgesUtf8) {
    EXPECT_TRUE(is_valid_utf8(""));
    EXPECT_TRUE(is_valid_utf8("na\xC3\xAFve \xF0\x9F\x8C\x8D"));
    EXPECT_FALSE(is_valid_utf8("\xC0\xAF"));          // overlong
    EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));      // surrogate
    EXPECT_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
    EXPECT_FALSE(is_valid_utf8("cut \xE2\x82"));
}

TEST(Text, RepairsUtf8) {
    EXPECT_EQ(to_valid_utf8("plain"), "plain");
    EXPECT_EQ(to_valid_utf8("a\xFFz"), "a\xEF\xBF\xBDz");
    EXPECT_EQ(to_valid_utf8("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_EQ(to_valid_utf8("\xC3\xAF\xE2\x82"), "\xC3\xAF\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_EQ(to_valid_utf8("\xF0\x9F\x8C\x8D\x80"), "\xF0\x9F\x8C\x8D\xEF\xBF\xBD");
}

TEST(Text, RepairedUtf8IsValidForEveryPairOfBytes) {
    for (int high = 0; high < 256; ++high) {
        for (int low = 0; low < 256; ++low) {
            const std::string bytes = {static_cast<char>(high), static_cast<char>(low), 'x',
                                       '\x80'};
            ASSERT_TRUE(is_valid_utf8(to_valid_utf8(bytes))) << high << ' ' << low;
        }
    }
}

TEST(Text, LowersAndComparesAscii) {
    EXPECT_EQ(to_lower("ABCxyz-09\xC3\x84"), "abcxyz-09\xC3\x84");
    EXPECT_TRUE(equals_ignoring_case("Content-Type", "content-TYPE"));
    EXPECT_FALSE(equals_ignoring_case("abc", "abcd"));
    EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

TEST(Text, MakesSnakeCase) {
    EXPECT_EQ(to_snake_case("ApiKeys"), "api_keys");
    EXPECT_EQ(to_snake_case("Verify"), "verify");
    EXPECT_EQ(to_snake_case("HTTPServer"), "http_server");
    EXPECT_EQ(to_snake_case("already_snake"), "already_snake");
    EXPECT_EQ(to_snake_case("Sha256Hash"), "sha256_hash");
    EXPECT_EQ(to_snake_case(""), "");
}

TEST(Text, Trims) {
    EXPECT_EQ(trim(" \t a b \r\n"), "a b");
    EXPECT_EQ(trim(" \n "), "");
    EXPECT_EQ(trim(""), "");
}

TEST(Text, Splits) {
    EXPECT_EQ(split("a,b,,c", ','), (std::vector<std::string_view>{"a", "b", "", "c"}));
    EXPECT_EQ(split("", ','), std::vector<std::string_view>{""});
    EXPECT_EQ(split("a,", ','), (std::vector<std::string_view>{"a", ""}));
}

TEST(Text, ParsesWholeIntegersOnly) {
    EXPECT_EQ(parse_integer("-9223372036854775808"), INT64_MIN);
    EXPECT_EQ(parse_integer("007"), 7);
    for (const std::string_view text : {"", "-", "+1", "1.0", " 1", "1 ", "9223372036854775808"}) {
        EXPECT_FALSE(parse_integer(text).has_value()) << text;
    }
}

TEST(Text, WritesAndReadsHex) {
    const std::vector<std::uint8_t> bytes{0x00, 0x7F, 0xAB, 0xFF};
    EXPECT_EQ(to_hex(bytes), "007fabff");
    EXPECT_EQ(from_hex("007FabFF"), bytes);
    EXPECT_EQ(from_hex(""), std::vector<std::uint8_t>{});
    EXPECT_FALSE(from_hex("0").has_value());
    EXPECT_FALSE(from_hex("0g").has_value());
}

TEST(Text, WritesBase64Url) {
    // RFC 4648, section 10, without padding, and the two characters that differ.
    const auto encode = [](std::string_view text) {
        return to_base64url({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    };
    EXPECT_EQ(encode(""), "");
    EXPECT_EQ(encode("f"), "Zg");
    EXPECT_EQ(encode("fo"), "Zm8");
    EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
    EXPECT_EQ(encode("\xFB\xFF"), "-_8");
}

TEST(Text, HashesWithSha256) {
    // FIPS 180-4 examples.
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    // FIPS 180-2, appendix B.3: a million times "a".
    EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Text, DecodesPercents) {
    EXPECT_EQ(percent_decode("a%41%2fb", false).value(), "aA/b");
    EXPECT_EQ(percent_decode("a+b", true).value(), "a b");
    EXPECT_EQ(percent_decode("a+b", false).value(), "a+b");
    for (const std::string_view text : {"%", "%4", "%4x", "a%"}) {
        const auto decoded = percent_decode(text, false);
        ASSERT_FALSE(decoded.has_value()) << text;
        EXPECT_EQ(decoded.error().code, Code::invalid);
    }
}

class File : public ::testing::Test {
protected:
    File()
        : path_(std::filesystem::temp_directory_path() /
                ("credence_text_test_" + std::to_string(getpid()))) {}
    ~File() override { std::filesystem::remove(path_); }

    const std::filesystem::path path_;
};

TEST_F(File, IsReadWhole) {
    const std::string content = std::string(100'000, 'x') + '\0' + "end";
    std::ofstream(path_) << content;
    EXPECT_EQ(read_file(path_, content.size()).value(), content);
    EXPECT_EQ(read_file(path_, content.size() - 1).error().code, Code::too_large);
}

TEST_F(File, IsMissedByName) {
    EXPECT_EQ(read_file(path_, 10).error().code, Code::not_found);
    EXPECT_EQ(read_file(std::filesystem::temp_directory_path(), 10).error().code,
              Code::unavailable);
}

TEST(Secret, IsShownAsStars) {
    const Secret empty;
    const Secret secret(std::string("a text"));
    EXPECT_EQ(empty.to_string(), "");
    EXPECT_EQ(secret.to_string(), "***");
    EXPECT_EQ(secret.reveal(), "a text");
    EXPECT_FALSE(secret.empty());
}

}  // namespace
}  // namespace credence
