#include "surface/mcp/event_bridge.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/store/testing.h"

namespace credence::surface::mcp {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);

class Witness final : public Feature {
public:
    void on_event(const store::StoredEvent& event, Notices&) override {
        const std::scoped_lock lock(mutex_);
        seen_.push_back(event.tenant + '/' + event.name);
        changed_.notify_all();
    }
    std::vector<std::string> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, kPatience, [&] { return seen_.size() >= count; });
        return seen_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> seen_;
};

class McpEventBridgeTest : public testing::TestWithParam<bool> {
protected:
    McpEventBridgeTest() {
        store::migrate_events(directory_.file("db"), clock_);
        log_ = std::make_unique<store::EventLog>(clock_, metrics_);
        database_ = store::open_or_die(store::at_path(directory_.file("db")), clock_, metrics_,
                                       [this](std::int64_t seq) { log_->committed(seq); });
        CHECK(log_->start(*database_), "no event log");
        emit("t", "long_ago");
        pool_ = std::make_unique<WorkerPool>("test", 2, 100);
    }
    ~McpEventBridgeTest() override {
        bridge_.reset();
        pool_->stop();
        log_->stop();
    }
    void bridge() {
        bridge_ = std::make_unique<EventBridge>(
            EventBridge::Parts{.database = *database_,
                               .events = *log_,
                               .pool = GetParam() ? pool_.get() : nullptr,
                               .notices = notices_,
                               .features = {&witness_}});
    }
    void emit(std::string_view tenant, std::string_view name) {
        CHECK(database_->write([&](store::Tx& tx) -> Result<void> {
            return tx.emit_json(tenant, "a", name, "{}");
        }),
              "not emitted");
    }

    ManualClock clock_{1'735'689'600'000'000};
    Metrics metrics_;
    store::TemporaryDirectory directory_;
    std::unique_ptr<store::EventLog> log_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<WorkerPool> pool_;
    Notices notices_;
    Witness witness_;
    std::unique_ptr<EventBridge> bridge_;
};

TEST_P(McpEventBridgeTest, ListenersTenantsAreToldInOrder) {
    bridge();
    notices_.add({.tenant = "t", .uris = {"u"}}, [](const Notice&) {});
    notices_.add({.tenant = "u", .tools = true}, [](const Notice&) {});
    emit("t", "one");
    emit("nobody", "two");
    emit("u", "three");
    emit("t", "four");
    EXPECT_EQ(witness_.wait_for(3), (std::vector<std::string>{"t/one", "u/three", "t/four"}));
}

TEST_P(McpEventBridgeTest, WhatHappenedUnheardIsNotToldLater) {
    bridge();
    std::atomic<std::int64_t> heard = 0;
    const auto token = log_->watch([&](std::int64_t seq) { heard = seq; });
    emit("t", "unheard");
    for (const auto end = std::chrono::steady_clock::now() + kPatience;
         heard < 2 && std::chrono::steady_clock::now() < end;) {
        std::this_thread::yield();
    }
    notices_.add({.tenant = "t", .tools = true}, [](const Notice&) {});
    emit("t", "heard");
    EXPECT_EQ(witness_.wait_for(1).back(), "t/heard");
    EXPECT_EQ(witness_.wait_for(1).size(), 1U);
    log_->unwatch(token);
}

TEST_P(McpEventBridgeTest, MoreThanABatchArrivesWhole) {
    bridge();
    notices_.add({.tenant = "t", .tools = true}, [](const Notice&) {});
    constexpr std::size_t kMany = EventBridge::kBatch + 70;
    CHECK(database_->write([&](store::Tx& tx) -> Result<void> {
        for (std::size_t i = 0; i < kMany; ++i) {
            TRY(tx.emit_json("t", "a", "n" + std::to_string(i), "{}"));
        }
        return {};
    }),
          "not emitted");
    const auto seen = witness_.wait_for(kMany);
    ASSERT_EQ(seen.size(), kMany);
    EXPECT_EQ(seen.front(), "t/n0");
    EXPECT_EQ(seen.back(), "t/n" + std::to_string(kMany - 1));
}

TEST_P(McpEventBridgeTest, NothingIsToldAfterTheEnd) {
    bridge();
    notices_.add({.tenant = "t", .tools = true}, [](const Notice&) {});
    for (int i = 0; i < 20; ++i) {
        emit("t", "x");
    }
    bridge_.reset();
    const std::size_t told = witness_.wait_for(0).size();
    emit("t", "late");
    pool_->stop();
    EXPECT_EQ(witness_.wait_for(0).size(), told);
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutAPool, McpEventBridgeTest, testing::Bool());

}  // namespace
}  // namespace credence::surface::mcp
