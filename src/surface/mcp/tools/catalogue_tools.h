// The operation catalogue as MCP tools: one tool per operation that is not hidden, of which
// tools/list shows those of the profile (mcp.profile), and find_operations and call_operation for
// all others. Any operation can be called by its MCP name, listed or not.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/dispatch.h"
#include "base/clock.h"
#include "base/span.h"
#include "surface/mcp/protocol/feature.h"
#include "surface/mcp/protocol/settings.h"
#include "surface/mcp/tasks/job_tasks.h"

namespace credence::surface::mcp {

// Borrowed; they outlive the feature. Clock and spans are for the spans of calls, which the
// dispatcher makes: not used here.
struct ToolParts {
    Dispatcher& dispatcher;
    const McpSettings& settings;
    const Clock& clock;
    JobTasks* tasks = nullptr;  // null: background operations are awaited, no tasks
    SpanSink* spans = nullptr;
    // Whether the tasks' results pass ResultGuard::judge_now (TaskParts::checked). If not, and
    // mcp.guard_results is set, operations whose results are judged do not become tasks.
    bool tasks_are_judged = false;
};

// Rendered once, when built; immutable and thread-safe afterwards.
class CatalogueTools final : public Feature {
public:
    explicit CatalogueTools(ToolParts parts);
    ~CatalogueTools() override;

    // What a server must refuse to start with: names in mcp.tools that nobody has, and
    // mcp.guard_results without a guard. Built all the same, those names are not listed and every
    // judged result is withheld.
    static Result<void> check(const Catalog& catalog, const McpSettings& settings);

    void tools(const Caller& caller, std::vector<std::string>& out) const override;
    bool call_tool(std::string_view name, const RequestPtr& request) override;
    std::string input_schema(std::string_view tool) const override;
    void on_event(const store::StoredEvent& event, Notices& notices) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace credence::surface::mcp
