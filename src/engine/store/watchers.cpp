#include "engine/store/watchers.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.h"

namespace credence::store {
namespace {

void call(const Watchers::Watcher& watcher, std::int64_t seq) {
    try {
        watcher(seq);
    } catch (const std::exception& error) {
        log::error("event watcher threw", {{"what", error.what()}});
    }
}

}  // namespace

void Watchers::start() {
    const std::lock_guard lock(mutex_);
    if (!thread_.joinable()) {
        stopping_ = false;
        thread_ = std::thread([this] { run(); });
    }
}

void Watchers::stop() {
    std::thread thread;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        thread = std::move(thread_);
    }
    changed_.notify_all();
    if (thread.joinable()) {
        thread.join();
    }
}

void Watchers::notify(std::int64_t last_seq) {
    {
        const std::lock_guard lock(mutex_);
        newest_ = std::max(newest_, last_seq);
    }
    changed_.notify_all();
}

std::int64_t Watchers::add(Watcher watcher) {
    const std::lock_guard lock(mutex_);
    const std::int64_t token = next_token_++;
    watchers_.emplace(token, std::make_shared<const Watcher>(std::move(watcher)));
    return token;
}

void Watchers::remove(std::int64_t token) {
    std::unique_lock lock(mutex_);
    watchers_.erase(token);
    if (running_thread_ != std::this_thread::get_id()) {
        changed_.wait(lock, [&] { return running_token_ != token; });
    }
}

void Watchers::run() {
    std::unique_lock lock(mutex_);
    running_thread_ = std::this_thread::get_id();
    while (true) {
        changed_.wait(lock, [&] { return stopping_ || newest_ > told_; });
        if (stopping_) {
            return;
        }
        const std::int64_t seq = newest_;
        told_ = seq;
        // By token, since the map may change while a watcher runs without the lock.
        for (auto next = watchers_.begin(); next != watchers_.end() && !stopping_;
             next = watchers_.upper_bound(running_token_)) {
            running_token_ = next->first;
            const auto watcher = next->second;
            lock.unlock();
            call(*watcher, seq);
            lock.lock();
        }
        running_token_ = 0;
        changed_.notify_all();
    }
}

}  // namespace credence::store
