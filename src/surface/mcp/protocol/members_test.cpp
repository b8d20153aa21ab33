#include "surface/mcp/protocol/members.h"

#include <gtest/gtest.h>

namespace credence::surface::mcp {
namespace {

TEST(McpMembers, ReadsEveryType) {
    const auto members = Members::parse(
        R"( {"t":"a\"b","o":{ "x" : [1, 2] },"l":[ ],"b":true,"n":null,"i":-7,"d":1.5} )");
    ASSERT_TRUE(members);
    EXPECT_EQ((*members)["t"].value, "a\"b");
    EXPECT_EQ((*members)["t"].json(), R"("a\"b")");
    EXPECT_TRUE((*members)["o"].is_object());
    EXPECT_EQ((*members)["o"].value, R"({"x":[1,2]})");
    EXPECT_TRUE((*members)["l"].is_array());
    EXPECT_TRUE((*members)["b"].is_true());
    EXPECT_TRUE((*members)["n"].is_absent());
    EXPECT_EQ((*members)["n"].type, Member::Type::null);
    EXPECT_EQ((*members)["i"].integer(), -7);
    EXPECT_EQ((*members)["d"].type, Member::Type::number);
    EXPECT_EQ((*members)["d"].json(), "1.5");
    EXPECT_TRUE((*members)["none"].is_absent());
    EXPECT_EQ((*members)["none"].json(), "null");
    EXPECT_EQ(members->all().size(), 7U);
    EXPECT_EQ(members->all().front().first, "t");
}

TEST(McpMembers, IntegersBeyondOursAreNone) {
    const auto members = Members::parse(R"({"u":18446744073709551615,"x":9223372036854775807})");
    ASSERT_TRUE(members);
    EXPECT_EQ((*members)["u"].integer(), std::nullopt);
    EXPECT_EQ((*members)["u"].json(), "18446744073709551615");
    EXPECT_EQ((*members)["x"].integer(), INT64_MAX);
}

TEST(McpMembers, RefusesWhatIsNoObjectOrAmbiguous) {
    for (const std::string_view text :
         {"", "7", "[]", "{", R"({"a":1,"a":2})", "{\"a\":\"\xff\"}"}) {
        EXPECT_FALSE(Members::parse(text)) << text;
    }
    EXPECT_FALSE(Members::parse(std::string(100, '[')));
}

TEST(McpMembers, DescendsByMember) {
    const auto members = Members::parse(R"({"_meta":{"progressToken":3},"list":[1,"a",{}]})");
    ASSERT_TRUE(members);
    EXPECT_EQ(Members::of((*members)["_meta"])["progressToken"].integer(), 3);
    EXPECT_TRUE(Members::of((*members)["list"]).all().empty());
    const auto items = items_of((*members)["list"].value);
    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(items[0].integer(), 1);
    EXPECT_EQ(items[1].value, "a");
    EXPECT_TRUE(items[2].is_object());
    EXPECT_TRUE(items_of("{}").empty());
    EXPECT_TRUE(items_of("").empty());
}

TEST(McpMembers, LargeDocumentsToo) {
    const std::string text = R"({"a":")" + std::string(std::size_t{2} << 20, 'x') + "\"}";
    EXPECT_EQ(Members::parse(text).value_or(Members())["a"].value.size(), std::size_t{2} << 20);
}

}  // namespace
}  // namespace credence::surface::mcp
