// Runs the modules' periodic work on the worker pool; no schedule overlaps itself.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "api/host.h"
#include "base/worker_pool.h"

namespace credence {

class Scheduler {
public:
    // The schedules' work and the pool must outlive the scheduler.
    Scheduler(const std::vector<Schedule>& schedules, WorkerPool& pool, Metrics& metrics);
    ~Scheduler();  // stop()
    // Waits for work in flight to end is the pool's business: stop the pool afterwards.
    void stop();

private:
    struct Entry;
    void run();

    std::vector<std::shared_ptr<Entry>> entries_;
    WorkerPool& pool_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace credence
