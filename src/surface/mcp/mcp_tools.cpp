#include "surface/mcp/mcp_tools.h"

#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace credence::surface {
namespace {

void append_member(std::string_view name, bool value, std::string& out) {
    out += ",\"";
    out += name;
    out += value ? "\":true" : "\":false";
}

void append_annotations(const Operation& operation, std::string& out) {
    const bool changes = operation.effect != Effect::read;
    out += R"({"title":)";
    append_json_string(operation.summary, out);
    append_member("readOnlyHint", !changes, out);
    append_member(
        "destructiveHint",
        changes && (operation.method == HttpMethod::del || operation.effect == Effect::act), out);
    append_member("idempotentHint", operation.idempotent, out);
    append_member("openWorldHint", operation.effect == Effect::act, out);
    out += '}';
}

std::string render(const Operation& operation) {
    std::string out = R"({"name":)";
    append_json_string(operation.mcp_name, out);
    out += R"(,"title":)";
    append_json_string(operation.summary, out);
    out += R"(,"description":)";
    append_json_string(operation.description.empty()
                           ? operation.summary + "."
                           : operation.summary + ". " + operation.description,
                       out);
    out += R"(,"inputSchema":)";
    append_json_schema(*operation.request, out);
    // A background operation may answer with its job instead, which would break the promise.
    if (operation.lane != Lane::background) {
        out += R"(,"outputSchema":)";
        append_json_schema(*operation.response, out);
    }
    out += R"(,"annotations":)";
    append_annotations(operation, out);
    out += '}';
    return out;
}

std::string success(std::string_view json) {
    std::string out;
    out.reserve(json.size() * 2 + json.size() / 4 + 80);
    out += R"({"content":[{"type":"text","text":)";
    append_json_string(json, out);
    out += R"(}],"structuredContent":)";
    out += json;
    out += R"(,"isError":false})";
    return out;
}

std::string problem(const Error& error) {
    std::string json;
    append_error_json(error, json);
    std::string out = R"({"content":[{"type":"text","text":)";
    append_json_string(json, out);
    out += R"(}],"isError":true})";
    return out;
}

RpcError invalid(std::string message) {
    return {RpcCode::invalid_params, std::move(message), {}};
}

}  // namespace

McpTools::McpTools(Dispatcher& dispatcher) : dispatcher_(dispatcher) {
    for (const Operation& operation : dispatcher.catalog().operations()) {
        if (!operation.hidden_from_mcp) {
            tools_.push_back({&operation, render(operation)});
        }
    }
}

std::expected<std::string, RpcError> McpTools::list(const Context& context,
                                                    const RpcParam& cursor) const {
    // A cursor is the position of the next tool; positions do not depend on the caller's scopes.
    std::size_t position = 0;
    if (!cursor.is_absent()) {
        const auto given = cursor.is_text() ? parse_integer(cursor.value) : std::nullopt;
        if (!given || *given <= 0 || std::cmp_greater_equal(*given, tools_.size())) {
            return std::unexpected(invalid("unknown cursor"));
        }
        position = static_cast<std::size_t>(*given);
    }
    std::string out = R"({"tools":[)";
    std::size_t shown = 0;
    for (; position < tools_.size(); ++position) {
        const Tool& tool = tools_[position];
        if (!dispatcher_.offers(context, *tool.operation)) {
            continue;
        }
        if (shown == kPageSize) {
            break;
        }
        if (shown > 0) {
            out += ',';
        }
        out += tool.json;
        ++shown;
    }
    out += ']';
    if (position < tools_.size()) {
        out += R"(,"nextCursor":")" + std::to_string(position) + '"';
    }
    out += '}';
    return out;
}

void McpTools::call(const Context& context, RpcParams params, Answered done) const {
    if (!params.name.is_text()) {
        done(std::unexpected(invalid("params.name must be a string")));
        return;
    }
    const Operation* operation = dispatcher_.catalog().find_mcp(params.name.value);
    if (operation == nullptr || operation->hidden_from_mcp) {
        done(std::unexpected(invalid("unknown tool: " + params.name.value)));
        return;
    }
    if (!params.arguments.is_absent() && !params.arguments.is_object()) {
        done(std::unexpected(invalid("params.arguments must be an object")));
        return;
    }
    std::string arguments =
        params.arguments.is_absent() ? std::string("{}") : std::move(params.arguments.value);
    if (operation->max_request_bytes > 0 &&
        std::cmp_greater(arguments.size(), operation->max_request_bytes)) {
        done(problem({Code::too_large,
                      "the arguments may have at most " +
                          std::to_string(operation->max_request_bytes) + " bytes",
                      {}}));
        return;
    }
    dispatcher_.dispatch(*operation, context, std::move(arguments), kBackgroundWaitMs,
                         [done = std::move(done)](Result<Answer> answer) {
                             if (!answer) {
                                 done(problem(answer.error()));
                             } else if (answer->job) {
                                 done(success(R"({"job":)" + answer->json + "}"));
                             } else {
                                 done(success(answer->json));
                             }
                         });
}

}  // namespace credence::surface
