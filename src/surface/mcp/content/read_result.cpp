#include "surface/mcp/content/read_result.h"

#include "base/json.h"

namespace credence::surface::mcp {
namespace {

RpcCode read_failure_code(Code code) {
    switch (code) {
        case Code::not_found:
            return RpcCode::resource_not_found;
        case Code::invalid:
        case Code::unauthenticated:
        case Code::forbidden:
        case Code::conflict:
        case Code::too_large:
        case Code::unsupported:
            return RpcCode::invalid_params;
        case Code::exhausted:
        case Code::timeout:
        case Code::cancelled:
        case Code::unavailable:
        case Code::internal:
            break;
    }
    return RpcCode::internal_error;
}

}  // namespace

std::string read_result(const Caller& caller, const TextContent& content) {
    std::string out = R"({"contents":[{"uri":)";
    append_json_string(content.uri, out);
    out += R"(,"mimeType":)";
    append_json_string(content.mime_type, out);
    out += R"(,"text":)";
    append_json_string(content.text, out);
    out += "}]";
    out += cache_members(caller, content.fixed ? kFixedTtlMs : 0, content.fixed);
    out += '}';
    return out;
}

std::string cache_members(const Caller& caller, std::int64_t ttl_ms, bool is_public) {
    if (!caller.modern()) {
        return {};
    }
    return R"(,"ttlMs":)" + std::to_string(ttl_ms) +
           (is_public ? R"(,"cacheScope":"public")" : R"(,"cacheScope":"private")");
}

RpcError unreadable_resource(std::string_view uri, const Error& error) {
    RpcError out{read_failure_code(error.code), error.message, R"({"uri":)"};
    append_json_string(uri, out.data);
    out.data += R"(,"code":)";
    append_json_string(to_string(error.code), out.data);
    if (!error.field.empty()) {
        out.data += R"(,"field":)";
        append_json_string(error.field, out.data);
    }
    if (error.retry_after_ms > 0) {
        out.data += R"(,"retry_after_ms":)" + std::to_string(error.retry_after_ms);
    }
    out.data += '}';
    return out;
}

RpcError unknown_resource(std::string_view uri) {
    return unreadable_resource(uri, {Code::not_found, "resource not found", {}});
}

}  // namespace credence::surface::mcp
