#include "surface/http/health.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

#include "base/version.h"

namespace credence::surface {
namespace {

// A store whose answers the test decides.
struct Bench {
    explicit Bench(std::int64_t probe_timeout_ms)
        : health(HealthParts{pool, coordinator, clock, [this] { return probe(); },
                             probe_timeout_ms}) {}

    Result<void> probe() {
        ++probes;
        if (gate.valid()) {
            gate.wait();
        }
        if (broken) {
            return fail(Code::unavailable, "broken");
        }
        return {};
    }

    HealthReport ask() {
        auto answer = std::make_shared<std::promise<HealthReport>>();
        auto future = answer->get_future();
        health.report([answer](HealthReport report) { answer->set_value(std::move(report)); });
        return future.get();
    }

    ManualClock clock{1'000'000};
    std::atomic<int> probes{0};
    std::atomic<bool> broken{false};
    std::shared_future<void> gate;  // valid: probes wait for it
    WorkerPool pool{"test", 1, 1};
    Health health;
    WorkerPool coordinator{"coordinator", 1, 8};
};

constexpr std::int64_t kPatientMs = 60'000;
constexpr std::int64_t kImpatientMs = 10;

TEST(HealthTest, ReportsVersionUptimeAndStore) {
    Bench bench(kPatientMs);
    bench.clock.advance_us(12'500'000);
    const HealthReport report = bench.ask();
    EXPECT_TRUE(report.healthy);
    EXPECT_EQ(report.body, "{\"status\":\"healthy\",\"version\":\"" + std::string(kVersion) +
                               "\",\"uptime_s\":12,\"checks\":{\"store\":\"ok\"}}");
}

TEST(HealthTest, AsksTheStoreOnceInAWhile) {
    Bench bench(kPatientMs);
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(bench.ask().healthy);
    }
    EXPECT_EQ(bench.probes, 1);
    bench.broken = true;
    bench.clock.advance_us(Health::kCacheUs);
    const HealthReport report = bench.ask();
    EXPECT_FALSE(report.healthy);
    EXPECT_NE(report.body.find("\"store\":\"failed\""), std::string::npos);
    EXPECT_NE(report.body.find("\"status\":\"unhealthy\""), std::string::npos);
    EXPECT_EQ(bench.probes, 2);
}

TEST(HealthTest, DoesNotWaitForAStuckStore) {
    Bench bench(kImpatientMs);
    std::promise<void> open;
    bench.gate = open.get_future().share();
    const HealthReport stuck = bench.ask();
    EXPECT_FALSE(stuck.healthy);
    EXPECT_NE(stuck.body.find("\"store\":\"timeout\""), std::string::npos);
    // The stuck probe holds the only worker, a second one the only place in the queue.
    bench.clock.advance_us(Health::kCacheUs);
    EXPECT_NE(bench.ask().body.find("timeout"), std::string::npos);
    bench.clock.advance_us(Health::kCacheUs);
    EXPECT_NE(bench.ask().body.find("\"store\":\"busy\""), std::string::npos);
    open.set_value();
}

TEST(HealthTest, AnswersAllWhoWaitWithOneProbe) {
    Bench bench(kPatientMs);
    std::promise<void> open;
    bench.gate = open.get_future().share();
    constexpr int kAsking = 50;
    std::vector<std::future<HealthReport>> answers;
    for (int i = 0; i < kAsking; ++i) {
        auto answer = std::make_shared<std::promise<HealthReport>>();
        answers.push_back(answer->get_future());
        bench.health.report(
            [answer](HealthReport report) { answer->set_value(std::move(report)); });
    }
    open.set_value();
    for (auto& answer : answers) {
        EXPECT_TRUE(answer.get().healthy);
    }
    EXPECT_EQ(bench.probes, 1);
}

}  // namespace
}  // namespace credence::surface
