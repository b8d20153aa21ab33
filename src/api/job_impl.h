// What Jobs keeps and what its workers do. Included by job.cpp and job_runner.cpp only.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/job.h"
#include "api/job_rows.h"
#include "api/job_watchers.h"

namespace credence {

// Jobs queued or cancelled by another process are noticed this late at most.
inline constexpr std::chrono::milliseconds kJobPoll{1'000};

struct Jobs::Impl {
    struct Running {
        job_rows::Claimed job;
        Context context;                    // handed to the operation; only its deadline may change
        std::int64_t progress_told_us = 0;  // steady; 0: not yet
        const Operation* operation = nullptr;
        bool cancelled = false;
        bool abandoned = false;  // returned to the queue by stop()
    };
    struct Waiter {
        JobId id;
        std::uint64_t news = 0;
        std::condition_variable changed;
    };

    Impl(store::Database& database_in, const Catalog& catalog_in, const Clock& clock_in,
         IdMaker& ids_in, Metrics& metrics_in);

    Result<void> recover();
    Result<void> recover_one(store::Tx& tx, const job_rows::Claimed& job);
    void work();
    bool wait_for_turn(std::vector<std::string>& full, std::uint64_t& generation);
    Running* claim(const std::vector<std::string>& full, std::uint64_t generation);
    void run(Running& running);
    job_rows::Ending call(Running& running);
    bool is_abandoned(const Running& running);
    void settle(Running& running, const job_rows::Ending& ending);
    void leave(Running& running);
    void give_up_running();
    void stop(std::int64_t timeout_ms);
    void join();
    void cut(const JobId& id);
    // Of a change of state that is committed.
    void tell(std::string_view tenant, const JobId& id);
    void tell_progress(const std::string& tenant, const JobId& id);
    void wake_workers();

    store::Database& database;
    const Catalog& catalog;
    const Clock& clock;
    IdMaker& ids;
    Metrics& metrics;
    Gauge& running_gauge;
    JobWatchers watchers;

    mutable std::mutex mutex;
    std::condition_variable wake;     // workers: something may be there to claim
    std::condition_variable emptied;  // stop(): a job was left
    bool stopping = false;
    bool claiming = false;         // one worker at a time asks the database
    std::uint64_t generation = 1;  // grows when there may be more to claim
    std::uint64_t empty_at = 0;    // the generation at which nothing was found
    std::list<Running> running;
    std::map<std::string, int> running_per_operation;
    std::list<Waiter*> waiters;
    std::vector<std::thread> threads;
};

}  // namespace credence
