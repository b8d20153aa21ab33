#include "surface/openapi/openapi.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/version.h"
#include "surface/openapi/example.h"
#include "surface/openapi/reference.h"

namespace credence::surface {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDocumentIndent = 1;
constexpr std::string_view kJobOperation = "jobs.get";

Json parse(const std::string& text) {
    return Json::parse(text, nullptr, false);
}

Json schema_of(const Shape& shape) {
    std::string text;
    append_json_schema(shape, text);
    return parse(text);
}

Json reference(const std::string& to) {
    return Json{{"$ref", "#/components/" + to}};
}

// "guard.scan" + "Request" -> "GuardScanRequest"
std::string component_name(const Operation& operation, std::string_view suffix) {
    std::string out;
    bool starts_word = true;
    for (const char c : operation.name) {
        if (c == '.' || c == '_') {
            starts_word = true;
            continue;
        }
        out += starts_word && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        starts_word = false;
    }
    return out.append(suffix);
}

// The request's schema without what travels in the path.
Json body_schema(const Operation& operation) {
    Json schema = schema_of(*operation.request);
    for (const std::string& name : operation.path_parameters) {
        schema["properties"].erase(name);
        if (schema.contains("required")) {
            Json required = Json::array();
            for (const Json& field : schema["required"]) {
                if (field != name) {
                    required.push_back(field);
                }
            }
            schema["required"] = required;
        }
    }
    if (schema.contains("required") && schema["required"].empty()) {
        schema.erase("required");
    }
    return schema;
}

Json parameters(const Operation& operation) {
    Json out = Json::array();
    const Json properties = schema_of(*operation.request)["properties"];
    for (const Field& field : operation.request->fields) {
        const bool in_path = operation.is_in_path(field.name);
        if (!in_path && !operation.reads_query()) {
            continue;
        }
        Json parameter = {{"name", field.name}, {"in", in_path ? "path" : "query"}};
        if (!field.doc.empty()) {
            parameter["description"] = field.doc;
        }
        parameter["required"] = field.required;
        Json schema = properties[field.name];
        schema.erase("description");
        const bool is_list = schema.contains("type") && schema["type"] == "array";
        if (is_list && !in_path) {
            parameter["style"] = "form";  // a,b,c
            parameter["explode"] = false;
        }
        parameter["schema"] = std::move(schema);
        out.push_back(std::move(parameter));
    }
    return out;
}

Json json_content(Json schema) {
    Json content;
    content["application/json"]["schema"] = std::move(schema);
    return content;
}

Json request_body(const Operation& operation) {
    const Json schema = body_schema(operation);
    Json body = {{"required", schema.contains("required")}};
    body["content"] = json_content(reference("schemas/" + component_name(operation, "Request")));
    Json example = parse(example_json(*operation.request));
    for (const std::string& name : operation.path_parameters) {
        example.erase(name);
    }
    body["content"]["application/json"]["example"] = std::move(example);
    return body;
}

const Operation* find_operation(const Catalog& catalog, std::string_view name) {
    for (const Operation& operation : catalog.operations()) {
        if (operation.name == name) {
            return &operation;
        }
    }
    return nullptr;
}

Json responses(const Catalog& catalog, const Operation& operation) {
    Json out;
    out["200"]["description"] = "Done";
    out["200"]["headers"] = {{"Credence-Request-Id", reference("headers/RequestId")}};
    out["200"]["content"] =
        json_content(reference("schemas/" + component_name(operation, "Response")));
    if (operation.lane == Lane::background) {
        const Operation* job = find_operation(catalog, kJobOperation);
        out["202"]["description"] = "Accepted: the job that does it";
        out["202"]["headers"]["Location"] = {{"description", "Where to ask for the job"},
                                             {"schema", {{"type", "string"}}}};
        out["202"]["content"] =
            json_content(job == nullptr ? Json{{"type", "object"}}
                                        : reference("schemas/" + component_name(*job, "Response")));
    }
    out["4XX"] = reference("responses/Problem");
    out["default"] = reference("responses/Problem");
    return out;
}

Json operation_object(const Catalog& catalog, const Operation& operation) {
    Json out = {{"operationId", operation.name}, {"tags", {operation.module}}};
    if (!operation.hidden_from_mcp) {
        out["x-mcp-tool"] = operation.mcp_name;
    }
    out["summary"] = operation.summary;
    if (!operation.description.empty()) {
        out["description"] = operation.description;
    }
    if (Json list = parameters(operation); !list.empty()) {
        out["parameters"] = std::move(list);
    }
    if (!operation.reads_query()) {
        out["requestBody"] = request_body(operation);
    }
    out["responses"] = responses(catalog, operation);
    Json security;
    security["bearer"] = Json::array({operation.scope});
    out["security"] = Json::array({std::move(security)});
    return out;
}

Json problem_schema() {
    Json properties;
    properties["type"] = {{"type", "string"}, {"format", "uri-reference"}};
    properties["title"] = {{"type", "string"}};
    properties["status"] = {{"type", "integer"}};
    properties["detail"] = {{"type", "string"}, {"description", "What went wrong, in a sentence"}};
    Json codes = Json::array();
    for (std::size_t i = 0; i <= static_cast<std::size_t>(Code::internal); ++i) {
        codes.push_back(to_string(static_cast<Code>(i)));
    }
    properties["code"] = {{"type", "string"}, {"enum", std::move(codes)}};
    properties["field"] = {{"type", "string"}, {"description", "Path of the offending input"}};
    properties["request_id"] = {{"type", "string"}, {"format", "uuid"}};
    Json schema = {{"type", "object"}, {"description", "An error (RFC 9457)"}};
    schema["properties"] = std::move(properties);
    schema["required"] = {"type", "title", "status", "detail", "code"};
    return schema;
}

Json components(const Catalog& catalog) {
    Json out;
    Json& schemas = out["schemas"];
    schemas["Problem"] = problem_schema();
    for (const Operation& operation : catalog.operations()) {
        if (!operation.reads_query()) {
            schemas[component_name(operation, "Request")] = body_schema(operation);
        }
        schemas[component_name(operation, "Response")] = schema_of(*operation.response);
    }
    Json& problem = out["responses"]["Problem"];
    problem["description"] = "The call failed";
    problem["content"]["application/problem+json"]["schema"] = reference("schemas/Problem");
    out["headers"]["RequestId"] = {{"description", "Names this call in logs and the audit trail"},
                                   {"schema", {{"type", "string"}, {"format", "uuid"}}}};
    out["securitySchemes"]["bearer"] = {
        {"type", "http"},
        {"scheme", "bearer"},
        {"description", "An API key. A server on loopback may admit callers without."}};
    return out;
}

}  // namespace

std::string openapi_json(const Catalog& catalog) {
    Json document = {{"openapi", "3.1.0"}};
    document["info"] = {{"title", "Credence"},
                        {"version", kVersion},
                        {"description", "How far to believe your AI agents"},
                        {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}};
    document["servers"] = Json::array({{{"url", "/"}}});
    document["tags"] = Json::array();
    for (const std::string& module : modules_of(catalog)) {
        document["tags"].push_back({{"name", module}});
    }
    document["paths"] = Json::object();
    for (const Operation& operation : catalog.operations()) {
        std::string method(to_string(operation.method));
        std::ranges::transform(method, method.begin(),
                               [](char c) { return static_cast<char>(c - 'A' + 'a'); });
        document["paths"][operation.path][method] = operation_object(catalog, operation);
    }
    document["components"] = components(catalog);
    return document.dump(kDocumentIndent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace credence::surface
