// Jobs as MCP tasks: the Tasks extension of 2026-07-28 and the experimental tasks of 2025-11-25.
// Pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/job.h"
#include "surface/mcp/protocol/json_rpc.h"

namespace credence::surface::mcp {

inline constexpr std::int64_t kPollIntervalMs = 1'000;  // our advice to clients

struct TaskView {
    const JobRecord& job;
    std::optional<Progress::State> progress = {};
    std::int64_t life_ms = 0;  // from creation; 0: unlimited
};

// It will not change any more.
bool is_terminal(const Job& job);
// The same for 2025-11-25, where a task is cancelled from the moment somebody asks for it, whatever
// comes of the work.
bool is_terminal_2025(const JobRecord& job);

// What tools/call of the job's operation answers: CallToolResult, or the error that stands for it.
// A job that has not ended is {"job":…}.
Outcome call_outcome(const Job& job);

// 2026-07-28. An operation's refusal is a completed task whose result has isError; `failed` is left
// for what no tool can answer.
std::string created_task(const TaskView& view);                           // CreateTaskResult
std::string detailed_task(const TaskView& view, const Outcome& outcome);  // DetailedTask

// 2025-11-25. A refusal is a failed task there.
std::string task_2025(const TaskView& view);          // Task
std::string created_task_2025(const TaskView& view);  // CreateTaskResult
// {"_meta":{related task},…}: of a result's object.
std::string with_related_task(const JobId& id, std::string_view result_json);

}  // namespace credence::surface::mcp
