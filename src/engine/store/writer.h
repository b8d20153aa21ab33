// The one writer: a thread that runs waiting closures in groups, one commit a group.
//
// While a commit syncs, callers queue; the next group takes them all. A group of one needs no
// savepoint and starts at once, so a lone caller pays nothing for the grouping.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "engine/store/database.h"
#include "engine/store/sqlite.h"
#include "engine/store/sqlite_connection.h"

namespace credence::store {

using WriteWork = std::function<Result<void>(Tx&)>;

class Writer {
public:
    Writer(std::unique_ptr<SqliteConnection> connection, const SqliteOptions& options,
           const Clock& clock, Metrics& metrics, std::function<void(std::int64_t)> on_commit);
    ~Writer();  // finishes what is queued
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Blocks until the closure is durable or failed. Thread-safe.
    Result<void> write(const WriteWork& work);

    // Runs fn with the connection between two groups: how an in-memory store is read.
    template <class Function>
    auto between_groups(Function&& fn) {
        const std::lock_guard lock(connection_mutex_);
        return fn(*connection_);
    }

private:
    // Lives on the caller's stack; the caller waits for `done`.
    struct Request {
        const WriteWork* work = nullptr;
        Result<void> result;
        std::atomic<std::uint32_t> done{0};
        Request* next_to_wake = nullptr;
    };
    using Group = std::vector<Request*>;

    void run();
    bool take_group(Group& group);
    void commit_group(Group& group);
    // Runs the first closures of the group and commits them; how many were taken.
    std::size_t run_transaction(const Group& group, std::int64_t* last_seq);
    Result<void> run_one(Request& request, bool with_savepoint, std::int64_t* bytes,
                         std::int64_t* last_seq);
    Result<void> finish_transaction(const Group& group, std::size_t count);
    void wake(const Group& group, std::size_t count);
    static void finish(Request* request);

    const std::size_t max_group_;
    const std::int64_t max_group_bytes_;
    const std::size_t max_queued_;
    const Clock& clock_;
    const std::function<void(std::int64_t)> on_commit_;
    Counter& commits_;
    Counter& writes_;
    Counter& failures_;
    Histogram& commit_time_;
    Gauge& queued_;

    std::mutex connection_mutex_;  // held for each group
    const std::unique_ptr<SqliteConnection> connection_;

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Request*> queue_;
    bool stopping_ = false;
    bool idle_ = false;  // the writer waits for arrived_

    std::thread thread_;
};

}  // namespace credence::store
