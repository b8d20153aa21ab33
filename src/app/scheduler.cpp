#include "app/scheduler.h"

#include <atomic>
#include <chrono>

#include "base/log.h"

namespace credence {
namespace {

// Schedules follow real time even when the testing clock stands still.
std::int64_t steady_ms() {
    return SystemClock().steady_us() / 1000;
}

}  // namespace

struct Scheduler::Entry {
    const Schedule& schedule;
    Counter& failures;
    std::int64_t due_ms;
    std::atomic<bool> running{false};
};

Scheduler::Scheduler(const std::vector<Schedule>& schedules, WorkerPool& pool, Metrics& metrics)
    : pool_(pool) {
    for (const Schedule& schedule : schedules) {
        Counter& failures =
            metrics.counter("credence_schedule_failures_total", "Periodic work that failed",
                            {{"schedule", schedule.name}});
        entries_.push_back(
            std::make_shared<Entry>(schedule, failures, steady_ms() + schedule.every_ms));
    }
    thread_ = std::thread([this] { run(); });
}

Scheduler::~Scheduler() {
    stop();
}

void Scheduler::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Scheduler::run() {
    constexpr std::int64_t kIdleMs = 60'000;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const std::int64_t now_ms = steady_ms();
        std::int64_t next_ms = now_ms + kIdleMs;
        for (const auto& entry : entries_) {
            if (entry->due_ms <= now_ms) {
                entry->due_ms = now_ms + entry->schedule.every_ms;
                const bool idle = !entry->running.exchange(true);
                const bool taken = idle && pool_.submit([entry] {
                    if (auto done = entry->schedule.work(); !done) {
                        entry->failures.add();
                        log::warning("schedule failed", {{"schedule", entry->schedule.name},
                                                         {"reason", done.error().message}});
                    }
                    entry->running.store(false);
                });
                if (idle && !taken) {
                    entry->running.store(false);
                }
            }
            next_ms = std::min(next_ms, entry->due_ms);
        }
        wake_.wait_for(lock, std::chrono::milliseconds(next_ms - now_ms));
    }
}

}  // namespace credence
