// MCP tools, derived from the catalogue: one per operation that is not hidden.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/dispatch.h"
#include "surface/mcp/json_rpc.h"

namespace credence::surface {

// Rendered once, when built; immutable and thread-safe afterwards.
class McpTools {
public:
    static constexpr std::size_t kPageSize = 100;
    // How long a background operation is awaited before its job is the answer. Clients give up
    // after 60 s unless told otherwise.
    static constexpr std::int64_t kBackgroundWaitMs = 55'000;

    explicit McpTools(Dispatcher& dispatcher);

    // The result of tools/list: the tools offered to the caller (scope, not switched off), in
    // registration order.
    std::expected<std::string, RpcError> list(const Context& context, const RpcParam& cursor) const;

    // The result of tools/call, or a protocol error; done is called exactly once. Whatever the
    // operation refuses, invalid arguments included, is a result with isError, which the model can
    // act on. A background operation answers with its result, or with {"job": …} while it runs;
    // such tools declare no output schema.
    using Answered = std::function<void(std::expected<std::string, RpcError>)>;
    void call(const Context& context, RpcParams params, Answered done) const;

    std::size_t size() const { return tools_.size(); }

private:
    struct Tool {
        const Operation* operation;
        std::string json;
    };

    Dispatcher& dispatcher_;
    std::vector<Tool> tools_;
};

}  // namespace credence::surface
