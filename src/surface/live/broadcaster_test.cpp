#include "surface/live/broadcaster_fixture.h"

namespace credence::surface {
namespace {

TEST_F(LiveRoom, WelcomesThenSnapshotThenDeltas) {
    make();
    commit(3);
    const Listener a = open();
    turn();
    EXPECT_EQ(a.socket->summary(), "connected");
    commit(1);  // before the snapshot is there
    turn();
    EXPECT_EQ(a.socket->summary(), "connected");
    answer_snapshot();
    EXPECT_EQ(a.socket->sent.at(1), R"({"type":"snapshot","seq":3,"timestamp_us":1000,)"
                                    R"("data":{"top_skills":[{"skill_name":"s1"}]}})");
    EXPECT_EQ(a.socket->sent.at(2), R"({"type":"metrics_update","seq":4,"timestamp_us":40,)"
                                    R"("data":{"changed":[{"skill_name":"s0","n":4}]}})");
    commit(2);
    commit(1, "key_created");  // no topic of this feed
    turn();
    EXPECT_EQ(a.socket->seqs(), (std::vector<std::int64_t>{4, 5, 6}));
}

TEST_F(LiveRoom, OneReadAndOneSnapshotServeAll) {
    make();
    std::vector<Listener> all;
    for (int i = 0; i < 50; ++i) {
        all.push_back(open());
    }
    turn();
    EXPECT_EQ(snapshots_.size(), 1U);
    const Listener late = open();  // takes the one under way
    turn();
    answer_snapshot();
    EXPECT_TRUE(snapshots_.empty());
    const int reads = reads_;
    commit(1);
    turn();
    EXPECT_EQ(reads_, reads + 1);
    for (const Listener& listener : all) {
        EXPECT_EQ(listener.socket->summary(), "connected snapshot metrics_update");
    }
    EXPECT_EQ(late.socket->summary(), "connected snapshot metrics_update");
    EXPECT_EQ(metrics_.gauge("credence_live_clients", "", {{"feed", "skills"}}).value(), 51);
}

TEST_F(LiveRoom, KeepsTenantsApart) {
    make();
    const Listener a = open();
    const Listener b = open({}, "other");
    turn();
    answer_snapshot();
    answer_snapshot();
    EXPECT_EQ(snapshot_tenants_, (std::vector<std::string>{"default", "other"}));
    commit(2, "skill_metrics_updated", "other");
    turn();
    EXPECT_EQ(a.socket->summary(), "connected snapshot");
    EXPECT_EQ(b.socket->summary(), "connected snapshot 2*metrics_update");
}

TEST_F(LiveRoom, AFilteredClientHearsItsSkillsOnly) {
    make();
    const Listener a = open();
    turn();
    answer_snapshot();
    say(a, R"({"type":"subscribe","skill":"s1"})");
    commit(4);
    turn();
    EXPECT_EQ(a.socket->seqs(), (std::vector<std::int64_t>{1, 3}));
    say(a, R"({"type":"unsubscribe"})");
    commit(2);
    pass(15 * kSecondUs);
    EXPECT_EQ(a.socket->seqs(), (std::vector<std::int64_t>{1, 3}));
    EXPECT_EQ(a.socket->summary(),
              "connected snapshot subscription_confirmed 2*metrics_update unsubscribed heartbeat");
    say(a, R"({"type":"subscribe","skill":null})");
    commit(2);
    turn();
    EXPECT_EQ(a.socket->seqs(), (std::vector<std::int64_t>{1, 3, 7, 8}));
}

TEST_F(LiveRoom, AnswersPingsAndErrorsUntilItIsEnough) {
    make();
    const Listener a = open();
    turn();
    answer_snapshot();
    say(a, R"({"type":"ping"})");
    EXPECT_EQ(a.socket->sent.back(), R"({"type":"pong","seq":0,"timestamp_us":1000})");
    say(a, "no json");
    say(a, R"({"type":"dance"})");
    EXPECT_EQ(a.socket->summary(), "connected snapshot pong 2*error");
    EXPECT_EQ(a.socket->closed, 0);
    for (int i = 0; i < Broadcaster::kMaxErrors - 2; ++i) {
        say(a, "[]");
    }
    EXPECT_EQ(a.socket->closed, 1008);
    say(a, R"({"type":"ping"})");  // too late
    EXPECT_EQ(a.socket->summary(), "connected snapshot pong 10*error");
}

TEST_F(LiveRoom, ASnapshotOnDemandComesBetweenDeltas) {
    make();
    const Listener a = open();
    turn();
    answer_snapshot();
    commit(2);
    turn();
    say(a, R"({"type":"snapshot"})");
    commit(2);
    turn();
    EXPECT_EQ(a.socket->seqs().size(), 2U);
    answer_snapshot();
    EXPECT_EQ(a.socket->summary(), "connected snapshot 2*metrics_update snapshot 2*metrics_update");
    EXPECT_NE(a.socket->sent.at(4).find("\"seq\":2,"), std::string::npos);
    EXPECT_EQ(a.socket->seqs(), (std::vector<std::int64_t>{1, 2, 3, 4}));
}

TEST_F(LiveRoom, AFailedSnapshotIsToldNotHidden) {
    make();
    const Listener a = open();
    turn();
    snapshots_.front()(fail(Code::exhausted, "busy"));
    snapshots_.pop_front();
    turn();
    EXPECT_EQ(a.socket->closed, 1013);
    const Listener b = open();
    turn();
    answer_snapshot();
    say(b, R"({"type":"snapshot"})");
    snapshots_.front()(fail(Code::exhausted, "busy"));
    turn();
    commit(1);
    turn();
    EXPECT_EQ(b.socket->summary(), "connected snapshot error metrics_update");
}

TEST_F(LiveRoom, WantsAKeyFirstAndInTime) {
    make();
    const auto unnamed = [this] {
        Listener listener;
        listener.client->socket = listener.socket;
        room_->open(listener.client);
        turn();
        return listener;
    };
    const Listener good = unnamed();
    EXPECT_TRUE(good.socket->sent.empty());
    say(good, R"({"token":"good"})");
    EXPECT_EQ(good.socket->summary(), "connected");
    EXPECT_NE(good.socket->sent.at(0).find("\"authenticated\":true"), std::string::npos);
    const Listener bad = unnamed();
    say(bad, R"({"token":"bad"})");
    EXPECT_EQ(bad.socket->closed, 4001);
    const Listener rude = unnamed();
    say(rude, R"({"type":"ping"})");
    EXPECT_EQ(rude.socket->closed, 4001);
    EXPECT_TRUE(rude.socket->sent.empty());
    const Listener late = unnamed();
    pass(4 * kSecondUs);
    EXPECT_EQ(late.socket->closed, 0);
    pass(kSecondUs);
    EXPECT_EQ(late.socket->closed, 4001);
    EXPECT_EQ(good.socket->closed, 0);
}

TEST_F(LiveRoom, HeartbeatsTellTheNewestSeq) {
    make(false);
    const Listener a = open();
    commit(1, "key_created");
    turn();
    EXPECT_EQ(a.socket->summary(), "connected");
    pass(15 * kSecondUs);
    EXPECT_EQ(a.socket->sent.back(), R"({"type":"heartbeat","seq":1,"timestamp_us":1000})");
    pass(15 * kSecondUs);
    EXPECT_EQ(a.socket->summary(), "connected 2*heartbeat");
}

TEST_F(LiveRoom, ForgetsWhoLeft) {
    make();
    const Listener a = open();
    turn();
    room_->closed(a.client);
    turn();
    answer_snapshot();
    commit(1);
    turn();
    EXPECT_EQ(a.socket->summary(), "connected");
    EXPECT_EQ(a.client.use_count(), 1);
    EXPECT_EQ(a.socket.use_count(), 1);
}

}  // namespace
}  // namespace credence::surface
