#include "surface/mcp/mcp_resources.h"

#include <algorithm>

#include "base/json.h"
#include "surface/openapi/openapi.h"

namespace credence::surface {
namespace {

constexpr std::string_view kDocs = "credence://docs/";
constexpr std::string_view kOpenapi = "credence://openapi";

// Everything fits one page, so no cursor was ever handed out.
std::expected<void, RpcError> check_cursor(const RpcParam& cursor) {
    if (cursor.is_absent()) {
        return {};
    }
    return std::unexpected(RpcError{RpcCode::invalid_params, "unknown cursor", {}});
}

struct Content {
    std::string_view uri;
    std::string_view mime_type;
    std::string_view text;
};

std::string contents(const Content& content) {
    std::string out = R"({"contents":[{"uri":)";
    append_json_string(content.uri, out);
    out += R"(,"mimeType":)";
    append_json_string(content.mime_type, out);
    out += R"(,"text":)";
    append_json_string(content.text, out);
    out += "}]}";
    return out;
}

}  // namespace

McpResources::McpResources(const Catalog& catalog) : catalog_(catalog) {
    for (const Operation& operation : catalog.operations()) {
        if (std::ranges::find(modules_, operation.module) == modules_.end()) {
            modules_.push_back(operation.module);
        }
    }
}

std::expected<std::string, RpcError> McpResources::list(const RpcParam& cursor) const {
    TRY(check_cursor(cursor));
    std::string out = R"({"resources":[)";
    for (const std::string& module : modules_) {
        out += R"({"uri":)";
        append_json_string(std::string(kDocs) + module, out);
        out += R"(,"name":)";
        append_json_string(module, out);
        out += R"(,"title":)";
        append_json_string("Reference of " + module, out);
        out += R"(,"description":)";
        append_json_string("Every operation of " + module + " with its fields, limits and errors",
                           out);
        out += R"(,"mimeType":"text/markdown"},)";
    }
    out += R"({"uri":"credence://openapi","name":"openapi","title":"OpenAPI document",)"
           R"("description":"The REST interface as OpenAPI 3.1","mimeType":"application/json"}]})";
    return out;
}

std::expected<std::string, RpcError> McpResources::templates(const RpcParam& cursor) const {
    TRY(check_cursor(cursor));
    return R"({"resourceTemplates":[{"uriTemplate":"credence://docs/{module}","name":"docs",)"
           R"("title":"Reference of a module","mimeType":"text/markdown"}]})";
}

std::expected<std::string, RpcError> McpResources::read(const RpcParam& uri) const {
    if (!uri.is_text()) {
        return std::unexpected(
            RpcError{RpcCode::invalid_params, "params.uri must be a string", {}});
    }
    const std::string_view address = uri.value;
    if (address == kOpenapi) {
        return contents({address, "application/json", openapi_json(catalog_)});
    }
    if (address.starts_with(kDocs)) {
        const std::string_view module = address.substr(kDocs.size());
        if (std::ranges::find(modules_, module) != modules_.end()) {
            return contents({address, "text/markdown", reference_markdown(catalog_, module)});
        }
    }
    std::string data = R"({"uri":)";
    append_json_string(address, data);
    data += '}';
    return std::unexpected(
        RpcError{RpcCode::resource_not_found, "resource not found", std::move(data)});
}

}  // namespace credence::surface
