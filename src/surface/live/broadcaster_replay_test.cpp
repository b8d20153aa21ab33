#include "surface/live/broadcaster_fixture.h"

#include <algorithm>

namespace credence::surface {
namespace {

TEST_F(LiveRoom, ResumesFromTheStoreWithoutGapOrRepeat) {
    make(true, 8);
    commit(100);
    LiveRequest request;
    request.after = 10;
    const Listener a = open(request);
    turn();
    ASSERT_EQ(a.socket->seqs().size(), 90U);
    EXPECT_EQ(a.socket->seqs().front(), 11);
    EXPECT_EQ(a.socket->seqs().back(), 100);
    EXPECT_EQ(a.socket->summary(), "connected 90*metrics_update resumed");
    EXPECT_NE(a.socket->sent.back().find("\"replayed\":90,\"seq\":100"), std::string::npos);
    commit(3);
    turn();
    EXPECT_EQ(a.socket->seqs().size(), 93U);
    const auto seqs = a.socket->seqs();
    EXPECT_TRUE(std::ranges::is_sorted(seqs));
    EXPECT_EQ(std::ranges::adjacent_find(seqs), seqs.end());
    EXPECT_TRUE(snapshots_.empty());  // it knows what went before
}

TEST_F(LiveRoom, ResumesFromMemoryWithoutReading) {
    make();
    const Listener first = open();
    turn();
    answer_snapshot();
    commit(10);
    turn();
    const int reads = reads_;
    LiveRequest request;
    request.after = 4;
    const Listener a = open(request);
    turn();
    EXPECT_EQ(a.socket->seqs(), (std::vector<std::int64_t>{5, 6, 7, 8, 9, 10}));
    EXPECT_EQ(reads_, reads);
    say(first, R"({"type":"resume","after":8})");
    EXPECT_EQ(first.socket->seqs().size(), 12U);
    EXPECT_EQ(first.socket->seqs().back(), 10);
}

TEST_F(LiveRoom, ManyWhoComeBackReadTheStoreOnce) {
    make();
    commit(12);
    std::vector<Listener> all;
    LiveRequest request;
    request.after = 2;
    for (int i = 0; i < 100; ++i) {
        all.push_back(open(request));
    }
    turn();
    EXPECT_EQ(reads_, 2);  // the newest seq, and what all of them missed
    for (const Listener& listener : all) {
        EXPECT_EQ(listener.socket->seqs().size(), 10U);
    }
}

TEST_F(LiveRoom, RefusesACursorFromTheFuture) {
    make();
    commit(3);
    LiveRequest request;
    request.after = 4;
    const Listener a = open(request);
    turn();
    EXPECT_EQ(a.socket->closed, 1008);
    const Listener b = open();
    turn();
    answer_snapshot();
    say(b, R"({"type":"resume","after":9})");
    EXPECT_EQ(b.socket->summary(), "connected snapshot error");
    EXPECT_EQ(b.socket->closed, 0);
}

TEST_F(LiveRoom, WaitsForAResumingClientToTakeABatch) {
    make(true, 4);
    commit(64);
    LiveRequest request;
    request.after = 0;
    Listener a = open(request);
    a.socket->holding = true;
    turn();
    EXPECT_EQ(a.socket->seqs().size(), 16U);
    commit(1);
    turn();
    EXPECT_EQ(a.socket->seqs().size(), 16U);
    a.socket->held.clear();
    turn();
    EXPECT_EQ(a.socket->seqs().size(), 32U);
    a.socket->holding = false;
    a.socket->held.clear();
    turn();
    EXPECT_EQ(a.socket->seqs().size(), 65U);
    EXPECT_EQ(a.socket->summary(), "connected 65*metrics_update resumed");
}

TEST_F(LiveRoom, ASlowClientLeavesTheOthersAlone) {
    make();
    const Listener slow = open();
    const Listener quick = open();
    slow.socket->capacity = 4;
    turn();
    answer_snapshot();
    commit(5);
    turn();
    EXPECT_EQ(slow.socket->sent.size(), 4U);
    EXPECT_EQ(slow.client->state, LiveClient::State::gone);
    EXPECT_EQ(quick.socket->seqs().size(), 5U);
    room_->closed(slow.client);  // its connection says so later
    commit(1);
    turn();
    EXPECT_EQ(quick.socket->seqs().size(), 6U);
    EXPECT_EQ(metrics_.gauge("credence_live_clients", "", {{"feed", "skills"}}).value(), 1);
}

TEST_F(LiveRoom, AStoreThatCannotBeReadDelaysButLosesNothing) {
    make();
    const Listener a = open();
    turn();
    answer_snapshot();
    broken_ = true;
    commit(2);
    turn();
    const int reads = reads_;
    turn();
    EXPECT_EQ(reads_, reads);  // not again at once
    broken_ = false;
    pass(Broadcaster::kRetryUs);
    EXPECT_EQ(a.socket->seqs(), (std::vector<std::int64_t>{1, 2}));
    broken_ = true;
    const Listener b = open({}, "new tenant");
    turn();
    EXPECT_EQ(b.socket->closed, 1011);
}

}  // namespace
}  // namespace credence::surface
