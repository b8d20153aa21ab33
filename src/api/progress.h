// How far a call has come: the operation reports, a surface or the job's row tells.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

namespace credence {

// Thread-safe.
class Progress {
public:
    struct State {
        std::int64_t done = 0;
        std::int64_t total = 0;  // 0: unknown
    };
    // Called on the reporting thread; must not block.
    using Told = std::function<void(const State&)>;

    explicit Progress(Told told = {}) : told_(std::move(told)) {}

    // Reports that do not increase `done` are dropped.
    void report(std::int64_t done, std::int64_t total) {
        {
            const std::scoped_lock lock(mutex_);
            if (done <= state_.done) {
                return;
            }
            state_ = {done, total};
        }
        if (told_) {
            told_({done, total});
        }
    }
    State state() const {
        const std::scoped_lock lock(mutex_);
        return state_;
    }

private:
    Told told_;
    mutable std::mutex mutex_;
    State state_;
};

}  // namespace credence
