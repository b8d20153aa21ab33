#include "api/job.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "api/job_impl.h"
#include "base/check.h"
#include "base/json.h"

namespace credence {
namespace {

constexpr std::size_t kMaxRequestBytes = std::size_t{8} << 20;
constexpr int kMaxListed = 1'000;

bool is_finished(JobState state) {
    return state != JobState::queued && state != JobState::running;
}

}  // namespace

void describe(Describe<Job>& d) {
    d.field<&Job::id>("The job");
    d.field<&Job::operation>("Operation it runs").example("\"guard.scan\"");
    d.field<&Job::state>("How far it is");
    d.field<&Job::created_at_us>("When it was asked for");
    d.field<&Job::started_at_us>("When the last attempt began");
    d.field<&Job::finished_at_us>("When it ended");
    d.field<&Job::attempts>("How often it was started");
    d.field<&Job::result>("The operation's response, when succeeded");
    d.field<&Job::error_code>("Class of the error, when failed");
    d.field<&Job::error_message>("The error, when failed");
    d.field<&Job::error_field>("The field of the request that it is about");
}

void describe(Describe<JobChanged>& d) {
    d.field<&JobChanged::id>("The job");
    d.field<&JobChanged::operation>("Operation it runs");
    d.field<&JobChanged::state>("Its new state");
}

Jobs::Jobs(store::Database& database, const Catalog& catalog, const Clock& clock, IdMaker& ids,
           Metrics& metrics)
    : impl_(std::make_unique<Impl>(database, catalog, clock, ids, metrics)) {}

Jobs::~Jobs() {
    if (!impl_->threads.empty()) {
        stop(0);
    }
    impl_->join();
}

Result<void> Jobs::start(int threads) {
    CHECK(impl_->threads.empty(), "jobs run already");
    CHECK(threads > 0, "jobs need a thread");
    TRY(impl_->recover());
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = false;
    }
    for (int i = 0; i < threads; ++i) {
        impl_->threads.emplace_back([this] { impl_->work(); });
    }
    return {};
}

void Jobs::stop(std::int64_t timeout_ms) {
    impl_->stop(timeout_ms);
}

Result<Job> Jobs::submit(const Context& context, const Operation& operation,
                         std::string_view request_json) {
    if (request_json.size() > kMaxRequestBytes) {
        return fail(Code::too_large, "the request is too large to keep");
    }
    TRY(validate_json(request_json));
    const JobId id = impl_->ids.make<JobId>();
    Job job = TRY(impl_->database.write([&](store::Tx& tx) -> Result<Job> {
        const std::int64_t waiting =
            TRY(job_rows::count_queued(tx, context.tenant, kMaxQueuedPerTenant));
        if (waiting >= kMaxQueuedPerTenant) {
            return fail(Code::exhausted, "too many jobs are waiting");
        }
        TRY(job_rows::insert(tx, context,
                             {id, operation.name, request_json, impl_->clock.now_us()}));
        return job_rows::find(tx, context.tenant, id);
    }));
    impl_->watchers.tell({context.tenant, id, false});
    impl_->wake_workers();
    return job;
}

Result<Job> Jobs::get(const Context& context, const JobId& id) {
    return impl_->database.read(
        [&](store::Tx& tx) { return job_rows::find(tx, context.tenant, id); });
}

Result<JobRecord> Jobs::record(const Context& context, const JobId& id) {
    return impl_->database.read(
        [&](store::Tx& tx) { return job_rows::find_record(tx, context.tenant, id); });
}

Result<std::vector<Job>> Jobs::list(const Context& context, std::optional<JobState> state,
                                    int limit) {
    if (limit < 1 || limit > kMaxListed) {
        return fail(Code::invalid, "must be between 1 and 1000", "limit");
    }
    return impl_->database.read(
        [&](store::Tx& tx) { return job_rows::list(tx, context.tenant, state, limit); });
}

Result<std::vector<JobRecord>> Jobs::list_own(const Context& context,
                                              const std::optional<JobId>& before, int limit) {
    if (limit < 1 || limit > kMaxListed) {
        return fail(Code::invalid, "must be between 1 and 1000", "limit");
    }
    return impl_->database.read(
        [&](store::Tx& tx) { return job_rows::list_own(tx, context, before, limit); });
}

Result<Job> Jobs::cancel(const Context& context, const JobId& id) {
    Job job = TRY(impl_->database.write([&](store::Tx& tx) -> Result<Job> {
        const Job found = TRY(job_rows::find(tx, context.tenant, id));
        if (is_finished(found.state)) {
            return fail(Code::conflict, "the job is finished", "id");
        }
        if (found.state == JobState::queued) {
            TRY(job_rows::cancel_queued(tx, context, found, impl_->clock.now_us()));
        } else {
            TRY(job_rows::request_cancel(tx, context.tenant, id));
        }
        return job_rows::find(tx, context.tenant, id);
    }));
    if (job.state == JobState::running) {
        impl_->cut(id);
    }
    impl_->tell(context.tenant, id);
    return job;
}

Result<Job> Jobs::wait(const Context& context, const JobId& id, std::int64_t timeout_ms) {
    using std::chrono::steady_clock;
    const auto until = steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    Impl::Waiter waiter;
    waiter.id = id;
    std::unique_lock lock(impl_->mutex);
    const auto place = impl_->waiters.insert(impl_->waiters.end(), &waiter);
    while (true) {
        const std::uint64_t seen = waiter.news;
        lock.unlock();
        auto job = get(context, id);
        lock.lock();
        if (!job || is_finished(job->state) || steady_clock::now() >= until) {
            impl_->waiters.erase(place);
            return job;
        }
        // In slices: another process may change the job too.
        waiter.changed.wait_until(lock, std::min(until, steady_clock::now() + kJobPoll),
                                  [&] { return waiter.news != seen; });
    }
}

std::optional<Progress::State> Jobs::progress(const JobId& id) const {
    const std::lock_guard lock(impl_->mutex);
    for (const Impl::Running& running : impl_->running) {
        if (running.job.id == id) {
            return running.context.progress->state();
        }
    }
    return std::nullopt;
}

std::int64_t Jobs::watch(Watcher watcher) {
    return impl_->watchers.add(std::move(watcher));
}

void Jobs::unwatch(std::int64_t token) {
    impl_->watchers.remove(token);
}

}  // namespace credence
