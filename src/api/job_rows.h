// The SQL of jobs. Every change emits JobChanged in the same transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "api/job.h"
#include "base/result.h"
#include "engine/store/database.h"

namespace credence::job_rows {

// A job taken by a worker, with what running it needs.
struct Claimed {
    JobId id;
    std::string operation;
    std::string request;
    Context context;
    std::int64_t attempts = 0;  // this one included
    bool cancel_requested = false;
};

// How an attempt ended.
struct Ending {
    JobState state = JobState::failed;
    std::int64_t at_us = 0;
    std::optional<std::string> result;  // when succeeded
    std::optional<Error> error;         // when failed
};

struct NewJob {
    JobId id;
    std::string_view operation;
    std::string_view request;
    std::int64_t created_at_us = 0;
};

Result<void> insert(store::Tx& tx, const Context& context, const NewJob& job);
// Queued jobs of the tenant, counted up to `limit`.
Result<std::int64_t> count_queued(store::Tx& tx, std::string_view tenant, int limit);
Result<Job> find(store::Tx& tx, std::string_view tenant, const JobId& id);
Result<JobRecord> find_record(store::Tx& tx, std::string_view tenant, const JobId& id);
Result<std::vector<Job>> list(store::Tx& tx, std::string_view tenant, std::optional<JobState> state,
                              int limit);
// What who.actor asked for, older than `before` when given, newest first, without results.
Result<std::vector<JobRecord>> list_own(store::Tx& tx, const Context& who,
                                        const std::optional<JobId>& before, int limit);

// The oldest queued job whose operation is not among `full`, now running; nothing when none waits.
Result<std::optional<Claimed>> claim(store::Tx& tx, const std::vector<std::string>& full,
                                     std::int64_t now_us);
// Ends this attempt; false when the job no longer runs under it (returned to the queue meanwhile).
Result<bool> finish(store::Tx& tx, const Claimed& job, const Ending& ending);
// Takes the attempt back, as if it had not been made; false as for finish().
Result<bool> requeue(store::Tx& tx, const Claimed& job, std::int64_t attempts);
// Ends a job that waits; Code::conflict when it no longer does.
Result<void> cancel_queued(store::Tx& tx, const Context& context, const Job& job,
                           std::int64_t now_us);
Result<void> request_cancel(store::Tx& tx, std::string_view tenant, const JobId& id);

// Running jobs with an id above `after`, oldest first: what a dead process left.
Result<std::vector<Claimed>> running(store::Tx& tx, std::string_view after, int limit);

}  // namespace credence::job_rows
