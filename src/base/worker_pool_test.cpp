#include "base/worker_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <future>
#include <set>

namespace credence {
namespace {

// Holds a worker until released.
class Gate {
public:
    void open() { promise_.set_value(); }
    auto waiter() {
        return [this] {
            entered_.set_value();
            future_.wait();
        };
    }
    void wait_entered() { entered_.get_future().wait(); }

private:
    std::promise<void> promise_;
    std::promise<void> entered_;
    std::shared_future<void> future_ = promise_.get_future().share();
};

TEST(WorkerPool, RunsEveryTask) {
    std::atomic<int> ran{0};
    {
        WorkerPool pool("test", 4, 1000);
        for (int i = 0; i < 1000; ++i) {
            ASSERT_TRUE(pool.submit([&ran] { ran.fetch_add(1); }));
        }
    }
    EXPECT_EQ(ran.load(), 1000);
}

TEST(WorkerPool, RefusesWhenFull) {
    Gate gate;
    WorkerPool pool("test", 1, 2);
    ASSERT_TRUE(pool.submit(gate.waiter()));
    gate.wait_entered();
    EXPECT_TRUE(pool.submit([] {}));
    EXPECT_TRUE(pool.submit([] {}));
    EXPECT_EQ(pool.queued(), 2U);
    EXPECT_FALSE(pool.submit([] {}));
    gate.open();
    pool.stop();
    EXPECT_EQ(pool.queued(), 0U);
}

TEST(WorkerPool, FinishesWhatIsQueuedWhenStopped) {
    Gate gate;
    int ran = 0;
    WorkerPool pool("test", 1, 10);
    ASSERT_TRUE(pool.submit(gate.waiter()));
    gate.wait_entered();
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(pool.submit([&ran] { ++ran; }));
    }
    gate.open();
    pool.stop();
    EXPECT_EQ(ran, 10);
}

TEST(WorkerPool, RefusesAfterStop) {
    WorkerPool pool("test", 2, 10);
    pool.stop();
    pool.stop();
    EXPECT_FALSE(pool.submit([] {}));
}

TEST(WorkerPool, NamesItsThreads) {
    std::promise<std::string> name;
    WorkerPool pool("a_rather_long_name", 1, 1);
    ASSERT_TRUE(pool.submit([&name] {
        std::array<char, 16> buffer{};
        pthread_getname_np(pthread_self(), buffer.data(), buffer.size());
        name.set_value(buffer.data());
    }));
    EXPECT_EQ(name.get_future().get(), "a_rather_long-0");
}

}  // namespace
}  // namespace credence
