#include "surface/mcp/tasks/job_follower.h"

#include <chrono>
#include <utility>
#include <vector>

#include "base/units.h"

namespace credence::surface::mcp {

bool JobFollower::Gate::enter() {
    const std::lock_guard lock(mutex);
    inside += closed ? 0 : 1;
    return !closed;
}

void JobFollower::Gate::leave() {
    {
        const std::lock_guard lock(mutex);
        --inside;
    }
    left.notify_all();
}

void JobFollower::Gate::close() {
    std::unique_lock lock(mutex);
    closed = true;
    left.wait(lock, [&] { return inside == 0; });
}

JobFollower::JobFollower(Parts parts) : parts_(std::move(parts)) {
    watch_ = parts_.jobs.watch([this](const JobNews& news) { noted(news); });
    thread_ = std::thread([this] { keep_time(); });
}

JobFollower::~JobFollower() {
    parts_.jobs.unwatch(watch_);
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
    gate_->close();
}

std::int64_t JobFollower::follow(Wish wish) {
    std::int64_t token = 0;
    {
        const std::lock_guard lock(mutex_);
        if (followed_.size() >= kMaxFollowed) {
            return 0;
        }
        token = next_++;
        const JobId id = wish.id;
        const std::string tenant = wish.tenant;
        by_job_.emplace(id, token);
        followed_.emplace(token, std::move(wish));
        want_look(tenant, id, true);  // it may have ended already
    }
    wake_.notify_all();
    return token;
}

void JobFollower::forget(std::int64_t token) {
    Wish forgotten;  // destroyed after the lock
    const std::lock_guard lock(mutex_);
    const auto found = followed_.find(token);
    if (found == followed_.end()) {
        return;
    }
    forgotten = std::move(found->second);
    followed_.erase(found);
    unlist(forgotten.id, token);
}

// With the lock held.
void JobFollower::unlist(const JobId& id, std::int64_t token) {
    const auto [begin, end] = by_job_.equal_range(id);
    for (auto entry = begin; entry != end; ++entry) {
        if (entry->second == token) {
            by_job_.erase(entry);
            return;
        }
    }
}

bool JobFollower::on_pool(std::function<void()> task) {
    return parts_.pool.submit([gate = gate_, task = std::move(task)] {
        if (gate->enter()) {
            task();
            gate->leave();
        }
    });
}

bool JobFollower::later(std::function<void()> task) {
    if (on_pool(task)) {
        return true;
    }
    {
        const std::lock_guard lock(mutex_);
        if (later_.size() >= kMaxLater) {
            return false;
        }
        later_.push_back(std::move(task));
    }
    wake_.notify_all();
    return true;
}

// On a thread of Jobs: only notes that somebody has to look.
void JobFollower::noted(const JobNews& news) {
    const bool wanted = parts_.wanted();
    {
        const std::lock_guard lock(mutex_);
        if (!wanted && !by_job_.contains(news.id)) {
            return;
        }
        want_look(std::string(news.tenant), news.id, !news.progress_only);
    }
    wake_.notify_all();
}

// With the lock held. One look at a job at a time: what is told of it stays in order.
void JobFollower::want_look(const std::string& tenant, const JobId& id, bool read) {
    const auto [found, added] = looks_.try_emplace(id);
    found->second.tenant = tenant;
    found->second.read |= read;
    found->second.again = true;
    if (!added || on_pool([this, id] { look(id); })) {
        return;
    }
    if (later_.size() < kMaxLater) {
        later_.emplace_back([this, id] { look(id); });
    } else {
        looks_.erase(found);  // polling makes up for it
    }
}

void JobFollower::look(const JobId& id) {
    while (true) {
        Look now;
        {
            const std::lock_guard lock(mutex_);
            const auto found = looks_.find(id);
            if (found == looks_.end() || !found->second.again) {
                looks_.erase(id);
                return;
            }
            now = found->second;
            found->second.read = false;
            found->second.again = false;
        }
        look_once(id, now);
    }
}

void JobFollower::look_once(const JobId& id, const Look& look) {
    const auto progress = parts_.jobs.progress(id);
    if (progress && progress->done > 0) {
        tell_progress(id, *progress);
    }
    const bool read = look.read || !progress;
    const bool due = parts_.wanted() && changed_due(id, read);
    if (!read && !due) {
        return;
    }
    Context context;
    context.tenant = look.tenant;
    const auto job = parts_.jobs.record(context, id);
    if (!job && job.error().code != Code::not_found) {
        return;  // a store that is busy for a moment; polling looks again
    }
    if (job && due) {
        parts_.changed(look.tenant, *job, progress);
    }
    tell_ended(id, job);
    if (!job || (job->state != JobState::queued && job->state != JobState::running)) {
        const std::lock_guard lock(mutex_);
        changed_at_us_.erase(id);
    }
}

void JobFollower::tell_progress(const JobId& id, const Progress::State& state) {
    std::vector<std::function<void(const Progress::State&)>> told;
    {
        const std::lock_guard lock(mutex_);
        const auto [begin, end] = by_job_.equal_range(id);
        for (auto entry = begin; entry != end; ++entry) {
            if (const Wish& wish = followed_.at(entry->second); wish.progress) {
                told.push_back(wish.progress);
            }
        }
    }
    for (const auto& function : told) {
        function(state);
    }
}

void JobFollower::tell_ended(const JobId& id, const Result<JobRecord>& job) {
    std::vector<Wish> ended;
    {
        const std::lock_guard lock(mutex_);
        auto [entry, end] = by_job_.equal_range(id);
        while (entry != end) {
            const auto found = followed_.find(entry->second);
            if (job && !found->second.ended(*job)) {
                ++entry;
                continue;
            }
            ended.push_back(std::move(found->second));
            followed_.erase(found);
            entry = by_job_.erase(entry);
        }
    }
    for (const Wish& wish : ended) {
        wish.done(job);
    }
}

bool JobFollower::changed_due(const JobId& id, bool always) {
    const std::int64_t now_us = parts_.clock.steady_us();
    const std::lock_guard lock(mutex_);
    if (changed_at_us_.size() >= kMaxFollowed) {
        changed_at_us_.clear();
    }
    const auto [found, added] = changed_at_us_.try_emplace(id, now_us);
    if (!added && !always && now_us - found->second < kChangedEveryMs * kUsPerMs) {
        return false;
    }
    found->second = now_us;
    return true;
}

void JobFollower::keep_time() {
    using std::chrono::steady_clock;
    auto polled_at = steady_clock::now();
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (followed_.empty() && later_.empty()) {
            wake_.wait(lock);
            continue;
        }
        wake_.wait_for(lock, std::chrono::milliseconds(kTickMs), [&] { return stopping_; });
        if (stopping_) {
            return;
        }
        push_later();
        expire(parts_.clock.steady_us());
        if (steady_clock::now() - polled_at >= std::chrono::milliseconds(kPollMs)) {
            polled_at = steady_clock::now();
            poll();
        }
    }
}

// With the lock held, as the two below.
void JobFollower::push_later() {
    while (!later_.empty() && on_pool(later_.front())) {
        later_.pop_front();
    }
}

void JobFollower::expire(std::int64_t now_us) {
    for (auto entry = followed_.begin(); entry != followed_.end();) {
        if (entry->second.until_us == 0 || now_us < entry->second.until_us) {
            ++entry;
            continue;
        }
        auto wish = std::make_shared<Wish>(std::move(entry->second));
        unlist(wish->id, entry->first);
        entry = followed_.erase(entry);
        // Not bounded by kMaxLater: each comes from an entry of followed_, which is.
        later_.emplace_back([this, wish] {
            Context context;
            context.tenant = wish->tenant;
            wish->done(parts_.jobs.record(context, wish->id));
        });
    }
    push_later();
}

void JobFollower::poll() {
    auto entry = followed_.upper_bound(polled_);
    for (std::size_t i = 0; i < kMaxPolled && !followed_.empty(); ++i, ++entry) {
        if (entry == followed_.end()) {
            if (followed_.size() <= i) {
                break;
            }
            entry = followed_.begin();
        }
        polled_ = entry->first;
        if (!parts_.jobs.progress(entry->second.id)) {
            want_look(entry->second.tenant, entry->second.id, true);
        }
    }
}

}  // namespace credence::surface::mcp
