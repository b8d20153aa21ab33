// One tools/call, whichever way the operation was named: limits, the user's word, the lane, the
// guard, the result. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "api/dispatch.h"
#include "surface/mcp/protocol/request.h"
#include "surface/mcp/protocol/settings.h"
#include "surface/mcp/tasks/job_tasks.h"
#include "surface/mcp/tools/result_guard.h"

namespace credence::surface::mcp {

class ToolCalls {
public:
    // How long a background operation is awaited, where there are no tasks, before its job is the
    // answer. Clients give up after 60 s unless told otherwise.
    static constexpr std::int64_t kBackgroundWaitMs = 55'000;

    // tasks_are_judged: the guard sees the results of tasks, too.
    ToolCalls(Dispatcher& dispatcher, const McpSettings& settings, JobTasks* tasks,
              bool tasks_are_judged);

    // Answers the request exactly once, now or later. Whatever the operation refuses is a result
    // with isError, which the model can act on. `arguments`: a JSON object.
    void run(const Operation& operation, std::string arguments, const RequestPtr& request) const;

    // Whether calls of it may become tasks. Not where results are judged but those of tasks are
    // not: they would reach the model by another way.
    bool can_be_task(const Operation& operation) const;

private:
    void dispatch(const Operation& operation, std::string arguments,
                  const RequestPtr& request) const;

    Dispatcher& dispatcher_;
    const McpSettings& settings_;
    JobTasks* tasks_;
    bool tasks_are_judged_;
    ResultGuard guard_;
};

// params.arguments of a tools/call as a JSON object ("{}" when absent), or invalid_params.
Outcome arguments_of(const Members& params);

}  // namespace credence::surface::mcp
