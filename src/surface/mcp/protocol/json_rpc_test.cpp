#include "surface/mcp/protocol/json_rpc.h"

#include <gtest/gtest.h>

#include "base/shape.h"

namespace credence::surface::mcp {
namespace {

RpcRefusal refusal(std::string_view text) {
    const auto parsed = parse_rpc(text);
    EXPECT_FALSE(parsed) << text;
    return parsed ? RpcRefusal{} : parsed.error();
}

RpcCode code_of(std::string_view text) {
    return refusal(text).error.code;
}

TEST(McpJsonRpc, ReadsARequestWithEveryParam) {
    const auto message =
        parse_rpc(R"({"jsonrpc":"2.0","id":"q\"7","method":"tools/call","params":)"
                  R"({"name":"a","arguments":{"x":[1, 2]},"new":true,"_meta":{"k":1}}})");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->kind, RpcMessage::Kind::request);
    EXPECT_EQ(message->id, R"("q\"7")");
    EXPECT_EQ(message->method, "tools/call");
    EXPECT_EQ(message->params["name"].value, "a");
    EXPECT_EQ(message->params["arguments"].value, R"({"x":[1,2]})");
    EXPECT_TRUE(message->params["new"].is_true());
    EXPECT_EQ(message->params.all().size(), 4U);
}

TEST(McpJsonRpc, IdsAreKeptAsTheyAre) {
    EXPECT_EQ(parse_rpc(R"({"jsonrpc":"2.0","id":-9007199254740993,"method":"ping"})")->id,
              "-9007199254740993");
    EXPECT_EQ(parse_rpc(R"({"jsonrpc":"2.0","id":18446744073709551615,"method":"ping"})")->id,
              "18446744073709551615");
    const auto told = parse_rpc(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
    EXPECT_EQ(told->kind, RpcMessage::Kind::notification);
    EXPECT_EQ(told->id, "null");
}

TEST(McpJsonRpc, ReadsResponses) {
    const auto result = parse_rpc(R"({"jsonrpc":"2.0","id":4,"result":{ "a" : 1 }})");
    ASSERT_TRUE(result);
    EXPECT_EQ(result->kind, RpcMessage::Kind::response);
    EXPECT_EQ(result->id, "4");
    EXPECT_EQ(result->outcome.value(), R"({"a":1})");

    const auto error = parse_rpc(
        R"({"jsonrpc":"2.0","id":4,"error":{"code":-32042,"message":"m","data":{"u":1}}})");
    ASSERT_TRUE(error);
    EXPECT_EQ(static_cast<int>(error->outcome.error().code), -32042);
    EXPECT_EQ(error->outcome.error().message, "m");
    EXPECT_EQ(error->outcome.error().data, R"({"u":1})");

    const auto nobody =
        parse_rpc(R"({"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}})");
    ASSERT_TRUE(nobody);
    EXPECT_EQ(nobody->id, "null");
    EXPECT_EQ(parse_rpc(R"({"jsonrpc":"2.0","id":4,"error":{"code":99999999999,"message":"m"}})")
                  ->outcome.error()
                  .code,
              RpcCode::internal_error);
    EXPECT_EQ(code_of(R"({"jsonrpc":"2.0","id":4,"result":{},"error":{"code":1,"message":""}})"),
              RpcCode::invalid_request);
    EXPECT_EQ(code_of(R"({"jsonrpc":"2.0","id":4,"error":7})"), RpcCode::invalid_request);
    EXPECT_EQ(code_of(R"({"jsonrpc":"2.0","id":4,"error":{"message":"m"}})"),
              RpcCode::invalid_request);
}

TEST(McpJsonRpc, RefusesWhatIsNoJson) {
    for (const std::string_view text :
         {"{", "", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"p\xff\"}"}) {
        EXPECT_EQ(code_of(text), RpcCode::parse_error) << text;
    }
    EXPECT_EQ(code_of(std::string(200, '[')), RpcCode::parse_error);
    EXPECT_EQ(refusal("{").id, "null");
}

TEST(McpJsonRpc, ArgumentsGetTheUsualNesting) {
    const auto nested = [](int depth) {
        const auto size = static_cast<std::size_t>(depth);
        return R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"arguments":)" +
               std::string(size, '[') + std::string(size, ']') + "}}";
    };
    EXPECT_TRUE(parse_rpc(nested(kMaxNesting - 1)));
    EXPECT_EQ(code_of(nested(kMaxNesting + 1)), RpcCode::parse_error);
}

TEST(McpJsonRpc, RefusesWhatIsNoMessage) {
    for (const std::string_view text :
         {R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])", "[]", "7", "{}",
          R"({"jsonrpc":"2.0","id":null,"method":"ping"})",
          R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})",
          R"({"jsonrpc":"2.0","id":1,"id":2,"method":"ping"})",
          R"({"jsonrpc":"1.0","id":1,"method":"ping"})", R"({"id":1,"method":"ping"})",
          R"({"jsonrpc":"2.0","id":1,"method":7})", R"({"jsonrpc":"2.0","id":1})"}) {
        EXPECT_EQ(code_of(text), RpcCode::invalid_request) << text;
    }
    EXPECT_EQ(code_of(std::string(kMaxMessageBytes + 1, ' ')), RpcCode::invalid_request);
    EXPECT_EQ(code_of(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[]})"),
              RpcCode::invalid_params);
}

TEST(McpJsonRpc, RefusalsNameTheMemberAndCarryTheId) {
    const auto twice =
        refusal(R"({"jsonrpc":"2.0","id":5,"method":"m","params":{"name":"a","name":"b"}})");
    EXPECT_EQ(twice.id, "5");
    EXPECT_EQ(twice.error.code, RpcCode::invalid_params);
    EXPECT_EQ(twice.error.message, "params.name is given twice");
    EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":1,"method":"m","method":"n"})").error.message,
              "method is given twice");
    EXPECT_EQ(refusal(R"({"jsonrpc":"1.0","id":5,"method":"ping"})").id, "5");
}

TEST(McpJsonRpc, LargeMessagesAreRead) {
    const std::string text = R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"a":")" +
                             std::string(std::size_t{3} << 20, 'x') + "\"}}";
    EXPECT_EQ(parse_rpc(text)->params["a"].value.size(), std::size_t{3} << 20);
}

TEST(McpJsonRpc, Writes) {
    EXPECT_EQ(rpc_result("1", "{}"), R"({"jsonrpc":"2.0","id":1,"result":{}})");
    EXPECT_EQ(
        rpc_failure("null", {RpcCode::invalid_params, "m\"", R"({"a":1})"}),
        R"({"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"m\"","data":{"a":1}}})");
    EXPECT_EQ(rpc_request("\"s-1\"", "roots/list", ""),
              R"({"jsonrpc":"2.0","id":"s-1","method":"roots/list","params":{}})");
    EXPECT_EQ(rpc_notification("notifications/message", R"({"level":"info"})"),
              R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info"}})");
    EXPECT_EQ(rpc_notification("n", ""), R"({"jsonrpc":"2.0","method":"n"})");
}

}  // namespace
}  // namespace credence::surface::mcp
