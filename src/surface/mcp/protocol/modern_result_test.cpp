#include "surface/mcp/protocol/modern_result.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/version.h"

namespace credence::surface::mcp {
namespace {

std::string info() {
    return R"("io.modelcontextprotocol/serverInfo":{"name":"credence","title":"Credence",)"
           R"("version":")" +
           std::string(kVersion) + "\"}";
}

TEST(McpModernResult, AddsTypeAndMeta) {
    EXPECT_EQ(modern_result("{}"), R"({"resultType":"complete","_meta":{)" + info() + "}}");
    EXPECT_EQ(modern_result(R"({"a":1})"),
              R"({"resultType":"complete","_meta":{)" + info() + R"(},"a":1})");
}

TEST(McpModernResult, KeepsATypeOfItsOwn) {
    EXPECT_EQ(modern_result(R"({"resultType":"task","taskId":"t"})"),
              R"({"_meta":{)" + info() + R"(},"resultType":"task","taskId":"t"})");
}

TEST(McpModernResult, MergesMeta) {
    EXPECT_EQ(modern_result(R"({"a":1,"_meta":{"x":{"y":2}},"b":2})"),
              R"({"resultType":"complete","a":1,"_meta":{)" + info() + R"(,"x":{"y":2}},"b":2})");
    EXPECT_EQ(modern_result(R"({"_meta":{}})"),
              R"({"resultType":"complete","_meta":{)" + info() + "}}");
    EXPECT_EQ(modern_result(R"({"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"own"}}})"),
              R"({"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":)"
              R"({"name":"own"}}})");
}

TEST(McpModernResult, NamesInsideValuesAreNotMembers) {
    const std::string inner =
        R"({"text":"\"_meta\":{ \\","list":[{"_meta":{"resultType":1}},"resultType"]})";
    EXPECT_EQ(modern_result(inner),
              R"({"resultType":"complete","_meta":{)" + info() + "}," + inner.substr(1));
    const std::string spaced = "{ \"x\" : \"}\" ,\n \"_meta\" : { \"k\" : [ 1 , 2 ] } }";
    EXPECT_TRUE(validate_json(modern_result(spaced))) << modern_result(spaced);
    EXPECT_NE(modern_result(spaced).find(info() + ", \"k\""), std::string::npos);
}

}  // namespace
}  // namespace credence::surface::mcp
