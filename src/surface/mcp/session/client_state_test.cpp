#include "surface/mcp/session/client_state.h"

#include <gtest/gtest.h>

namespace credence::surface::mcp {
namespace {

class Counted final : public Running {
public:
    void give_up() override { ++given_up; }
    int given_up = 0;
};

TEST(RunningRequests, AreGivenUpById) {
    RunningRequests running;
    const auto number = std::make_shared<Counted>();
    const auto text = std::make_shared<Counted>();
    EXPECT_TRUE(running.add("1", number));
    EXPECT_TRUE(running.add("\"1\"", text));
    running.give_up("1");
    running.give_up("1");
    EXPECT_EQ(number->given_up, 1);
    EXPECT_EQ(text->given_up, 0);
    running.give_up_all();
    EXPECT_EQ(text->given_up, 1);
    EXPECT_FALSE(running.any());
}

TEST(RunningRequests, AnIdUsedTwiceIsOfTheSecond) {
    RunningRequests running;
    const auto first = std::make_shared<Counted>();
    const auto second = std::make_shared<Counted>();
    running.add("1", first);
    running.add("1", second);
    running.remove("1", first.get());
    running.give_up("1");
    EXPECT_EQ(second->given_up, 1);
}

TEST(RunningRequests, AreBounded) {
    RunningRequests running;
    const auto one = std::make_shared<Counted>();
    for (std::size_t i = 0; i < RunningRequests::kMaxRunning; ++i) {
        ASSERT_TRUE(running.add(std::to_string(i), one));
    }
    EXPECT_FALSE(running.add("more", one));
}

struct Heard {
    int times = 0;
    Outcome outcome;
    Asks::Done done() {
        return [this](Outcome given) {
            ++times;
            outcome = std::move(given);
        };
    }
};

TEST(Asks, AreAnsweredOnceByTheirId) {
    Asks asks;
    Heard first;
    Heard second;
    auto done = first.done();
    const auto id = asks.add(100, done);
    done = second.done();
    const auto other = asks.add(200, done);
    ASSERT_TRUE(id && other);
    EXPECT_FALSE(asks.settle("\"x\"", "{}"));
    EXPECT_FALSE(asks.settle("99", "{}"));
    EXPECT_TRUE(asks.settle(*other, R"({"a":1})"));
    EXPECT_FALSE(asks.settle(*other, R"({"a":2})"));
    EXPECT_EQ(second.outcome, R"({"a":1})");
    asks.expire(99);
    EXPECT_EQ(first.times, 0);
    asks.expire(100);
    EXPECT_EQ(first.times, 1);
    ASSERT_FALSE(first.outcome);
    EXPECT_EQ(first.outcome.error().code, RpcCode::internal_error);
    EXPECT_FALSE(asks.any());
}

TEST(Asks, AreBoundedAndFailTogether) {
    Asks asks;
    Heard all;
    for (std::size_t i = 0; i < Asks::kMaxAsks; ++i) {
        auto done = all.done();
        ASSERT_TRUE(asks.add(1, done));
    }
    auto more = all.done();
    EXPECT_FALSE(asks.add(1, more));
    EXPECT_TRUE(more) << "not taken";
    asks.fail_all();
    EXPECT_EQ(all.times, static_cast<int>(Asks::kMaxAsks));
}

TEST(McpNotices, AreToldInLegacyTerms) {
    EXPECT_EQ(legacy_notification({.kind = Notice::Kind::resource, .subject = "a://b"}),
              R"({"jsonrpc":"2.0","method":"notifications/resources/updated",)"
              R"("params":{"uri":"a://b"}})");
    EXPECT_EQ(legacy_notification({.kind = Notice::Kind::tools}),
              R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
    EXPECT_EQ(legacy_notification({.kind = Notice::Kind::task}), "");
}

}  // namespace
}  // namespace credence::surface::mcp
