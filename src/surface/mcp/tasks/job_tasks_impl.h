// What JobTasks is made of. Included by job_tasks.cpp and job_tasks_2025.cpp only.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "surface/mcp/tasks/job_follower.h"
#include "surface/mcp/tasks/job_tasks.h"
#include "surface/mcp/tasks/task_json.h"

namespace credence::surface::mcp {

struct JobTasks::Impl {
    explicit Impl(TaskParts given);

    using Method = void (Impl::*)(const RequestPtr&, const JobRecord&);
    // Finds the caller's task on a worker, and goes on there.
    void with_task(const RequestPtr& request, Method method);
    std::expected<JobRecord, RpcError> own(const Context& context, const JobId& id);
    bool may_see(const Context& context, const JobRecord& job) const;
    bool expired(const JobRecord& job) const;
    TaskView view(const JobRecord& job) const { return view(job, parts.jobs.progress(job.id)); }
    TaskView view(const JobRecord& job, std::optional<Progress::State> progress) const {
        return {job, progress, parts.settings.task_life_ms};
    }
    Outcome outcome(const Context& context, const JobRecord& job) const;

    void get(const RequestPtr& request, const JobRecord& job);
    void update(const RequestPtr& request, const JobRecord& job);
    void cancel(const RequestPtr& request, const JobRecord& job);
    void get_2025(const RequestPtr& request, const JobRecord& job);
    void result_2025(const RequestPtr& request, const JobRecord& job);
    void cancel_2025(const RequestPtr& request, const JobRecord& job);
    void list_2025(const RequestPtr& request);
    void answer_list_2025(const RequestPtr& request, const std::optional<JobId>& before);

    void created(const RequestPtr& request, Result<Answer> answer);
    void awaited(const RequestPtr& request, const Operation& operation, Result<Answer> answer);
    void give_up(const Context& context, const JobId& id);
    Result<Job> try_cancel(const Context& context, const JobId& id);
    void publish(const std::string& tenant, const JobRecord& job,
                 std::optional<Progress::State> progress);

    static RpcError unknown_task();
    static RpcError busy();
    // Of the store; what the job itself came to is elsewhere.
    static RpcError trouble(const Error& error);

    TaskParts parts;
    JobFollower follower;  // last: its threads use the rest
};

}  // namespace credence::surface::mcp
