// Read-mostly state, replaced whole: readers keep the version they took.
// A mutex and a shared_ptr, because libstdc++ 12's atomic<shared_ptr> confuses ThreadSanitizer.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace credence {

template <class T>
class Snapshot {
public:
    explicit Snapshot(std::shared_ptr<const T> first) : current_(std::move(first)) {}

    std::shared_ptr<const T> get() const {
        const std::scoped_lock lock(mutex_);
        return current_;
    }

    void set(std::shared_ptr<const T> next) {
        const std::scoped_lock lock(mutex_);
        current_.swap(next);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const T> current_;
};

}  // namespace credence
