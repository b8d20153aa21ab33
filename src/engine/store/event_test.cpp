#include "engine/store/event.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "engine/store/testing.h"

namespace credence::store {

struct ClaimClosed {
    std::string claim;
};
void describe(Describe<ClaimClosed>& d) {
    d.field<&ClaimClosed::claim>("Claim");
}

namespace {

constexpr std::int64_t kPatienceMs = 20'000;

struct Who {
    std::string tenant = "t";
    std::string actor = "someone";
};

// A store with the table that handlers write their effects to.
class EventTest : public testing::Test {
protected:
    EventTest() {
        migrate_events(path_, clock_);
        log_ = std::make_unique<EventLog>(clock_, metrics_);
        open();
        CHECK(database_->write([](Tx& tx) {
            return tx.run(
                "CREATE TABLE seen (tenant TEXT NOT NULL, subscriber TEXT NOT NULL,"
                " seq BIGINT NOT NULL, body TEXT, PRIMARY KEY (subscriber, seq))");
        }),
              "no table");
    }

    ~EventTest() override {
        log_->stop();
        database_.reset();
    }

    void open() {
        database_ = open_or_die(at_path(path_), clock_, metrics_,
                                [this](std::int64_t seq) { log_->committed(seq); });
    }

    // As a new process would: a fresh log on the same database.
    void restart() {
        log_->stop();
        database_.reset();
        log_ = std::make_unique<EventLog>(clock_, metrics_);
        open();
    }

    static EventHandler record(std::string subscriber) {
        return [subscriber](Tx& tx, const StoredEvent& event) -> Result<void> {
            TRY(tx.run("INSERT INTO seen (tenant, subscriber, seq, body) VALUES ($1, $2, $3, $4)",
                       event.tenant, subscriber, event.seq, event.body.text));
            return {};
        };
    }

    std::int64_t emit(std::string_view name = "thing_done", const std::string& body = "{}") {
        std::int64_t seq = 0;
        CHECK(database_->write([&](Tx& tx) -> Result<void> {
            TRY(tx.emit_json("t", "a", name, body));
            seq = TRY(EventLog::last_seq(tx));
            return {};
        }),
              "not emitted");
        return seq;
    }

    std::vector<std::int64_t> seen(const std::string& subscriber) {
        std::vector<std::int64_t> seqs;
        CHECK(database_->read([&](Tx& tx) -> Result<void> {
            const Rows rows = TRY(tx.query(
                "SELECT seq FROM seen WHERE tenant = 't' AND subscriber = $1 ORDER BY rowid",
                subscriber));
            for (std::size_t i = 0; i < rows.size(); ++i) {
                seqs.push_back(rows.integer(i, 0));
            }
            return {};
        }),
              "not read");
        return seqs;
    }

    Rows cursor(const std::string& subscriber) {
        const auto rows = database_->read([&](Tx& tx) {
            return tx.query(
                "SELECT seq, failures, parked_at_us FROM event_cursor"
                " WHERE subscriber = $1",
                subscriber);
        });
        CHECK(rows && rows->size() == 1, "no cursor");
        return *rows;
    }

    static std::vector<std::int64_t> from_to(std::int64_t first, std::int64_t last) {
        std::vector<std::int64_t> all;
        for (std::int64_t i = first; i <= last; ++i) {
            all.push_back(i);
        }
        return all;
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.file("a.db");
    ManualClock clock_{5'000'000};
    Metrics metrics_;
    std::unique_ptr<EventLog> log_;
    std::unique_ptr<Database> database_;
};

TEST_F(EventTest, AnEventIsReadAsItWasEmitted) {
    ASSERT_TRUE(database_->write([](Tx& tx) { return tx.emit(Who{}, ClaimClosed{"c1"}); }));
    emit("other", "[1]");
    const auto events =
        database_->read([](Tx& tx) { return EventLog::read(tx, "t", 0, {}, 1'000); });
    ASSERT_TRUE(events);
    ASSERT_EQ(events->size(), 2u);
    EXPECT_EQ(events->front().seq, 1);
    EXPECT_EQ(events->front().tenant, "t");
    EXPECT_EQ(events->front().name, "claim_closed");
    EXPECT_EQ(events->front().at_us, 5'000'000);
    EXPECT_EQ(events->front().actor, "someone");
    EXPECT_EQ(events->front().body.text, R"({"claim":"c1"})");
}

TEST_F(EventTest, ReadingIsFilteredAndBounded) {
    for (int i = 0; i < 5; ++i) {
        emit("even");
        emit("odd");
    }
    const auto read = [&](std::string_view tenant, std::int64_t after,
                          const std::vector<std::string>& names, int limit) {
        return database_->read(
            [&](Tx& tx) { return EventLog::read(tx, tenant, after, names, limit); });
    };
    EXPECT_EQ(read("t", 0, {}, 3)->back().seq, 3);
    EXPECT_EQ(read("t", 4, {"odd"}, 10)->size(), 3u);
    EXPECT_EQ(read("t", 4, {"odd", "even"}, 10)->size(), 6u);
    EXPECT_EQ(read("u", 0, {}, 10)->size(), 0u);
    EXPECT_EQ(read("t", 0, {}, 0).error().code, Code::invalid);
    EXPECT_EQ(read("t", 0, {}, 1'001).error().code, Code::invalid);
    const auto last = database_->read([](Tx& tx) { return EventLog::last_seq(tx); });
    EXPECT_EQ(last, 10);
}

TEST_F(EventTest, ForgetsOldEventsOfANameThatEverybodyHasSeen) {
    log_->subscribe("all", {}, record("all"));
    ASSERT_TRUE(log_->start(*database_));
    const auto forget = [&](std::int64_t before_us, std::int64_t limit) {
        return database_->write(
            [&](Tx& tx) { return EventLog::forget(tx, "chatter", before_us, limit); });
    };
    for (int i = 0; i < 3; ++i) {
        emit("chatter");
        emit("matter");
    }
    clock_.set_us(6'000'000);
    ASSERT_TRUE(log_->drain(emit("chatter"), kPatienceMs));
    EXPECT_EQ(forget(5'000'000, 10), 0);
    EXPECT_EQ(forget(6'000'000, 2), 2);
    EXPECT_EQ(forget(6'000'000, 10), 1);
    const auto left = database_->read([](Tx& tx) { return EventLog::read(tx, "t", 0, {}, 10); });
    ASSERT_EQ(left->size(), 4U);
    EXPECT_EQ(left->back().seq, 7);
    EXPECT_EQ(left->back().name, "chatter");

    log_->stop();  // nobody has seen what comes now
    emit("chatter");
    clock_.set_us(9'000'000);
    EXPECT_EQ(forget(9'000'000, 10), 1);
    EXPECT_EQ(database_->read([](Tx& tx) { return EventLog::last_seq(tx); }), 8);
}

TEST_F(EventTest, DeliversInOrderFromTheFirstEventAfterRegistration) {
    emit();
    emit();
    log_->subscribe("all", {}, record("all"));
    log_->subscribe("some", {"wanted"}, record("some"));
    ASSERT_TRUE(log_->start(*database_));
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i) {
                emit(i % 10 == 0 ? "wanted" : "noise");
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    ASSERT_TRUE(log_->drain(202, kPatienceMs));
    EXPECT_EQ(seen("all"), from_to(3, 202));
    const auto some = seen("some");
    EXPECT_EQ(some.size(), 20u);
    EXPECT_TRUE(std::is_sorted(some.begin(), some.end()));
}

TEST_F(EventTest, AFailingHandlerHasItsEffectExactlyOnce) {
    std::map<std::int64_t, int> attempts;  // the delivery thread's, read after drain()
    log_->subscribe("shaky", {}, [&](Tx& tx, const StoredEvent& event) -> Result<void> {
        TRY(record("shaky")(tx, event));
        const int attempt = ++attempts[event.seq];
        if (event.seq % 3 == 0 && attempt == 1) {
            return fail(Code::conflict, "not now");
        }
        if (event.seq % 7 == 0 && attempt == 2) {
            throw std::runtime_error("not now either");
        }
        return {};
    });
    log_->subscribe("calm", {}, record("calm"));
    ASSERT_TRUE(log_->start(*database_));
    std::int64_t last = 0;
    for (int i = 0; i < 60; ++i) {
        last = emit();
    }
    ASSERT_TRUE(log_->drain(last, kPatienceMs));
    EXPECT_EQ(seen("shaky"), from_to(1, 60));
    EXPECT_EQ(seen("calm"), from_to(1, 60));
    EXPECT_GE(attempts[3], 2);
    EXPECT_EQ(cursor("shaky").integer(0, 0), 60);
    EXPECT_EQ(cursor("shaky").integer(0, 1), 0);
}

TEST_F(EventTest, ResumesAfterReopening) {
    log_->subscribe("all", {}, record("all"));
    ASSERT_TRUE(log_->start(*database_));
    for (int i = 0; i < 10; ++i) {
        emit();
    }
    ASSERT_TRUE(log_->drain(10, kPatienceMs));
    restart();
    for (int i = 0; i < 200; ++i) {
        emit();  // nobody listens now
    }
    log_->subscribe("all", {}, record("all"));
    log_->subscribe("new", {}, record("new"));
    ASSERT_TRUE(log_->start(*database_));
    const std::int64_t last = emit();
    ASSERT_TRUE(log_->drain(last, kPatienceMs));
    EXPECT_EQ(seen("all"), from_to(1, 211));
    EXPECT_EQ(seen("new"), from_to(211, 211));
}

TEST_F(EventTest, SkippedEventsAreRememberedOverARestart) {
    log_->subscribe("some", {"wanted"}, record("some"));
    ASSERT_TRUE(log_->start(*database_));
    emit("wanted");
    const std::int64_t last = emit("noise");
    ASSERT_TRUE(log_->drain(last, kPatienceMs));
    restart();
    EXPECT_EQ(cursor("some").integer(0, 0), 2);
}

TEST_F(EventTest, ParksAHopelessSubscriberAndNobodyElse) {
    std::atomic<int> attempts{0};
    const auto hopeless = [&](Tx&, const StoredEvent& event) -> Result<void> {
        ++attempts;
        return event.seq == 2 ? fail(Code::invalid, "never") : Result<void>();
    };
    log_->subscribe("hopeless", {}, hopeless);
    log_->subscribe("calm", {}, record("calm"));
    ASSERT_TRUE(log_->start(*database_));
    for (int i = 0; i < 5; ++i) {
        emit();
    }
    ASSERT_TRUE(log_->drain(5, kPatienceMs));
    EXPECT_EQ(seen("calm"), from_to(1, 5));
    EXPECT_EQ(metrics_.gauge("credence_events_parked", "").value(), 1);
    const Rows parked = cursor("hopeless");
    EXPECT_EQ(parked.integer(0, 0), 1);
    EXPECT_EQ(parked.integer(0, 1), EventLog::kMaxFailures);
    EXPECT_EQ(parked.integer(0, 2), 5'000'000);
    const int tried = attempts;
    EXPECT_GE(tried, EventLog::kMaxFailures);
    ASSERT_TRUE(log_->drain(emit(), kPatienceMs));
    EXPECT_EQ(attempts, tried);
    // A new start, perhaps with a corrected handler, is a new chance.
    restart();
    log_->subscribe("hopeless", {}, record("hopeless"));
    ASSERT_TRUE(log_->start(*database_));
    ASSERT_TRUE(log_->drain(6, kPatienceMs));
    EXPECT_EQ(seen("hopeless"), from_to(2, 6));
    EXPECT_EQ(metrics_.gauge("credence_events_parked", "").value(), 0);
}

TEST_F(EventTest, HandlersMayEmit) {
    log_->subscribe("echo", {"call"}, [](Tx& tx, const StoredEvent& event) {
        return tx.emit_json(event.tenant, "echo", "answer", event.body.text);
    });
    log_->subscribe("answers", {"answer"}, record("answers"));
    ASSERT_TRUE(log_->start(*database_));
    for (int i = 0; i < 3; ++i) {
        emit("call");
    }
    ASSERT_TRUE(log_->drain(6, kPatienceMs));
    EXPECT_EQ(seen("answers").size(), 3u);
}

TEST_F(EventTest, SeesEventsOfAnotherProcess) {
    log_->subscribe("all", {}, record("all"));
    ASSERT_TRUE(log_->start(*database_));
    Metrics metrics;
    const auto other = open_or_die(at_path(path_), clock_, metrics);
    ASSERT_TRUE(other->write([](Tx& tx) { return tx.emit(Who{}, ClaimClosed{"c"}); }));
    ASSERT_TRUE(log_->drain(1, kPatienceMs));
    EXPECT_EQ(seen("all"), from_to(1, 1));
}

TEST_F(EventTest, DrainTimesOut) {
    log_->subscribe("all", {}, record("all"));
    ASSERT_TRUE(log_->start(*database_));
    EXPECT_FALSE(log_->drain(1, 1));
}

TEST_F(EventTest, WatchersAreToldUntilTheyLeave) {
    std::mutex mutex;
    std::condition_variable changed;
    std::int64_t newest = 0;
    std::atomic<int> other_calls{0};
    const std::int64_t token = log_->watch([&](std::int64_t seq) {
        const std::lock_guard lock(mutex);
        EXPECT_GE(seq, newest);
        newest = seq;
        changed.notify_all();
    });
    const std::int64_t other = log_->watch([&](std::int64_t) { ++other_calls; });
    const auto wait_for = [&](std::int64_t seq) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::milliseconds(kPatienceMs),
                                [&] { return newest >= seq; });
    };
    ASSERT_TRUE(log_->start(*database_));
    for (int i = 0; i < 20; ++i) {
        emit();
    }
    EXPECT_TRUE(wait_for(20));
    log_->unwatch(other);
    const int calls = other_calls;
    EXPECT_TRUE(wait_for(emit()));
    EXPECT_EQ(other_calls, calls);
    log_->unwatch(token);
    log_->unwatch(token);
    emit();
    log_->stop();
    EXPECT_EQ(newest, 21);
}

TEST_F(EventTest, AWatcherMayLeaveFromWithin) {
    std::latch left(1);
    std::int64_t token = 0;
    token = log_->watch([&](std::int64_t) {
        log_->unwatch(token);
        left.count_down();
    });
    ASSERT_TRUE(log_->start(*database_));
    emit();
    left.wait();
    emit();
    log_->stop();
}

}  // namespace
}  // namespace credence::store
