#include "surface/mcp/protocol/notices.h"

#include <gtest/gtest.h>

#include <thread>

namespace credence::surface::mcp {
namespace {

using Kind = Notice::Kind;

TEST(McpNotices, ReachThoseWhoAsked) {
    Notices notices;
    std::vector<std::string> heard;
    const auto token =
        notices.add({.tenant = "a", .tools = true, .uris = {"x://1"}, .tasks = {"t1"}},
                    [&](const Notice& notice) { heard.push_back(notice.subject); });
    EXPECT_GT(token, 0);
    notices.publish({.kind = Kind::tools, .subject = "tools"});
    notices.publish({.kind = Kind::prompts, .subject = "prompts"});
    notices.publish({.kind = Kind::resource, .tenant = "a", .subject = "x://1"});
    notices.publish({.kind = Kind::resource, .tenant = "a", .subject = "x://2"});
    notices.publish({.kind = Kind::resource, .tenant = "b", .subject = "x://1"});
    notices.publish({.kind = Kind::task, .tenant = "a", .subject = "t1"});
    EXPECT_EQ(heard, (std::vector<std::string>{"tools", "x://1", "t1"}));
    notices.remove(token);
    notices.publish({.kind = Kind::tools, .subject = "late"});
    EXPECT_EQ(heard.size(), 3U);
}

TEST(McpNotices, KnowsWhatIsWanted) {
    Notices notices;
    EXPECT_FALSE(notices.wanted());
    const auto first = notices.add({.tenant = "b", .uris = {"u2", "u1"}}, [](const Notice&) {});
    const auto second =
        notices.add({.tenant = "a", .prompts = true, .uris = {"u3"}}, [](const Notice&) {});
    notices.add({.tenant = "b", .uris = {"u1"}}, [](const Notice&) {});
    EXPECT_TRUE(notices.wanted(Kind::resource));
    EXPECT_TRUE(notices.wanted(Kind::prompts));
    EXPECT_FALSE(notices.wanted(Kind::task));
    EXPECT_EQ(notices.uris("b"), (std::vector<std::string>{"u1", "u2"}));
    EXPECT_EQ(notices.tenants(), (std::vector<std::string>{"a", "b"}));
    notices.replace(second, {.tenant = "a", .tasks = {"t"}});
    EXPECT_FALSE(notices.wanted(Kind::prompts));
    EXPECT_TRUE(notices.wanted(Kind::task));
    notices.remove(first);
    notices.remove(first);
    EXPECT_EQ(notices.uris("b"), (std::vector<std::string>{"u1"}));
}

TEST(McpNotices, ListenersAreBounded) {
    Notices notices;
    std::int64_t last = 0;
    for (std::size_t i = 0; i < Notices::kMaxListeners; ++i) {
        last = notices.add({.tools = true}, [](const Notice&) {});
    }
    EXPECT_GT(last, 0);
    EXPECT_EQ(notices.add({.tools = true}, [](const Notice&) {}), 0);
    notices.remove(last);
    EXPECT_GT(notices.add({.tools = true}, [](const Notice&) {}), 0);
}

TEST(McpNotices, AListenerMayRemoveItselfWhileTold) {
    Notices notices;
    int heard = 0;
    std::int64_t token = 0;
    token = notices.add({.tools = true}, [&](const Notice&) {
        ++heard;
        notices.remove(token);
        notices.remove(token);
    });
    notices.publish({.kind = Kind::tools});
    notices.publish({.kind = Kind::tools});
    EXPECT_EQ(heard, 1);
    EXPECT_FALSE(notices.wanted());
}

TEST(McpNotices, NobodyIsToldAfterRemove) {
    Notices notices;
    std::atomic<bool> stop = false;
    std::thread publisher([&] {
        while (!stop) {
            notices.publish({.kind = Kind::tools});
        }
    });
    for (int round = 0; round < 2'000; ++round) {
        std::atomic<bool> gone = false;
        std::atomic<bool> late = false;
        const auto token = notices.add({.tools = true}, [&](const Notice&) { late = gone.load(); });
        notices.remove(token);
        gone = true;
        EXPECT_FALSE(late);
    }
    stop = true;
    publisher.join();
}

}  // namespace
}  // namespace credence::surface::mcp
