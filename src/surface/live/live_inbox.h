// What other threads hand to a broadcaster's. Held by shared_ptr: connections and callbacks may
// outlive the broadcaster. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace credence::surface {

class LiveInbox {
public:
    using Task = std::function<void()>;

    void post(Task task) {
        {
            const std::scoped_lock lock(mutex_);
            if (closed_) {
                return;
            }
            tasks_.push_back(std::move(task));
        }
        wake_.notify_one();
    }
    // Nothing to do but to look around.
    void nudge() {
        {
            const std::scoped_lock lock(mutex_);
            nudged_ = true;
        }
        wake_.notify_one();
    }
    // What waits is dropped.
    void close() {
        std::vector<Task> dropped;
        {
            const std::scoped_lock lock(mutex_);
            closed_ = true;
            dropped.swap(tasks_);
        }
        wake_.notify_all();
    }

    std::vector<Task> take() {
        const std::scoped_lock lock(mutex_);
        nudged_ = false;
        return std::exchange(tasks_, {});
    }
    // Until there is something, or for so long. False once closed.
    bool wait(std::int64_t for_us) {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, std::chrono::microseconds(for_us),
                       [this] { return closed_ || nudged_ || !tasks_.empty(); });
        return !closed_;
    }

private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Task> tasks_;
    bool nudged_ = false;
    bool closed_ = false;
};

}  // namespace credence::surface
