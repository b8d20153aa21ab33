#include "surface/http/feed_client.h"

#include <gtest/gtest.h>

#include <deque>

namespace credence::surface {
namespace {

class FakeSocket final : public net::WebSocket {
public:
    bool send(std::shared_ptr<const std::string> text) override {
        if (sent.size() == capacity) {
            return false;
        }
        sent.push_back(*text);
        if (holding) {
            held.push_back(std::move(text));
        }
        return true;
    }
    void close(std::uint16_t code, std::string_view) override { closed = code; }

    std::vector<std::string> sent;
    std::vector<std::shared_ptr<const std::string>> held;  // not taken by the connection yet
    bool holding = false;
    std::size_t capacity = 100'000;
    int closed = 0;
};

// A log and a worker queue that runs when told to.
class Feed : public testing::Test {
protected:
    void commit(int count) {
        for (int i = 0; i < count; ++i) {
            store::StoredEvent event;
            event.seq = static_cast<std::int64_t>(log_.size()) + 1;
            event.tenant = event.seq % 2 == 0 ? "even" : "odd";
            event.name = "thing_done";
            event.at_us = event.seq * 10;
            event.actor = "me";
            event.body.text = "{\"n\":" + std::to_string(event.seq) + "}";
            log_.push_back(std::move(event));
        }
    }

    std::shared_ptr<FeedClient> open(FeedRequest request) {
        FeedIo io;
        io.read = [this](const FeedRequest& wanted, std::optional<std::int64_t> after) {
            return read(wanted, after);
        };
        io.submit = [this](std::function<void()> task) {
            if (queue_full_) {
                return false;
            }
            tasks_.push_back(std::move(task));
            return true;
        };
        auto client = std::make_shared<FeedClient>(std::move(request), std::move(io));
        client->attach(socket_);
        return client;
    }

    Result<FeedBatch> read(const FeedRequest& wanted, std::optional<std::int64_t> after) {
        ++reads_;
        if (store_broken_) {
            return fail(Code::unavailable, "broken");
        }
        FeedBatch batch;
        batch.last_seq = static_cast<std::int64_t>(log_.size());
        for (const store::StoredEvent& event : log_) {
            const bool fits = after && event.seq > *after && event.tenant == wanted.tenant;
            if (fits && batch.events.size() < static_cast<std::size_t>(FeedClient::kBatch)) {
                batch.events.push_back(event);
            }
        }
        if (auto hook = after_read_) {
            hook();
        }
        return batch;
    }

    void run_all() {
        while (!tasks_.empty()) {
            auto task = std::move(tasks_.front());
            tasks_.pop_front();
            task();
        }
    }

    static std::string event_text(int seq) {
        const std::string n = std::to_string(seq);
        return "{\"seq\":" + n + ",\"name\":\"thing_done\",\"at_us\":" + n +
               "0,\"actor\":\"me\",\"data\":{\"n\":" + n + "}}";
    }

    std::vector<store::StoredEvent> log_;
    std::deque<std::function<void()>> tasks_;
    std::shared_ptr<FakeSocket> socket_ = std::make_shared<FakeSocket>();
    std::function<void()> after_read_;
    int reads_ = 0;
    bool queue_full_ = false;
    bool store_broken_ = false;
};

TEST_F(Feed, GreetsAndStartsFromNow) {
    commit(3);
    const auto client = open({"odd", std::nullopt, {}});
    run_all();
    ASSERT_EQ(socket_->sent.size(), 1U);
    EXPECT_EQ(socket_->sent[0], R"({"type":"hello","last_seq":3})");
    commit(2);
    client->wake();
    run_all();
    ASSERT_EQ(socket_->sent.size(), 2U);
    EXPECT_EQ(socket_->sent[1], event_text(5));
}

TEST_F(Feed, ResumesWithoutGapOrRepeatAcrossBatches) {
    constexpr int kEvents = 4 * FeedClient::kBatch + 7;
    commit(kEvents);
    const auto client = open({"odd", 1, {}});
    run_all();
    ASSERT_EQ(socket_->sent.size(), 1U + kEvents / 2);
    for (std::size_t i = 1; i < socket_->sent.size(); ++i) {
        EXPECT_EQ(socket_->sent[i], event_text(static_cast<int>(2 * i + 1)));
    }
    client->wake();
    run_all();
    EXPECT_EQ(socket_->sent.size(), 1U + kEvents / 2);
}

TEST_F(Feed, KeepsOneReadUnderWay) {
    const auto client = open({"odd", 0, {}});
    for (int i = 0; i < 10; ++i) {
        client->wake();
    }
    EXPECT_EQ(tasks_.size(), 1U);
    run_all();
    EXPECT_EQ(reads_, 1);
}

TEST_F(Feed, ReadsAgainWhenWokenDuringARead) {
    const auto client = open({"odd", 0, {}});
    // A commit that comes after the snapshot was taken must not be missed.
    after_read_ = [&] {
        after_read_ = nullptr;
        commit(1);
        client->wake();
    };
    run_all();
    EXPECT_EQ(reads_, 2);
    ASSERT_EQ(socket_->sent.size(), 2U);
    EXPECT_EQ(socket_->sent[1], event_text(1));
}

TEST_F(Feed, WaitsForTheConnectionToTakeABatch) {
    commit(4 * FeedClient::kBatch);
    socket_->holding = true;
    const auto client = open({"odd", 0, {}});
    run_all();
    EXPECT_EQ(socket_->sent.size(), 1U + FeedClient::kBatch);
    client->wake();
    run_all();
    EXPECT_EQ(reads_, 1);
    socket_->held.clear();
    run_all();
    EXPECT_EQ(reads_, 2);
    EXPECT_EQ(socket_->sent.size(), 1U + 2 * FeedClient::kBatch);
    EXPECT_EQ(socket_->sent.back(), event_text(4 * FeedClient::kBatch - 1));
}

TEST_F(Feed, SendsLargeEventsAFewAtATime) {
    commit(9);
    for (store::StoredEvent& event : log_) {
        event.body.text = "\"" + std::string(FeedClient::kBatchBytes / 2, 'x') + "\"";
    }
    socket_->holding = true;
    const auto client = open({"odd", 0, {}});
    run_all();
    EXPECT_EQ(socket_->sent.size(), 1U + 2U);
    socket_->holding = false;
    socket_->held.clear();
    run_all();
    EXPECT_EQ(socket_->sent.size(), 1U + 5U);
    EXPECT_EQ(socket_->sent.back().substr(0, 9), "{\"seq\":9,");
}

TEST_F(Feed, DropsASlowListener) {
    commit(9);
    socket_->capacity = 2;
    const auto client = open({"odd", 0, {}});
    run_all();
    EXPECT_EQ(socket_->closed, 1013);
    client->wake();
    EXPECT_TRUE(tasks_.empty());
}

TEST_F(Feed, ClosesWhenItCannotServe) {
    queue_full_ = true;
    open({"odd", 0, {}});
    EXPECT_EQ(socket_->closed, 1013);
    queue_full_ = false;
    store_broken_ = true;
    open({"odd", 0, {}});
    run_all();
    EXPECT_EQ(socket_->closed, 1011);
}

TEST_F(Feed, RefusesACursorFromTheFuture) {
    commit(3);
    open({"odd", 4, {}});
    run_all();
    EXPECT_EQ(socket_->closed, 1008);
    EXPECT_TRUE(socket_->sent.empty());
}

TEST_F(Feed, StopsWhenThePeerIsGone) {
    const auto client = open({"odd", 0, {}});
    client->detach();
    run_all();
    EXPECT_EQ(reads_, 0);
    client->wake();
    EXPECT_TRUE(tasks_.empty());
}

TEST(FeedRequestTest, ReadsAfterAndTopics) {
    const auto request = parse_feed_request("after=41&topics=key_created,%20key_revoked,");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->after, 41);
    EXPECT_EQ(request->topics, (std::vector<std::string>{"key_created", "key_revoked"}));
    const auto plain = parse_feed_request("");
    ASSERT_TRUE(plain);
    EXPECT_FALSE(plain->after);
    EXPECT_TRUE(plain->topics.empty());
}

TEST(FeedRequestTest, NamesTheBadParameter) {
    const auto field = [](std::string_view query) {
        const auto request = parse_feed_request(query);
        return request ? "(accepted)" : request.error().field;
    };
    EXPECT_EQ(field("after=-1"), "after");
    EXPECT_EQ(field("after=x"), "after");
    EXPECT_EQ(field("after=1&after=2"), "after");
    EXPECT_EQ(field("topics=A'B"), "topics");
    EXPECT_EQ(field("since=1"), "since");
}

}  // namespace
}  // namespace credence::surface
