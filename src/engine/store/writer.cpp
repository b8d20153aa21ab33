#include "engine/store/writer.h"

#include <algorithm>

#include "base/log.h"
#include "engine/store/closure_guard.h"
#include "engine/store/database.h"
#include "engine/store/sqlite_connection.h"
#include "engine/store/sqlite_tx.h"

namespace credence::store {
namespace {

std::unexpected<Error> queue_is_full() {
    return std::unexpected(
        Error{Code::exhausted, "too many writes are waiting", {}, kRetryAfterMs});
}

}  // namespace

Writer::Writer(std::unique_ptr<SqliteConnection> connection, const SqliteOptions& options,
               const Clock& clock, Metrics& metrics, std::function<void(std::int64_t)> on_commit)
    : max_group_(static_cast<std::size_t>(std::max(1, options.max_group))),
      max_group_bytes_(options.max_group_bytes),
      max_queued_(static_cast<std::size_t>(std::max(1, options.max_queued_writes))),
      clock_(clock),
      on_commit_(std::move(on_commit)),
      commits_(metrics.counter("credence_store_commits_total", "Transactions committed")),
      writes_(metrics.counter("credence_store_writes_total", "Closures made durable")),
      failures_(metrics.counter("credence_store_write_failures_total",
                                "Closures that failed or were refused")),
      commit_time_(metrics.histogram("credence_store_commit_seconds",
                                     "Time of one group: closures and commit")),
      queued_(metrics.gauge("credence_store_queued_writes", "Closures waiting for the writer")),
      connection_(std::move(connection)),
      thread_([this] { run(); }) {}

Writer::~Writer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_one();
    thread_.join();
}

Result<void> Writer::write(const WriteWork& work) {
    Request request;
    request.work = &work;
    bool wake_writer = false;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || queue_.size() >= max_queued_) {
            failures_.add();
            return queue_is_full();
        }
        queue_.push_back(&request);
        queued_.set(static_cast<std::int64_t>(queue_.size()));
        wake_writer = std::exchange(idle_, false);
    }
    if (wake_writer) {
        arrived_.notify_one();
    }
    request.done.wait(0, std::memory_order_acquire);
    // Waking is passed on: the writer wakes one caller of a group and is off to the next group.
    if (Request* const next = request.next_to_wake; next != nullptr) {
        finish(next);
    }
    return std::move(request.result);
}

void Writer::finish(Request* request) {
    // Sequentially consistent: notify_one looks for a sleeper after this, and with a weaker store
    // both sides could miss each other. The request may be gone from here on; only its address is
    // used.
    request->done.exchange(1);
    request->done.notify_one();
}

bool Writer::take_group(Group& group) {
    std::unique_lock lock(mutex_);
    idle_ = queue_.empty();
    arrived_.wait(lock, [&] { return !queue_.empty() || stopping_; });
    idle_ = false;
    const std::size_t count = std::min(queue_.size(), max_group_);
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    group.assign(queue_.begin(), end);
    queue_.erase(queue_.begin(), end);
    queued_.set(static_cast<std::int64_t>(queue_.size()));
    return count > 0;
}

void Writer::run() {
    Group group;
    while (take_group(group)) {
        while (!group.empty()) {
            commit_group(group);
        }
    }
}

// Removes from the group what it has finished: less than all when the byte limit was reached.
void Writer::commit_group(Group& group) {
    const std::int64_t began_us = clock_.steady_us();
    std::int64_t last_seq = 0;
    std::size_t count = 0;
    {
        const std::lock_guard lock(connection_mutex_);
        count = run_transaction(group, &last_seq);
    }
    commit_time_.observe_us(clock_.steady_us() - began_us);
    if (last_seq > 0 && on_commit_) {
        on_commit_(last_seq);
    }
    wake(group, count);
    group.erase(group.begin(), group.begin() + static_cast<std::ptrdiff_t>(count));
}

std::size_t Writer::run_transaction(const Group& group, std::int64_t* last_seq) {
    if (auto begun = connection_->control("BEGIN IMMEDIATE"); !begun) {
        for (Request* const request : group) {
            request->result = begun;
        }
        return group.size();
    }
    const bool with_savepoints = group.size() > 1;
    std::int64_t bytes = 0;
    std::size_t count = 0;
    while (count < group.size() && bytes < max_group_bytes_ && connection_->in_transaction()) {
        Request& request = *group[count];
        request.result = run_one(request, with_savepoints, &bytes, last_seq);
        ++count;
    }
    const auto finished = finish_transaction(group, count);
    if (finished) {
        commits_.add();
        return count;
    }
    *last_seq = 0;
    if (count > 1 && connection_->last_error_was_constraint()) {
        // A deferred constraint speaks only at the commit, and not about whom. Alone, it is clear.
        for (std::size_t i = 0; i < count; ++i) {
            std::int64_t seq = 0;
            run_transaction({group[i]}, &seq);
            *last_seq = std::max(*last_seq, seq);
        }
        return count;
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (group[i]->result) {
            group[i]->result = finished;
        }
    }
    return count;
}

Result<void> Writer::run_one(Request& request, bool with_savepoint, std::int64_t* bytes,
                             std::int64_t* last_seq) {
    if (with_savepoint) {
        TRY(connection_->control("SAVEPOINT closure"));
    }
    WriteTx tx(*connection_, clock_);
    auto result = run_closure(*request.work, tx);
    *bytes += tx.bytes();
    if (!connection_->in_transaction()) {
        // Rolled back by SQLite; finish_transaction tells the others of this group.
        return result ? fail(Code::unavailable, "the store gave the transaction up") : result;
    }
    if (result) {
        *last_seq = std::max(*last_seq, tx.last_seq());
    }
    if (with_savepoint) {
        auto settled = result ? Result<void>() : connection_->control("ROLLBACK TO closure");
        if (settled) {
            settled = connection_->control("RELEASE closure");
        }
        if (!settled) {
            // What this closure did can no longer be told from the rest: give all of it up.
            TRY(connection_->control("ROLLBACK"));
            return settled;
        }
    } else if (!result) {
        TRY(connection_->control("ROLLBACK"));
    }
    return result;
}

Result<void> Writer::finish_transaction(const Group& group, std::size_t count) {
    if (connection_->in_transaction()) {
        auto committed = connection_->control("COMMIT");
        if (!committed && connection_->in_transaction()) {
            if (!connection_->control("ROLLBACK")) {
                log::error("rollback failed");
            }
        }
        return committed;
    }
    // A group of one rolls itself back when its closure fails; that is no failure of the store.
    if (count == 1 && !group.front()->result) {
        return {};
    }
    return fail(Code::unavailable, "the store gave the transaction up");
}

void Writer::wake(const Group& group, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        (group[i]->result ? writes_ : failures_).add();
        group[i]->next_to_wake = i + 1 < count ? group[i + 1] : nullptr;
    }
    finish(group.front());
}

}  // namespace credence::store
