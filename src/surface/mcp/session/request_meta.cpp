#include "surface/mcp/session/request_meta.h"

#include <utility>

#include "base/json.h"
#include "surface/mcp/mcp.h"

namespace credence::surface::mcp {
namespace {

constexpr std::string_view kVersionKey = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view kClientKey = "io.modelcontextprotocol/clientInfo";
constexpr std::string_view kLogLevelKey = "io.modelcontextprotocol/logLevel";
constexpr std::size_t kMaxClientNameBytes = 128;

RpcError bad_params(std::string message) {
    return {RpcCode::invalid_params, std::move(message), {}};
}

std::string name_of(const Member& client) {
    const Members info = Members::of(client);
    return info["name"].is_text() ? info["name"].value.substr(0, kMaxClientNameBytes)
                                  : std::string();
}

}  // namespace

bool is_modern_method(std::string_view method) {
    return method == "server/discover" || method == "subscriptions/listen";
}

bool has_modern_meta(const RpcMessage& message) {
    const Members meta = Members::of(message.params["_meta"]);
    return !meta[kVersionKey].is_absent() || !meta[kCapabilitiesKey].is_absent();
}

RequestMeta read_meta(const RpcMessage& message) {
    RequestMeta out;
    const Member& held = message.params["_meta"];
    if (!held.is_object()) {
        return out;
    }
    const Members meta = Members::of(held);
    if (meta[kVersionKey].is_text()) {
        out.version = meta[kVersionKey].value;
    }
    if (meta[kCapabilitiesKey].is_object()) {
        out.capabilities = read_capabilities(meta[kCapabilitiesKey].value);
    }
    out.client_name = name_of(meta[kClientKey]);
    if (meta[kLogLevelKey].is_text()) {
        out.log_level = parse_log_level(meta[kLogLevelKey].value);
    }
    const Member& token = meta["progressToken"];
    if (token.is_text() || token.type == Member::Type::integer) {
        out.progress_token = token.json();
    }
    if (meta["traceparent"].is_text()) {
        out.trace = TraceContext::parse(meta["traceparent"].value).value_or(TraceContext{});
    }
    return out;
}

std::expected<RequestMeta, RpcError> read_modern_meta(const RpcMessage& message) {
    const Member& held = message.params["_meta"];
    if (!held.is_object()) {
        return std::unexpected(bad_params("params._meta is missing"));
    }
    const Members meta = Members::of(held);
    if (!meta[kVersionKey].is_text()) {
        return std::unexpected(
            bad_params("params._meta needs " + std::string(kVersionKey) + ", a string"));
    }
    if (!meta[kCapabilitiesKey].is_object()) {
        return std::unexpected(
            bad_params("params._meta needs " + std::string(kCapabilitiesKey) + ", an object"));
    }
    const Member& level = meta[kLogLevelKey];
    if (!level.is_absent() && (!level.is_text() || !parse_log_level(level.value))) {
        return std::unexpected(
            bad_params("params._meta has an unknown " + std::string(kLogLevelKey)));
    }
    return read_meta(message);
}

std::optional<RpcError> refuse_version(std::string_view version) {
    const auto revision = parse_revision(version);
    if (revision && is_modern(*revision)) {
        return std::nullopt;
    }
    std::string data = R"({"supported":)";
    // A legacy revision is one of ours, but not in this form: name those that are.
    data += revision ? "[\"" + std::string(to_string(kRevisions.back())) + "\"]"
                     : supported_revisions_json();
    data += R"(,"requested":)";
    append_json_string(version, data);
    data += '}';
    return RpcError{RpcCode::unsupported_version, "unsupported protocol version", std::move(data)};
}

Caller modern_caller(Context context, RequestMeta meta) {
    Caller caller;
    caller.context = std::move(context);
    caller.revision = parse_revision(meta.version).value_or(kRevisions.back());
    caller.capabilities = meta.capabilities;
    caller.client_name = std::move(meta.client_name);
    caller.log_level = meta.log_level;
    caller.progress_token = std::move(meta.progress_token);
    if (meta.trace.valid()) {
        caller.context.trace = meta.trace;
    }
    return caller;
}

std::expected<Introduction, RpcError> read_initialize(const RpcMessage& message) {
    const Member& version = message.params["protocolVersion"];
    if (!version.is_text()) {
        return std::unexpected(bad_params("params.protocolVersion must be a string"));
    }
    const Member& capabilities = message.params["capabilities"];
    if (!capabilities.is_absent() && !capabilities.is_object()) {
        return std::unexpected(bad_params("params.capabilities must be an object"));
    }
    Introduction out;
    out.revision = Mcp::negotiate(version.value);
    if (capabilities.is_object()) {
        out.capabilities = read_capabilities(capabilities.value);
    }
    out.client_name = name_of(message.params["clientInfo"]);
    return out;
}

}  // namespace credence::surface::mcp
