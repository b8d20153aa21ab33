#include "api/job_watchers.h"

#include <algorithm>
#include <utility>

namespace credence {
namespace {

// The entry whose watcher this thread is inside of: removing it must not wait for itself.
thread_local const void* told_now = nullptr;

}  // namespace

std::int64_t JobWatchers::add(Jobs::Watcher watcher) {
    auto entry = std::make_shared<Entry>();
    entry->told = std::move(watcher);
    const std::lock_guard lock(mutex_);
    entry->token = next_++;
    entries_.push_back(std::move(entry));
    return entries_.back()->token;
}

void JobWatchers::remove(std::int64_t token) {
    std::unique_lock lock(mutex_);
    const auto found = std::ranges::find(entries_, token, [](const auto& e) { return e->token; });
    if (found == entries_.end()) {
        return;
    }
    const std::shared_ptr<Entry> entry = *found;
    entries_.erase(found);
    entry->removed = true;
    if (told_now != entry.get()) {
        ended_.wait(lock, [&] { return entry->calls == 0; });
    }
}

void JobWatchers::tell(const JobNews& news) {
    std::vector<std::shared_ptr<Entry>> entries;
    {
        const std::lock_guard lock(mutex_);
        entries = entries_;
    }
    for (const auto& entry : entries) {
        {
            const std::lock_guard lock(mutex_);
            if (entry->removed) {
                continue;
            }
            ++entry->calls;
        }
        const void* const outer = std::exchange(told_now, entry.get());
        entry->told(news);
        told_now = outer;
        {
            const std::lock_guard lock(mutex_);
            --entry->calls;
        }
        ended_.notify_all();
    }
}

}  // namespace credence
