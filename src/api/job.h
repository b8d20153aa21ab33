// Background work: an operation call made durable.
//
// Table job(tenant, id, operation, request, actor, scopes, state, …). A job runs with the context
// of who asked. After a crash, jobs that were running start again, except Effect::act operations
// that are not idempotent: those become `interrupted`, for a person to judge. The request is kept
// as long as somebody needs it: it leaves the table when the job ends, unless it was interrupted.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/catalog.h"
#include "api/context.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/shape.h"
#include "engine/store/database.h"

namespace credence {

using JobId = Id<struct JobTag>;

enum class JobState : std::uint8_t { queued, running, succeeded, failed, cancelled, interrupted };

struct Job {
    JobId id;
    std::string operation;
    JobState state = JobState::queued;
    std::int64_t created_at_us = 0;
    std::optional<std::int64_t> started_at_us;
    std::optional<std::int64_t> finished_at_us;
    std::int64_t attempts = 0;
    std::optional<RawJson> result;             // when succeeded
    std::optional<std::string> error_code;     // when failed
    std::optional<std::string> error_message;  //
    std::optional<std::string> error_field;    // path of the offending input, if there is one
};
void describe(Describe<Job>&);

// With what is no part of its JSON.
struct JobRecord : Job {
    std::string actor;              // who asked for it
    bool cancel_requested = false;  // somebody wants it cancelled; it may have ended otherwise
};

// Emitted in the transaction that changed the job.
struct JobChanged {
    JobId id;
    std::string operation;
    JobState state = JobState::queued;
};
void describe(Describe<JobChanged>&);

// What Jobs::watch() tells.
struct JobNews {
    std::string_view tenant;
    JobId id;
    bool progress_only = false;  // its state is what it was
};

// Thread-safe.
class Jobs {
public:
    static constexpr int kMaxQueuedPerTenant = 10'000;  // beyond: Code::exhausted
    static constexpr int kMaxAttempts = 3;              // crashes before a job is failed
    static constexpr std::int64_t kProgressEveryMs = 100;

    Jobs(store::Database& database, const Catalog& catalog, const Clock& clock, IdMaker& ids,
         Metrics& metrics);
    ~Jobs();

    // Starts `threads` workers and takes up what an earlier process left.
    Result<void> start(int threads);
    // Lets running jobs finish for at most timeout_ms, then returns them to the queue.
    void stop(std::int64_t timeout_ms);

    Result<Job> submit(const Context& context, const Operation& operation,
                       std::string_view request_json);
    Result<Job> get(const Context& context, const JobId& id);
    Result<JobRecord> record(const Context& context, const JobId& id);
    // Newest first; state empty: all.
    Result<std::vector<Job>> list(const Context& context, std::optional<JobState> state, int limit);
    // What context.actor asked for, newest first, without results; only jobs older than `before`,
    // when given.
    Result<std::vector<JobRecord>> list_own(const Context& context,
                                            const std::optional<JobId>& before, int limit);
    // Queued: cancelled at once. Running: its context's deadline is cut. Finished: Code::conflict.
    Result<Job> cancel(const Context& context, const JobId& id);
    // Blocks until the job is finished or timeout_ms went by; the job as it then is.
    Result<Job> wait(const Context& context, const JobId& id, std::int64_t timeout_ms);

    // How far a job that runs in this process has come, as its operation reports it.
    std::optional<Progress::State> progress(const JobId& id) const;
    // Told after each committed change of state that this process made, and of progress at most
    // every kProgressEveryMs a job; on any thread; must not block. A token for unwatch(), after
    // which the watcher is not called any more (a watcher that unwatches itself: after this call of
    // it).
    using Watcher = std::function<void(const JobNews&)>;
    std::int64_t watch(Watcher watcher);
    void unwatch(std::int64_t token);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace credence
