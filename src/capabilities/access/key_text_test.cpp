#include "capabilities/access/key_text.h"

#include <gtest/gtest.h>

#include "capabilities/access/names.h"

namespace credence::access {
namespace {

TEST(KeyText, HasItsShapeAndComesFromChance) {
    SeededRandom random(1);
    const std::string first = make_key_text(random);
    const std::string second = make_key_text(random);
    EXPECT_EQ(first.size(), kKeyTextBytes);
    EXPECT_TRUE(first.starts_with("crd_"));
    EXPECT_NE(first, second);
    EXPECT_EQ(prefix_of_key(first), first.substr(0, 12));
}

TEST(KeyText, DigestDependsOnEveryCharacter) {
    SeededRandom random(1);
    const std::string text = make_key_text(random);
    const auto digest = digest_of_key(text);
    ASSERT_TRUE(digest.has_value());
    EXPECT_TRUE(equal(*digest, *digest_of_key(text)));
    for (std::size_t i = 4; i < text.size(); ++i) {
        std::string other = text;
        other[i] = other[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(equal(*digest, *digest_of_key(other))) << i;
    }
}

TEST(KeyText, RefusesWhatCannotBeAKey) {
    EXPECT_FALSE(digest_of_key("").has_value());
    EXPECT_FALSE(digest_of_key("crd_").has_value());
    EXPECT_FALSE(digest_of_key(std::string(47, 'a')).has_value());
    EXPECT_FALSE(digest_of_key("crd_" + std::string(1 << 20, 'a')).has_value());
}

TEST(KeyText, DigestSurvivesItsText) {
    SeededRandom random(1);
    const KeyDigest digest = digest_of_key(make_key_text(random)).value();
    EXPECT_EQ(to_text(digest).size(), 64U);
    EXPECT_EQ(parse_digest(to_text(digest)), digest);
    EXPECT_FALSE(parse_digest("00").has_value());
    EXPECT_FALSE(parse_digest(std::string(64, 'x')).has_value());
}

TEST(Names, FollowTheirSpelling) {
    for (const std::string good : {"a", "0", "acme", "a-b_c", "9lives"}) {
        EXPECT_TRUE(check_name(good, "name").has_value()) << good;
    }
    EXPECT_TRUE(check_name(std::string(63, 'a'), "name").has_value());
    for (const std::string bad : {"", "-a", "_a", "A", "a b", "a/b", "a.b", "ä", "a\n"}) {
        EXPECT_FALSE(check_name(bad, "name").has_value()) << bad;
    }
    const auto too_long = check_name(std::string(64, 'a'), "name");
    ASSERT_FALSE(too_long.has_value());
    EXPECT_EQ(too_long.error().field, "name");
}

TEST(Names, ScopesAreWordsWithAColon) {
    EXPECT_TRUE(check_scopes({"*", "guard:read", "guard:*", "a1:b_2"}, "scopes").has_value());
    for (const std::string bad : {"", "guard", "guard:", ":read", "*:read", "guard:**",
                                  "Guard:read", "guard:read:more", "guard: read"}) {
        const auto checked = check_scopes({"guard:read", bad}, "scopes");
        ASSERT_FALSE(checked.has_value()) << bad;
        EXPECT_EQ(checked.error().field, "scopes[1]");
    }
    EXPECT_FALSE(check_scopes({}, "scopes").has_value());
}

TEST(Names, NobodyCoversMoreThanHeHolds) {
    const Scopes reader({"guard:read", "trust:*"});
    EXPECT_TRUE(check_covers(reader, {"guard:read"}).has_value());
    EXPECT_TRUE(check_covers(reader, {"trust:write", "trust:*"}).has_value());
    EXPECT_FALSE(check_covers(reader, {"guard:*"}).has_value());
    EXPECT_FALSE(check_covers(reader, {"guard:write"}).has_value());
    EXPECT_FALSE(check_covers(reader, {"*"}).has_value());
    EXPECT_FALSE(check_covers(reader, {"tru:read"}).has_value());
    EXPECT_TRUE(check_covers(Scopes::all(), {"*", "guard:*"}).has_value());
}

}  // namespace
}  // namespace credence::access
