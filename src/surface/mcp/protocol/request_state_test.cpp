#include "surface/mcp/protocol/request_state.h"

#include <gtest/gtest.h>

namespace credence::surface::mcp {
namespace {

constexpr std::int64_t kNow = 1'735'689'600'000'000;

RpcMessage request(std::string_view params, std::string_view method = "tools/call") {
    RpcMessage message;
    message.method = method;
    message.params = Members::parse(params).value_or(Members());
    return message;
}

class McpRequestState : public testing::Test {
protected:
    McpRequestState() {
        caller_.context.tenant = "t";
        caller_.context.actor = "key-1";
    }
    StateSeal seal_{StateSeal::Key{1, 2, 3}};
    Caller caller_;
    RpcMessage call_ = request(R"({"name":"a","arguments":{"x":1}})");
};

TEST_F(McpRequestState, ComesBackAsItWas) {
    const std::string state("binary \0\xff", 9);
    const std::string sealed = seal_.seal(caller_, call_, state, kNow);
    EXPECT_EQ(seal_.open(caller_, call_, sealed, kNow + 1), state);
    EXPECT_EQ(sealed.find("binary"), std::string::npos);
    EXPECT_EQ(sealed.find_first_not_of(
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
    EXPECT_NE(seal_.seal(caller_, call_, state, kNow), sealed);
    EXPECT_EQ(seal_.open(caller_, call_, seal_.seal(caller_, call_, "", kNow), kNow), "");
}

TEST_F(McpRequestState, ChangedStateDoesNotOpen) {
    const std::string sealed = seal_.seal(caller_, call_, "state", kNow);
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(seal_.open(caller_, call_, changed, kNow), std::nullopt) << i;
    }
    for (const std::string& text :
         {sealed + "-TAMPERED", sealed + "=", sealed + "A", sealed.substr(1), std::string(),
          std::string("AAAA"), std::string(1'000'000, 'A'), " " + sealed}) {
        EXPECT_EQ(seal_.open(caller_, call_, text, kNow), std::nullopt);
    }
    EXPECT_EQ(StateSeal(StateSeal::Key{9}).open(caller_, call_, sealed, kNow), std::nullopt);
}

TEST_F(McpRequestState, IsBoundToCallerAndRequest) {
    const std::string sealed = seal_.seal(caller_, call_, "state", kNow);
    Caller other = caller_;
    other.context.tenant = "u";
    EXPECT_EQ(seal_.open(other, call_, sealed, kNow), std::nullopt);
    other = caller_;
    other.context.actor = "key-2";
    EXPECT_EQ(seal_.open(other, call_, sealed, kNow), std::nullopt);
    other = caller_;
    other.context.name_space = "n";
    EXPECT_EQ(seal_.open(other, call_, sealed, kNow), std::nullopt);
    for (const RpcMessage& message :
         {request(R"({"name":"b","arguments":{"x":1}})"),
          request(R"({"name":"a","arguments":{"x":2}})"), request(R"({"name":"a"})"),
          request(R"({"name":"a","arguments":{"x":1}})", "prompts/get"),
          request(R"({"uri":"a","arguments":{"x":1}})")}) {
        EXPECT_EQ(seal_.open(caller_, message, sealed, kNow), std::nullopt);
    }
}

TEST_F(McpRequestState, AbsentArgumentsAreEmptyOnes) {
    const std::string sealed = seal_.seal(caller_, request(R"({"name":"a"})"), "s", kNow);
    EXPECT_EQ(
        seal_.open(caller_, request(R"({"name":"a","arguments":{},"_meta":{}})"), sealed, kNow),
        "s");
}

TEST_F(McpRequestState, Expires) {
    const std::string sealed = seal_.seal(caller_, call_, "state", kNow);
    EXPECT_EQ(seal_.open(caller_, call_, sealed, kNow + StateSeal::kLifeUs - 1), "state");
    EXPECT_EQ(seal_.open(caller_, call_, sealed, kNow + StateSeal::kLifeUs), std::nullopt);
}

TEST_F(McpRequestState, TheLargestStateFits) {
    const std::string state(StateSeal::kMaxStateBytes, 's');
    EXPECT_EQ(seal_.open(caller_, call_, seal_.seal(caller_, call_, state, kNow), kNow), state);
}

}  // namespace
}  // namespace credence::surface::mcp
