#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>

#include "api/job_impl.h"
#include "base/log.h"
#include "base/units.h"

namespace credence {
namespace {

using job_rows::Claimed;
using job_rows::Ending;

constexpr std::size_t kMaxResultBytes = std::size_t{8} << 20;
constexpr int kRecoverBatch = 200;
constexpr int kMaxFinishTries = 20;
constexpr std::chrono::milliseconds kFinishPause{250};

// What can be run twice after nobody knows how far it came.
bool may_run_again(const Operation& operation) {
    return operation.effect != Effect::act || operation.idempotent;
}

Ending failed(std::int64_t at_us, Error error) {
    return {JobState::failed, at_us, std::nullopt, std::move(error)};
}

}  // namespace

Jobs::Impl::Impl(store::Database& database_in, const Catalog& catalog_in, const Clock& clock_in,
                 IdMaker& ids_in, Metrics& metrics_in)
    : database(database_in),
      catalog(catalog_in),
      clock(clock_in),
      ids(ids_in),
      metrics(metrics_in),
      running_gauge(metrics_in.gauge("credence_jobs_running", "Jobs running now")) {}

// Decides about every job that a dead process left running.
Result<void> Jobs::Impl::recover() {
    std::string after;
    std::size_t found = 0;
    do {
        std::vector<Claimed> batch;
        found = TRY(database.write([&](store::Tx& tx) -> Result<std::size_t> {
            const auto left = TRY(job_rows::running(tx, after, kRecoverBatch));
            for (const Claimed& job : left) {
                TRY(recover_one(tx, job));
            }
            batch = left;
            return left.size();
        }));
        for (const Claimed& job : batch) {
            after = job.id.to_string();
            tell(job.context.tenant, job.id);
        }
        if (found > 0) {
            log::warning("unfinished jobs found", {{"count", found}});
        }
    } while (found == static_cast<std::size_t>(kRecoverBatch));
    return {};
}

Result<void> Jobs::Impl::recover_one(store::Tx& tx, const Claimed& job) {
    const Operation* const operation = catalog.find(job.operation);
    const std::int64_t now_us = clock.now_us();
    std::optional<Ending> ending;
    if (operation == nullptr) {
        ending = failed(now_us, {Code::unsupported, "this program has no such operation", {}, 0});
    } else if (!may_run_again(*operation)) {
        ending = Ending{JobState::interrupted, now_us, std::nullopt, std::nullopt};
    } else if (job.cancel_requested) {
        ending = Ending{JobState::cancelled, now_us, std::nullopt, std::nullopt};
    } else if (job.attempts >= kMaxAttempts) {
        ending = failed(now_us, {Code::internal, "the program ended during every attempt", {}, 0});
    }
    if (ending) {
        TRY(job_rows::finish(tx, job, *ending));
    } else {
        TRY(job_rows::requeue(tx, job, job.attempts));
    }
    return {};
}

void Jobs::Impl::work() {
    std::vector<std::string> full;
    std::uint64_t asked_at = 0;
    while (wait_for_turn(full, asked_at)) {
        if (Running* const taken = claim(full, asked_at); taken != nullptr) {
            run(*taken);
        }
    }
}

// True when this worker is to ask the database, as the only one; false when stopping.
bool Jobs::Impl::wait_for_turn(std::vector<std::string>& full, std::uint64_t& asked_at) {
    std::unique_lock lock(mutex);
    wake.wait_for(lock, kJobPoll, [&] { return stopping || (!claiming && empty_at < generation); });
    wake.wait(lock, [&] { return stopping || !claiming; });
    if (stopping) {
        return false;
    }
    claiming = true;
    asked_at = generation;
    full.clear();
    for (const auto& [name, count] : running_per_operation) {
        const Operation* const operation = catalog.find(name);
        if (operation == nullptr || count >= std::max(1, operation->max_running)) {
            full.push_back(name);
        }
    }
    return true;
}

Jobs::Impl::Running* Jobs::Impl::claim(const std::vector<std::string>& full,
                                       std::uint64_t asked_at) {
    auto taken =
        database.write([&](store::Tx& tx) { return job_rows::claim(tx, full, clock.now_us()); });
    if (!taken) {
        log::error("no job can be taken", {{"problem", taken.error().message}});
    }
    Running* added = nullptr;
    {
        const std::lock_guard lock(mutex);
        claiming = false;
        if (taken && *taken) {
            added = &running.emplace_back();
            added->job = std::move(**taken);
            added->operation = catalog.find(added->job.operation);
            added->context = added->job.context;
            added->context.progress = std::make_shared<Progress>(
                [this, tenant = added->job.context.tenant,
                 id = added->job.id](const Progress::State&) { tell_progress(tenant, id); });
            added->context.deadline_us =
                added->operation == nullptr
                    ? 0
                    : clock.steady_us() + added->operation->timeout_ms * 1'000;
            ++running_per_operation[added->job.operation];
        } else {
            empty_at = std::max(empty_at, asked_at);
        }
    }
    wake.notify_one();
    emptied.notify_all();
    return added;
}

void Jobs::Impl::run(Running& running_job) {
    running_gauge.add(1);
    tell(running_job.job.context.tenant, running_job.job.id);
    settle(running_job, call(running_job));
    leave(running_job);
    running_gauge.add(-1);
}

Ending Jobs::Impl::call(Running& running_job) {
    const Operation* const operation = running_job.operation;
    if (operation == nullptr) {
        return failed(clock.now_us(),
                      {Code::unsupported, "this program has no such operation", {}, 0});
    }
    std::string out;
    Result<void> called;
    try {
        called = operation->call(running_job.context, running_job.job.request, out);
    } catch (const std::exception& error) {
        log::error("job threw", {{"operation", operation->name}, {"what", error.what()}});
        called = fail(Code::internal, "the operation failed unexpectedly");
    } catch (...) {
        log::error("job threw", {{"operation", operation->name}, {"what", "unknown"}});
        called = fail(Code::internal, "the operation failed unexpectedly");
    }
    const std::int64_t now_us = clock.now_us();
    if (called && out.size() > kMaxResultBytes) {
        return failed(now_us, {Code::too_large, "the result is too large to keep", {}, 0});
    }
    if (called) {
        return {JobState::succeeded, now_us, std::move(out), std::nullopt};
    }
    const std::lock_guard lock(mutex);
    if (running_job.cancelled) {
        return {JobState::cancelled, now_us, std::nullopt, std::nullopt};
    }
    return failed(now_us, called.error());
}

// A finished job must not be lost to a store that is busy for a moment.
void Jobs::Impl::settle(Running& running_job, const Ending& ending) {
    const Claimed& job = running_job.job;
    for (int i = 0; i < kMaxFinishTries && !is_abandoned(running_job); ++i) {
        const auto finished =
            database.write([&](store::Tx& tx) { return job_rows::finish(tx, job, ending); });
        if (finished) {
            const std::string& state =
                shape_of<JobState>().enumerators[static_cast<std::size_t>(ending.state)];
            metrics.counter("credence_jobs_finished_total", "Jobs ended", {{"state", state}}).add();
            return;
        }
        log::warning("job result not stored yet",
                     {{"job", job.id.to_string()}, {"problem", finished.error().message}});
        std::unique_lock lock(mutex);
        emptied.wait_for(lock, kFinishPause, [&] { return running_job.abandoned; });
    }
    log::error("job result not stored", {{"job", job.id.to_string()}});
}

bool Jobs::Impl::is_abandoned(const Running& running_job) {
    const std::lock_guard lock(mutex);
    return running_job.abandoned;
}

void Jobs::Impl::leave(Running& running_job) {
    const JobId id = running_job.job.id;
    const std::string tenant = running_job.job.context.tenant;
    {
        const std::lock_guard lock(mutex);
        const auto count = running_per_operation.find(running_job.job.operation);
        if (--count->second == 0) {
            running_per_operation.erase(count);
        }
        running.remove_if([&](const Running& other) { return &other == &running_job; });
        ++generation;  // its operation has room again
    }
    emptied.notify_all();
    wake.notify_one();
    tell(tenant, id);
}

void Jobs::Impl::cut(const JobId& id) {
    const std::lock_guard lock(mutex);
    for (Running& running_job : running) {
        if (running_job.job.id == id) {
            running_job.cancelled = true;
            // The operation reads it meanwhile. 1: long past, and not "no deadline".
            std::atomic_ref<std::int64_t>(running_job.context.deadline_us)
                .store(1, std::memory_order_relaxed);
        }
    }
}

void Jobs::Impl::tell(std::string_view tenant, const JobId& id) {
    {
        const std::lock_guard lock(mutex);
        for (Waiter* const waiter : waiters) {
            if (waiter->id == id) {
                ++waiter->news;
                waiter->changed.notify_one();
            }
        }
    }
    watchers.tell({tenant, id, false});
}

// On the thread of the operation that reports.
void Jobs::Impl::tell_progress(const std::string& tenant, const JobId& id) {
    const std::int64_t now_us = clock.steady_us();
    {
        const std::lock_guard lock(mutex);
        const auto found = std::ranges::find_if(
            running, [&](const Running& running_job) { return running_job.job.id == id; });
        if (found == running.end() ||
            (found->progress_told_us != 0 &&
             now_us - found->progress_told_us < kProgressEveryMs * kUsPerMs)) {
            return;
        }
        found->progress_told_us = now_us;
    }
    watchers.tell({tenant, id, true});
}

void Jobs::Impl::wake_workers() {
    {
        const std::lock_guard lock(mutex);
        ++generation;
    }
    wake.notify_one();
}

void Jobs::Impl::stop(std::int64_t timeout_ms) {
    std::unique_lock lock(mutex);
    stopping = true;
    wake.notify_all();
    if (!emptied.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                          [&] { return running.empty() && !claiming; })) {
        lock.unlock();
        give_up_running();
        return;  // joined by the destructor, when the operations have noticed
    }
    lock.unlock();
    join();
}

// Returns what still runs to the queue and cuts its deadline.
void Jobs::Impl::give_up_running() {
    std::vector<std::pair<Claimed, bool>> left;
    {
        const std::lock_guard lock(mutex);
        for (Running& running_job : running) {
            running_job.abandoned = true;
            std::atomic_ref<std::int64_t>(running_job.context.deadline_us)
                .store(1, std::memory_order_relaxed);
            const bool again =
                running_job.operation != nullptr && may_run_again(*running_job.operation);
            left.emplace_back(running_job.job, again);
        }
    }
    emptied.notify_all();
    for (const auto& [job, again] : left) {
        const auto returned = database.write([&](store::Tx& tx) -> Result<bool> {
            if (again) {
                return job_rows::requeue(tx, job, job.attempts - 1);
            }
            const Ending ending{JobState::interrupted, clock.now_us(), std::nullopt, std::nullopt};
            return job_rows::finish(tx, job, ending);
        });
        log::warning("job stopped before its end",
                     {{"job", job.id.to_string()}, {"returned", returned && *returned}});
        tell(job.context.tenant, job.id);
    }
}

void Jobs::Impl::join() {
    for (std::thread& thread : threads) {
        thread.join();
    }
    threads.clear();
}

}  // namespace credence
