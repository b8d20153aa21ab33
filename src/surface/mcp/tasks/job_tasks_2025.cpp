// The experimental tasks of 2025-11-25 (basic/utilities/tasks of that revision).
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "surface/mcp/tasks/job_tasks_impl.h"

namespace credence::surface::mcp {
namespace {

constexpr int kListedTasks = 50;

}  // namespace

void JobTasks::Impl::get_2025(const RequestPtr& request, const JobRecord& job) {
    request->finish(task_2025(view(job)));
}

void JobTasks::Impl::result_2025(const RequestPtr& request, const JobRecord& job) {
    const auto answer = [this, request](const JobRecord& ended) {
        JobRecord told = ended;
        if (told.cancel_requested) {
            told.state = JobState::cancelled;
        }
        Outcome out = outcome(request->caller().context, told);
        if (out) {
            out = with_related_task(told.id, *out);
        }
        request->settle(std::move(out));
    };
    if (is_terminal_2025(job)) {
        answer(job);
        return;
    }
    const std::int64_t token =
        follower.follow({.tenant = request->caller().context.tenant,
                         .id = job.id,
                         .ended = is_terminal_2025,
                         .done = [this, request, answer](Result<JobRecord> ended) {
                             if (!ended) {
                                 request->fail(trouble(ended.error()));
                                 return;
                             }
                             request->notify("notifications/tasks/status", task_2025(view(*ended)));
                             answer(*ended);
                         }});
    if (token == 0) {
        request->fail(busy());
        return;
    }
    request->on_cancelled([this, token] { follower.forget(token); });
}

void JobTasks::Impl::cancel_2025(const RequestPtr& request, const JobRecord& job) {
    const RpcError finished{RpcCode::invalid_params, "the task has ended already", {}};
    if (is_terminal_2025(job)) {
        request->fail(finished);
        return;
    }
    const auto cancelled = try_cancel(request->caller().context, job.id);
    if (!cancelled) {
        const bool ended = cancelled.error().code == Code::conflict;
        request->fail(ended ? finished : trouble(cancelled.error()));
        return;
    }
    JobRecord now = job;
    static_cast<Job&>(now) = *cancelled;
    now.cancel_requested = true;
    request->finish(task_2025(view(now)));
}

void JobTasks::Impl::list_2025(const RequestPtr& request) {
    const RpcError unknown{RpcCode::invalid_params, "there is no such cursor", {}};
    std::optional<JobId> before;
    if (const Member& cursor = request->params()["cursor"]; !cursor.is_absent()) {
        const auto parsed = JobId::parse(cursor.is_text() ? cursor.value : "");
        if (!parsed) {
            request->fail(unknown);
            return;
        }
        before = *parsed;
    }
    if (!follower.on_pool([this, request, before] { answer_list_2025(request, before); })) {
        request->fail(busy());
    }
}

void JobTasks::Impl::answer_list_2025(const RequestPtr& request,
                                      const std::optional<JobId>& before) {
    const Context& context = request->caller().context;
    const auto jobs = parts.jobs.list_own(context, before, kListedTasks + 1);
    if (!jobs) {
        request->fail(trouble(jobs.error()));
        return;
    }
    std::string out = R"({"tasks":[)";
    int read = 0;
    char before_item = 0;
    for (const JobRecord& job : *jobs) {
        if (++read > kListedTasks) {
            break;
        }
        if (may_see(context, job) && !expired(job)) {
            if (std::exchange(before_item, ',') != 0) {
                out += ',';
            }
            out += task_2025(view(job));
        }
    }
    out += ']';
    if (read > kListedTasks) {
        out += R"(,"nextCursor":")" + (*jobs)[kListedTasks - 1].id.to_string() + '"';
    }
    request->finish(out + '}');
}

}  // namespace credence::surface::mcp
