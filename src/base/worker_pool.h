// Named threads over one bounded queue.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace credence {

class WorkerPool {
public:
    WorkerPool(std::string name, std::size_t threads, std::size_t max_queued);
    ~WorkerPool();  // stop()
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    // False when the queue is full or the pool is stopping: the task was not taken. Thread-safe.
    [[nodiscard]] bool submit(std::function<void()> task);
    // Finishes what is queued, then joins. Idempotent; not from a worker.
    void stop();
    std::size_t queued() const;

private:
    void run(std::size_t index);

    const std::string name_;
    const std::size_t max_queued_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace credence
