#include "surface/mcp/session/stream_memory.h"

#include <gtest/gtest.h>

namespace credence::surface::mcp {
namespace {

constexpr std::size_t kRoom = std::size_t{1} << 20;

TEST(McpEventId, IsReadBackAndNothingElseIs) {
    EXPECT_EQ((EventId{7, 42}).text(), "7-42");
    EXPECT_EQ(EventId::parse("7-42"), (EventId{7, 42}));
    for (const char* text : {"", "7", "-", "7-", "-1", "0-1", "7--1", "a-1", "7-1x", "7-1-2"}) {
        EXPECT_FALSE(EventId::parse(text)) << text;
    }
}

TEST(McpSse, LineEndsInsideTheDataDoNotEndTheEvent) {
    EXPECT_EQ(sse_event(EventId{1, 2}, "{\n\"a\":\r1}"), "id: 1-2\ndata: { \"a\": 1}\n\n");
    EXPECT_EQ(sse_event("{}"), "data: {}\n\n");
    EXPECT_EQ(sse_priming(EventId{3, 0}, 500), "id: 3-0\nretry: 500\ndata: \n\n");
    EXPECT_EQ(sse_priming(EventId{3, 0}, 0), "id: 3-0\ndata: \n\n");
}

TEST(StreamMemory, ReplaysOneStreamOnly) {
    StreamMemory memory(kRoom);
    const auto first = memory.open();
    const auto second = memory.open();
    EXPECT_EQ(memory.add(first, "a").text(), "1-1");
    EXPECT_EQ(memory.add(second, "b").text(), "2-1");
    EXPECT_EQ(memory.add(first, "c").text(), "1-2");
    const auto all = memory.after({first, 0});
    ASSERT_TRUE(all);
    EXPECT_EQ(all->events,
              (std::vector<std::string>{"id: 1-1\ndata: a\n\n", "id: 1-2\ndata: c\n\n"}));
    EXPECT_FALSE(all->ended);
    memory.end(first, 5);
    const auto rest = memory.after({first, 1});
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->events.size(), 1U);
    EXPECT_TRUE(rest->ended);
    EXPECT_TRUE(memory.after({first, 2})->events.empty());
}

TEST(StreamMemory, UnknownEventsAreNotReplayed) {
    StreamMemory memory(kRoom);
    const auto stream = memory.open();
    memory.add(stream, "a");
    EXPECT_FALSE(memory.after({stream, 2}));
    EXPECT_FALSE(memory.after({stream + 1, 0}));
    memory.forget(stream);
    EXPECT_FALSE(memory.after({stream, 1}));
    EXPECT_EQ(memory.bytes(), 0U);
}

TEST(StreamMemory, ForgetsTheOldestBeyondItsBytesAndSaysSo) {
    StreamMemory memory(3 * (10 + StreamMemory::kEventOverheadBytes));
    const auto stream = memory.open();
    for (int i = 0; i < 5; ++i) {
        memory.add(stream, std::string(10, 'x'));
        EXPECT_LE(memory.bytes(), memory.max_bytes());
    }
    EXPECT_FALSE(memory.after({stream, 1})) << "event 2 is gone";
    ASSERT_TRUE(memory.after({stream, 2}));
    EXPECT_EQ(memory.after({stream, 2})->events.size(), 3U);
    memory.add(stream, std::string(1000, 'x'));
    EXPECT_EQ(memory.bytes(), 0U) << "one that never fits is not kept";
    EXPECT_FALSE(memory.after({stream, 5}));
    EXPECT_TRUE(memory.after({stream, 6}));
}

TEST(StreamMemory, EndedStreamsGoWithTimeAndNumber) {
    StreamMemory memory(kRoom);
    const auto early = memory.open();
    memory.add(early, "a");
    memory.end(early, 10);
    const auto late = memory.open();
    memory.add(late, "b");
    memory.end(late, 20);
    memory.forget_ended_before(15);
    EXPECT_FALSE(memory.after({early, 0}));
    EXPECT_TRUE(memory.after({late, 0}));
    for (std::size_t i = 0; i < StreamMemory::kMaxEndedStreams; ++i) {
        memory.end(memory.open(), 30);
    }
    EXPECT_FALSE(memory.after({late, 0}));
    EXPECT_EQ(memory.bytes(), 0U);
}

}  // namespace
}  // namespace credence::surface::mcp
