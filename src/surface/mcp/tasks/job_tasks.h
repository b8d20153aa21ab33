// MCP tasks over background jobs: the Tasks extension of 2026-07-28 (io.modelcontextprotocol/tasks)
// and the experimental tasks of 2025-11-25. A task is a job; its id is the job's.
//
// A caller knows the jobs that its own actor asked for in its own tenant, by whatever surface,
// while its scopes allow their operation; everybody else's are unknown to it. A finished job is no
// task any more once McpSettings::task_life_ms went by since it was asked for; a client's own ttl
// is overridden by that.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/dispatch.h"
#include "surface/mcp/protocol/feature.h"
#include "surface/mcp/protocol/settings.h"

namespace credence::surface::mcp {

struct TaskParts {
    Dispatcher& dispatcher;
    Jobs& jobs;
    WorkerPool& pool;  // where the store may be asked
    const Clock& clock;
    Notices& notices;  // told of every change of a task somebody asked about
    const McpSettings& settings;
    // What becomes of a CallToolResult before it leaves (the guard); null: stays as it is. Called
    // on a worker; the context is who gets it.
    std::function<Outcome(const Context&, const Operation&, std::string result_json)> checked = {};
};

// Thread-safe.
class JobTasks final : public Feature {
public:
    explicit JobTasks(TaskParts parts);
    ~JobTasks() override;

    // Whether this call becomes a task: a background operation, and a client that can follow one
    // (modern: the extension's capability; 2025-11-25: the call's params have `task`).
    bool wants(const Request& request, const Operation& operation) const;
    // Submits the job and answers with CreateTaskResult; a refusal is a result with isError.
    void start(const RequestPtr& request, const Operation& operation, std::string arguments);
    // Answers like a plain call: waits for the job, telling its progress; a client that gives up
    // cancels it.
    void await(const RequestPtr& request, const Operation& operation, std::string arguments);

    bool take(const RequestPtr& request) override;
    std::string extensions(Revision revision) const override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace credence::surface::mcp
