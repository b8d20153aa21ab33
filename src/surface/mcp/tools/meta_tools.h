// find_operations and call_operation: every operation behind two tools, so that a list of tools
// need not name hundreds. Thread-safe.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/dispatch.h"
#include "surface/mcp/protocol/request.h"
#include "surface/mcp/tools/operation_index.h"
#include "surface/mcp/tools/tool_call.h"

namespace credence::surface::mcp {

class MetaTools {
public:
    static constexpr std::string_view kFind = "find_operations";
    static constexpr std::string_view kCall = "call_operation";
    static constexpr std::size_t kMostFound = 20;
    static constexpr std::size_t kNearestNames = 3;

    MetaTools(Dispatcher& dispatcher, const ToolCalls& calls);

    // Tool objects; `tasks`: call_operation may be asked for a task (2025-11-25).
    static std::string find_tool();
    static std::string call_tool(bool tasks);
    static std::string find_schema();
    static std::string call_schema();

    // Answer the request exactly once.
    void find(const std::string& arguments, const RequestPtr& request) const;
    void call(const std::string& arguments, const RequestPtr& request) const;

    // By its MCP name or its own; null for unknown and hidden ones.
    const Operation* operation(std::string_view name) const;

private:
    const OperationIndex& index() const;

    std::vector<std::string> nearest(const Context& context, std::string_view name) const;

    Dispatcher& dispatcher_;
    const ToolCalls& calls_;
    std::vector<const Operation*> operations_;  // those not hidden, as in the index
    // Made by the first search: it costs milliseconds that a start need not wait for.
    mutable std::once_flag indexed_;
    mutable std::optional<OperationIndex> index_;
};

}  // namespace credence::surface::mcp
