#include "surface/mcp/tools/tool_profile.h"

#include <algorithm>
#include <string_view>

#include "base/json.h"

namespace credence::surface::mcp {
namespace {

void append_hint(std::string_view name, bool value, std::string& out) {
    if (!out.ends_with('{')) {
        out += ',';
    }
    out += '"';
    out += name;
    out += value ? "\":true" : "\":false";
}

void append_annotations(const Operation& operation, std::string& out) {
    out += R"({"title":)";
    append_json_string(operation.summary, out);
    append_hint("readOnlyHint", operation.effect == Effect::read, out);
    append_hint("destructiveHint", is_destructive(operation), out);
    append_hint("idempotentHint", operation.idempotent, out);
    append_hint("openWorldHint", operation.effect == Effect::act, out);
    out += '}';
}

// Only what differs from what a client assumes: it writes, destroys and reaches the world.
void append_brief_annotations(const Operation& operation, std::string& out) {
    out += '{';
    if (operation.effect == Effect::read) {
        append_hint("readOnlyHint", true, out);
    } else if (!is_destructive(operation)) {
        append_hint("destructiveHint", false, out);
    }
    if (operation.effect != Effect::act) {
        append_hint("openWorldHint", false, out);
    }
    out += '}';
}

std::string_view first_sentence(std::string_view text) {
    const std::size_t end = std::min(text.find_first_of(";:("), text.find(". "));
    return text.substr(0, std::min(end, text.size()));
}

std::string_view json_type(Kind kind) {
    switch (kind) {
        case Kind::boolean:
            return "boolean";
        case Kind::integer:
            return "integer";
        case Kind::number:
            return "number";
        case Kind::text:
        case Kind::enumeration:
        case Kind::parsed:
            return "string";
        case Kind::object:
        case Kind::dictionary:
            return "object";
        case Kind::list:
            return "array";
        case Kind::json:
        case Kind::optional:
            break;
    }
    return {};
}

// One value without what stands around its braces' end: {"type":"string"
void open_brief(const Shape& shape, std::string& out) {
    out += '{';
    if (const std::string_view type = json_type(shape.kind); !type.empty()) {
        out += "\"type\":\"";
        out += type;
        out += '"';
    }
    if (shape.kind == Kind::enumeration) {
        out += ",\"enum\":[";
        for (const std::string& name : shape.enumerators) {
            out += (out.ends_with('[') ? "\"" : ",\"") + name + '"';
        }
        out += ']';
    }
}

}  // namespace

bool is_destructive(const Operation& operation) {
    return operation.effect == Effect::act ||
           (operation.method == HttpMethod::del && operation.effect != Effect::read);
}

void append_brief_schema(const Shape& shape, std::string& out) {
    out += R"({"type":"object","properties":{)";
    std::string required;
    for (const Field& field : shape.fields) {
        const Shape& value =
            field.shape->kind == Kind::optional ? *field.shape->inner : *field.shape;
        if (!out.ends_with('{')) {
            out += ',';
        }
        out += '"' + field.name + "\":";
        open_brief(value, out);
        if (field.required) {
            required += (required.empty() ? "\"" : ",\"") + field.name + '"';
            if (!out.ends_with('{')) {
                out += ',';
            }
            out += "\"description\":";
            append_json_string(first_sentence(field.doc), out);
        }
        out += '}';
    }
    out += '}';
    if (!required.empty()) {
        out += ",\"required\":[" + required + ']';
    }
    out += '}';
}

std::string render_tool(const Operation& operation) {
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
    if (operation.lane != Lane::background) {
        out += R"(,"outputSchema":)";
        append_json_schema(*operation.response, out);
    }
    out += R"(,"annotations":)";
    append_annotations(operation, out);
    out += '}';
    return out;
}

std::string render_brief_tool(const Operation& operation) {
    std::string out = R"({"name":)";
    append_json_string(operation.mcp_name, out);
    out += R"(,"description":)";
    append_json_string(operation.summary, out);
    out += R"(,"inputSchema":)";
    append_brief_schema(*operation.request, out);
    out += R"(,"annotations":)";
    append_brief_annotations(operation, out);
    out += '}';
    return out;
}

Result<std::vector<const Operation*>> listed_operations(const Catalog& catalog,
                                                        const McpSettings& settings) {
    std::vector<const Operation*> out;
    if (settings.profile != McpProfile::list) {
        for (const Operation& operation : catalog.operations()) {
            if (!operation.hidden_from_mcp &&
                (settings.profile == McpProfile::full || operation.core)) {
                out.push_back(&operation);
            }
        }
        return out;
    }
    for (const std::string& name : settings.tools) {
        const Operation* operation = catalog.find_mcp(name);
        if (operation == nullptr) {
            operation = catalog.find(name);
        }
        if (operation == nullptr || operation->hidden_from_mcp) {
            return fail(Code::invalid, "no operation is called " + name, "mcp.tools");
        }
        if (std::ranges::find(out, operation) == out.end()) {
            out.push_back(operation);
        }
    }
    return out;
}

}  // namespace credence::surface::mcp
