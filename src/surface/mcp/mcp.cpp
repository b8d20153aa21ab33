#include "surface/mcp/mcp.h"

#include <algorithm>
#include <array>
#include <expected>
#include <utility>

#include "base/json.h"
#include "base/version.h"
#include "surface/mcp/json_rpc.h"
#include "surface/mcp/mcp_resources.h"
#include "surface/mcp/mcp_tools.h"

namespace credence::surface {
namespace {

// Newest last.
constexpr std::array<std::string_view, 2> kRevisions = {"2025-06-18", "2025-11-25"};

using Outcome = std::expected<std::string, RpcError>;

std::string answer_text(std::string_view id, const Outcome& outcome) {
    return outcome ? rpc_result(id, *outcome) : rpc_failure(id, outcome.error());
}

Outcome initialize(const RpcParam& revision) {
    if (!revision.is_text()) {
        return std::unexpected(
            RpcError{RpcCode::invalid_params, "params.protocolVersion must be a string", {}});
    }
    // A client that knows none of ours is told the newest and decides for itself.
    const std::string_view chosen =
        Mcp::supports_revision(revision.value) ? revision.value : kRevisions.back();
    std::string out = R"({"protocolVersion":")";
    out += chosen;
    out += R"(","capabilities":{"tools":{},"resources":{}},)"
           R"("serverInfo":{"name":"credence","title":"Credence","version":)";
    append_json_string(kVersion, out);
    out += R"(},"instructions":)";
    append_json_string(
        "Each tool is one operation; its result is JSON that fits the tool's output schema. A "
        "refused "
        "call is a result with isError and {code, message, field}: correct the field and call "
        "again. Read credence://docs/<module> for a module's reference.",
        out);
    out += '}';
    return out;
}

}  // namespace

struct Mcp::Impl {
    explicit Impl(Dispatcher& dispatcher) : tools(dispatcher), resources(dispatcher.catalog()) {}

    // Everything but tools/call, which may answer later.
    Outcome answer(const Context& context, const RpcMessage& message) const {
        const RpcParams& params = message.params;
        if (message.method == "initialize") {
            return initialize(params.protocol_version);
        }
        if (message.method == "ping") {
            return "{}";
        }
        if (message.method == "tools/list") {
            return tools.list(context, params.cursor);
        }
        if (message.method == "resources/list") {
            return resources.list(params.cursor);
        }
        if (message.method == "resources/templates/list") {
            return resources.templates(params.cursor);
        }
        if (message.method == "resources/read") {
            return resources.read(params.uri);
        }
        return std::unexpected(
            RpcError{RpcCode::method_not_found, "unknown method: " + message.method, {}});
    }

    McpTools tools;
    McpResources resources;
};

Mcp::Mcp(Dispatcher& dispatcher) : impl_(std::make_unique<Impl>(dispatcher)) {}

Mcp::~Mcp() = default;

bool Mcp::supports_revision(std::string_view revision) {
    return std::ranges::find(kRevisions, revision) != kRevisions.end();
}

void Mcp::handle(const Context& context, std::string_view message,
                 std::function<void(std::string answer)> done) {
    auto parsed = parse_rpc(message);
    if (!parsed) {
        done(rpc_failure(parsed.error().id, parsed.error().error));
        return;
    }
    if (parsed->kind != RpcMessage::Kind::request) {
        // Notifications and responses ask for nothing. A cancellation comes too late or not at
        // all: an operation ends by its deadline.
        done({});
        return;
    }
    if (parsed->method == "tools/call") {
        impl_->tools.call(context, std::move(parsed->params),
                          [id = std::move(parsed->id), done = std::move(done)](Outcome outcome) {
                              done(answer_text(id, outcome));
                          });
        return;
    }
    done(answer_text(parsed->id, impl_->answer(context, *parsed)));
}

}  // namespace credence::surface
