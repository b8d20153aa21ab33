#include "surface/mcp/tasks/job_tasks.h"

#include <optional>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/units.h"
#include "surface/mcp/protocol/call_result.h"
#include "surface/mcp/tasks/job_tasks_impl.h"
#include "surface/mcp/tasks/task_json.h"

namespace credence::surface::mcp {
namespace {

// Clients give up on a request after 60 s unless told otherwise.
constexpr std::int64_t kAwaitMs = 55'000;
constexpr int kCancelTries = 3;
constexpr std::string_view kMissingTasks =
    R"({"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}})";

}  // namespace

RpcError JobTasks::Impl::unknown_task() {
    return {RpcCode::invalid_params, "there is no such task", {}};
}

RpcError JobTasks::Impl::busy() {
    return {RpcCode::internal_error, "too many requests are waiting; try again", {}};
}

RpcError JobTasks::Impl::trouble(const Error& error) {
    return error.code == Code::not_found ? unknown_task()
                                         : RpcError{RpcCode::internal_error, error.message, {}};
}

JobTasks::Impl::Impl(TaskParts given)
    : parts(std::move(given)),
      follower(
          {parts.jobs, parts.pool, parts.clock,
           [this] { return parts.notices.wanted(Notice::Kind::task); },
           [this](const std::string& tenant, const JobRecord& job,
                  std::optional<Progress::State> progress) { publish(tenant, job, progress); }}) {}

JobTasks::JobTasks(TaskParts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}

JobTasks::~JobTasks() = default;

std::string JobTasks::extensions(Revision revision) const {
    return is_modern(revision) ? '"' + std::string(kTasksExtension) + "\":{}" : std::string();
}

bool JobTasks::wants(const Request& request, const Operation& operation) const {
    if (operation.lane != Lane::background) {
        return false;
    }
    const Caller& caller = request.caller();
    if (caller.modern()) {
        return caller.capabilities.tasks;
    }
    return caller.revision == Revision::r2025_11_25 && request.params()["task"].is_object();
}

void JobTasks::start(const RequestPtr& request, const Operation& operation, std::string arguments) {
    if (!request->caller().modern()) {
        const Member ttl = Members::of(request->params()["task"])["ttl"];
        if (!ttl.is_absent() && ttl.integer().value_or(-1) < 0) {
            request->fail(
                {RpcCode::invalid_params, "task.ttl must be a number of milliseconds", {}});
            return;
        }
    }
    impl_->parts.dispatcher.dispatch(
        operation, request->caller().context, std::move(arguments), 0,
        [this, request](Result<Answer> answer) { impl_->created(request, std::move(answer)); });
}

void JobTasks::await(const RequestPtr& request, const Operation& operation, std::string arguments) {
    impl_->parts.dispatcher.dispatch(operation, request->caller().context, std::move(arguments), 0,
                                     [this, request, &operation](Result<Answer> answer) {
                                         impl_->awaited(request, operation, std::move(answer));
                                     });
}

bool JobTasks::take(const RequestPtr& request) {
    const std::string& method = request->method();
    const Revision revision = request->caller().revision;
    Impl::Method found = nullptr;
    if (is_modern(revision)) {
        found = method == "tasks/get"      ? &Impl::get
                : method == "tasks/update" ? &Impl::update
                : method == "tasks/cancel" ? &Impl::cancel
                                           : nullptr;
    } else if (revision == Revision::r2025_11_25) {
        if (method == "tasks/list") {
            impl_->list_2025(request);
            return true;
        }
        found = method == "tasks/get"      ? &Impl::get_2025
                : method == "tasks/result" ? &Impl::result_2025
                : method == "tasks/cancel" ? &Impl::cancel_2025
                                           : nullptr;
    }
    if (found == nullptr) {
        return false;
    }
    if (is_modern(revision) && !request->caller().capabilities.tasks) {
        request->fail({RpcCode::missing_capability,
                       "the client did not declare the tasks extension",
                       std::string(kMissingTasks)});
        return true;
    }
    impl_->with_task(request, found);
    return true;
}

void JobTasks::Impl::with_task(const RequestPtr& request, Method method) {
    const Member& task_id = request->params()["taskId"];
    if (!task_id.is_text()) {
        request->fail({RpcCode::invalid_params, "taskId must be a string", {}});
        return;
    }
    const auto id = JobId::parse(task_id.value);
    if (!id) {
        request->fail(unknown_task());
        return;
    }
    if (!follower.on_pool([this, request, method, id = *id] {
            auto job = own(request->caller().context, id);
            if (job) {
                (this->*method)(request, *job);
            } else {
                request->fail(std::move(job.error()));
            }
        })) {
        request->fail(busy());
    }
}

std::expected<JobRecord, RpcError> JobTasks::Impl::own(const Context& context, const JobId& id) {
    auto job = parts.jobs.record(context, id);
    if (!job) {
        return std::unexpected(trouble(job.error()));
    }
    if (!may_see(context, *job)) {
        return std::unexpected(unknown_task());
    }
    if (expired(*job)) {
        return std::unexpected(RpcError{RpcCode::invalid_params, "the task has expired", {}});
    }
    return *std::move(job);
}

bool JobTasks::Impl::may_see(const Context& context, const JobRecord& job) const {
    const Operation* const operation = parts.dispatcher.catalog().find(job.operation);
    return job.actor == context.actor &&
           context.scopes.allow(operation != nullptr ? operation->scope : "*");
}

bool JobTasks::Impl::expired(const JobRecord& job) const {
    const std::int64_t life_ms = parts.settings.task_life_ms;
    return life_ms > 0 && is_terminal(job) &&
           parts.clock.now_us() > job.created_at_us + life_ms * kUsPerMs;
}

Outcome JobTasks::Impl::outcome(const Context& context, const JobRecord& job) const {
    Outcome out = call_outcome(job);
    const Operation* const operation = parts.dispatcher.catalog().find(job.operation);
    if (out && parts.checked && operation != nullptr && job.state == JobState::succeeded) {
        return parts.checked(context, *operation, *std::move(out));
    }
    return out;
}

void JobTasks::Impl::get(const RequestPtr& request, const JobRecord& job) {
    request->finish(detailed_task(view(job), outcome(request->caller().context, job)));
}

// Our tasks ask for nothing, so whatever is answered belongs to no open question and is ignored.
void JobTasks::Impl::update(const RequestPtr& request, const JobRecord&) {
    if (!request->params()["inputResponses"].is_object()) {
        request->fail({RpcCode::invalid_params, "inputResponses must be an object", {}});
        return;
    }
    request->finish("{}");
}

void JobTasks::Impl::cancel(const RequestPtr& request, const JobRecord& job) {
    if (!is_terminal(job)) {
        const auto cancelled = try_cancel(request->caller().context, job.id);
        if (!cancelled && cancelled.error().code != Code::conflict) {
            request->fail(trouble(cancelled.error()));
            return;
        }
    }
    request->finish("{}");
}

// A job that begins to run at this moment is a conflict too: that one is cancelled the next time.
Result<Job> JobTasks::Impl::try_cancel(const Context& context, const JobId& id) {
    for (int i = 1;; ++i) {
        auto cancelled = parts.jobs.cancel(context, id);
        if (cancelled || cancelled.error().code != Code::conflict || i == kCancelTries) {
            return cancelled;
        }
        if (const auto job = parts.jobs.record(context, id); job && is_terminal(*job)) {
            return cancelled;
        }
    }
}

void JobTasks::Impl::created(const RequestPtr& request, Result<Answer> answer) {
    if (!answer) {
        request->finish(call_problem(answer.error()));
        return;
    }
    if (!answer->job) {
        request->finish(call_result(answer->json));  // it ran at once: nothing is left to follow
        return;
    }
    auto job = from_json<Job>(answer->json);
    if (!job) {
        request->fail({RpcCode::internal_error, "the task cannot be read", {}});
        return;
    }
    JobRecord record;
    static_cast<Job&>(record) = *std::move(job);
    request->finish(request->caller().modern() ? created_task(view(record))
                                               : created_task_2025(view(record)));
}

void JobTasks::Impl::awaited(const RequestPtr& request, const Operation& operation,
                             Result<Answer> answer) {
    const Context& context = request->caller().context;
    if (!answer) {
        request->finish(call_problem(answer.error()));
        return;
    }
    if (!answer->job) {
        std::string result = call_result(answer->json);
        request->settle(parts.checked ? parts.checked(context, operation, std::move(result))
                                      : Outcome(std::move(result)));
        return;
    }
    const JobId id = *answer->job;
    const std::int64_t token = follower.follow(
        {.tenant = context.tenant,
         .id = id,
         .until_us = parts.clock.steady_us() + kAwaitMs * kUsPerMs,
         .ended = is_terminal,
         .progress =
             [request](const Progress::State& state) {
                 const auto total = static_cast<double>(state.total);
                 request->progress(static_cast<double>(state.done),
                                   state.total > 0 ? std::optional(total) : std::nullopt, {});
             },
         .done =
             [this, request](Result<JobRecord> job) {
                 if (job) {
                     request->settle(outcome(request->caller().context, *job));
                 } else {
                     request->finish(call_problem(job.error()));
                 }
             }});
    if (token == 0) {
        request->finish(call_result(R"({"job":)" + answer->json + '}'));
        return;
    }
    request->on_cancelled([this, token, id, asking = context] {
        follower.forget(token);
        give_up(asking, id);
    });
}

void JobTasks::Impl::give_up(const Context& context, const JobId& id) {
    // Too much waits: then the job ends by itself.
    static_cast<void>(
        follower.later([this, context, id] { static_cast<void>(try_cancel(context, id)); }));
}

void JobTasks::Impl::publish(const std::string& tenant, const JobRecord& job,
                             std::optional<Progress::State> progress) {
    Context context;
    context.tenant = tenant;
    context.actor = job.actor;
    parts.notices.publish({Notice::Kind::task, tenant, job.id.to_string(),
                           detailed_task(view(job, progress), outcome(context, job)), job.actor});
}

}  // namespace credence::surface::mcp
