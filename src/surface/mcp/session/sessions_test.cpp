#include "surface/mcp/session/sessions.h"

#include <gtest/gtest.h>

#include <vector>

namespace credence::surface::mcp {
namespace {

constexpr std::int64_t kMs = 1'000;

// Keeps what a peer would have received.
class FakeStream final : public net::ResponseStream {
public:
    bool send(std::string bytes) override {
        sent += bytes;
        return !finished;
    }
    void finish() override { finished = true; }
    std::string sent;
    bool finished = false;
};

struct Peer {
    std::shared_ptr<FakeStream> stream = std::make_shared<FakeStream>();
    std::shared_ptr<std::atomic<bool>> gone = std::make_shared<std::atomic<bool>>(false);
    Session::Open open() {
        return [this](std::int64_t) { return Carrier{stream, gone}; };
    }
};

class SessionsTest : public testing::Test {
protected:
    static McpSettings settings() {
        McpSettings out;
        out.max_sessions = 3;
        out.session_idle_ms = 1'000;
        out.max_streams_per_session = 2;
        out.remembered_bytes = 1'000;
        return out;
    }
    std::shared_ptr<Session> create() {
        auto session = sessions_.create(context_, {});
        EXPECT_TRUE(session);
        return session ? *session : nullptr;
    }
    void pass_ms(std::int64_t ms) { clock_.advance_us(ms * kMs); }

    ManualClock clock_{1'735'689'600'000'000};
    SeededRandom random_{1};
    Sessions sessions_{settings(), clock_, random_};
    Context context_;
};

TEST_F(SessionsTest, BelongToTheirCallerAlone) {
    const auto session = create();
    EXPECT_EQ(session->id().size(), 32U);
    EXPECT_EQ(sessions_.find(session->id(), context_), session);
    Context other = context_;
    other.actor = "somebody else";
    EXPECT_EQ(sessions_.find(session->id(), other), nullptr);
    EXPECT_FALSE(sessions_.end(session->id(), other));
    other = context_;
    other.tenant = "another";
    EXPECT_EQ(sessions_.find(session->id(), other), nullptr);
    EXPECT_TRUE(sessions_.end(session->id(), context_));
    EXPECT_EQ(sessions_.find(session->id(), context_), nullptr);
}

TEST_F(SessionsTest, EndWhenIdle) {
    const auto kept = create();
    const auto idle = create();
    const auto connected = create();
    Peer peer;
    EXPECT_TRUE(connected->open_standalone(peer.open()));
    pass_ms(900);
    EXPECT_NE(sessions_.find(kept->id(), context_), nullptr);
    pass_ms(200);
    sessions_.sweep();
    EXPECT_EQ(sessions_.size(), 2U);
    EXPECT_EQ(sessions_.find(idle->id(), context_), nullptr);
    EXPECT_NE(sessions_.find(kept->id(), context_), nullptr);
    peer.gone->store(true);
    pass_ms(2'000);
    sessions_.sweep();
    EXPECT_EQ(sessions_.size(), 0U);
}

TEST_F(SessionsTest, FullMeansTheLongestIdleGoes) {
    const auto first = create();
    const auto second = create();
    const auto third = create();
    Peer peer;
    first->open_standalone(peer.open());
    pass_ms(1);
    const auto fourth = create();
    EXPECT_EQ(sessions_.find(second->id(), context_), nullptr);
    EXPECT_NE(sessions_.find(first->id(), context_), nullptr);
    Peer others[2];
    third->open_standalone(others[0].open());
    fourth->open_standalone(others[1].open());
    const auto refused = sessions_.create(context_, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::exhausted);
}

TEST_F(SessionsTest, StreamsOutliveTheirConnections) {
    const auto session = create();
    Peer peer;
    const auto stream = session->open_stream(peer.open());
    ASSERT_NE(stream, 0);
    session->send(stream, "one");
    EXPECT_EQ(peer.stream->sent, "id: 1-1\ndata: one\n\n");
    peer.gone->store(true);
    EXPECT_FALSE(session->is_connected(stream));
    session->send(stream, "two");
    Peer back;
    EXPECT_EQ(session->resume({stream, 1}, back.open()), Session::Resumed::yes);
    EXPECT_EQ(back.stream->sent, "id: 1-2\ndata: two\n\n");
    session->send(stream, "three");
    session->end(stream, clock_.steady_us());
    EXPECT_TRUE(back.stream->finished);
    Peer late;
    EXPECT_EQ(session->resume({stream, 2}, late.open()), Session::Resumed::yes);
    EXPECT_EQ(late.stream->sent, "id: 1-3\ndata: three\n\n");
    EXPECT_TRUE(late.stream->finished);
    clock_.advance_us(Sessions::kResumableUs + 1);
    session->forget_ended_before(clock_.steady_us() - Sessions::kResumableUs);
    EXPECT_EQ(session->resume({stream, 2}, late.open()), Session::Resumed::unknown);
}

TEST_F(SessionsTest, PauseEndsTheConnectionNotTheStream) {
    const auto session = create();
    Peer peer;
    const auto stream = session->open_stream(peer.open());
    session->pause(stream, 50);
    EXPECT_EQ(peer.stream->sent, "retry: 50\n\n");
    EXPECT_TRUE(peer.stream->finished);
    session->send(stream, "later");
    Peer back;
    EXPECT_EQ(session->resume({stream, 0}, back.open()), Session::Resumed::yes);
    EXPECT_EQ(back.stream->sent, "id: 1-1\ndata: later\n\n");
    EXPECT_FALSE(back.stream->finished);
}

TEST_F(SessionsTest, StreamsAreBoundedAndEndWithTheSession) {
    const auto session = create();
    Peer peers[3];
    EXPECT_NE(session->open_stream(peers[0].open()), 0);
    EXPECT_TRUE(session->open_standalone(peers[1].open()));
    EXPECT_EQ(session->open_stream(peers[2].open()), 0);
    EXPECT_TRUE(session->open_standalone(peers[2].open())) << "takes the place of the other";
    EXPECT_TRUE(peers[1].stream->finished);
    EXPECT_TRUE(session->send_standalone("news"));
    EXPECT_NE(peers[2].stream->sent.find("news"), std::string::npos);
    EXPECT_TRUE(sessions_.end(session->id(), context_));
    EXPECT_TRUE(peers[0].stream->finished);
    EXPECT_TRUE(peers[2].stream->finished);
    EXPECT_EQ(session->open_stream(peers[0].open()), 0);
}

}  // namespace
}  // namespace credence::surface::mcp
