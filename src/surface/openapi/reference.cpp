#include "surface/openapi/reference.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "surface/openapi/example.h"

namespace credence::surface {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kServer = "http://127.0.0.1:8787";
constexpr int kExampleIndent = 2;

const Shape& without_optional(const Shape& shape) {
    return shape.kind == Kind::optional ? *shape.inner : shape;
}

std::string type_text(const Shape& shape) {
    switch (shape.kind) {
        case Kind::boolean:
            return "boolean";
        case Kind::integer:
            return "integer";
        case Kind::number:
            return "number";
        case Kind::text:
            return "string";
        case Kind::parsed:
            return shape.format.empty() ? "string" : "string (" + shape.format + ")";
        case Kind::json:
            return "any JSON";
        case Kind::object:
            return "object";
        case Kind::list:
            return "list of " + type_text(*shape.inner);
        case Kind::dictionary:
            return "map of " + type_text(*shape.inner);
        case Kind::optional:
            return type_text(*shape.inner);
        case Kind::enumeration:
            break;
    }
    std::string names;
    for (const std::string& name : shape.enumerators) {
        names += names.empty() ? name : " | " + name;
    }
    return names;
}

std::string number_json(double value) {
    std::string out;
    encode_json(shape_of<double>(), &value, out);
    if (out.ends_with(".0")) {
        out.resize(out.size() - 2);
    }
    return out;
}

void append_part(std::string_view part, std::string& out) {
    out += out.empty() ? "" : ", ";
    out += part;
}

std::string_view unit_of(Kind kind) {
    switch (kind) {
        case Kind::list:
            return " items";
        case Kind::dictionary:
            return " entries";
        default:
            return " bytes";
    }
}

std::string limits_text(const Shape& owner, const Field& field) {
    std::string out;
    if (field.minimum) {
        append_part(number_json(*field.minimum) + " to " + number_json(*field.maximum), out);
    }
    const std::string unit(unit_of(without_optional(*field.shape).kind));
    if (field.min_length > 0) {
        append_part("at least " + std::to_string(field.min_length) + unit, out);
    }
    if (field.max_length > 0) {
        append_part("at most " + std::to_string(field.max_length) + unit, out);
    }
    const bool has_default =
        !field.required && field.shape->kind != Kind::optional && owner.prototype != nullptr;
    if (has_default) {
        std::string value;
        encode_json(*field.shape, static_cast<const char*>(owner.prototype) + field.offset, value);
        append_part("default " + value, out);
    }
    return out;
}

void append_rows(const Shape& shape, const std::string& prefix, int depth,
                 std::vector<FieldRow>& rows) {
    for (const Field& field : shape.fields) {
        FieldRow row{prefix + field.name, type_text(*field.shape), limits_text(shape, field),
                     field.doc, field.required};
        std::string path = row.path;
        rows.push_back(std::move(row));
        const Shape* inner = &without_optional(*field.shape);
        while (inner->kind == Kind::list || inner->kind == Kind::dictionary) {
            path += inner->kind == Kind::list ? "[]" : ".*";
            inner = &without_optional(*inner->inner);
        }
        if (inner->kind == Kind::object && depth < kMaxReferenceDepth) {
            append_rows(*inner, path + ".", depth + 1, rows);
        }
    }
}

// The example request as fields with JSON values.
Json request_fields(const Operation& operation) {
    return Json::parse(example_json(*operation.request), nullptr, false);
}

std::string bare_text(const Json& value) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    const auto is_structured = [](const Json& item) { return item.is_structured(); };
    if (value.is_array() && std::ranges::none_of(value, is_structured)) {
        std::string items;
        for (const Json& item : value) {
            items += items.empty() ? bare_text(item) : "," + bare_text(item);
        }
        return items;
    }
    return value.dump();
}

std::string percent_encoded(std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    static constexpr std::string_view kPlain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~,";
    std::string out;
    for (const char c : text) {
        if (kPlain.find(c) != std::string_view::npos) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kDigits[byte >> 4];
        out += kDigits[byte & 0xF];
    }
    return out;
}

// 'text' for a POSIX shell.
std::string shell_quoted(std::string_view text) {
    static constexpr std::string_view kPlain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:,@";
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) {
        return std::string(text);
    }
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::string dashed(std::string_view name) {
    std::string out(name);
    std::ranges::replace(out, '_', '-');
    return out;
}

// The path with its parameters filled in.
std::string filled_path(const Operation& operation, const Json& fields) {
    std::string path = operation.path;
    for (const std::string& name : operation.path_parameters) {
        const std::string placeholder = "{" + name + "}";
        const std::size_t at = path.find(placeholder);
        if (at != std::string::npos && fields.contains(name)) {
            path.replace(at, placeholder.size(), percent_encoded(bare_text(fields[name])));
        }
    }
    return path;
}

}  // namespace

std::vector<FieldRow> field_rows(const Shape& shape) {
    std::vector<FieldRow> rows;
    append_rows(shape, "", 1, rows);
    return rows;
}

std::string curl_example(const Operation& operation) {
    const Json fields = request_fields(operation);
    std::string url = std::string(kServer) + filled_path(operation, fields);
    Json body = Json::object();
    std::string query;
    for (const auto& [name, value] : fields.items()) {
        if (operation.is_in_path(name)) {
            continue;
        }
        body[name] = value;
        query += query.empty() ? "?" : "&";
        query += name + "=" + percent_encoded(bare_text(value));
    }
    std::string out = "curl";
    if (operation.method != HttpMethod::get) {
        out += " -X " + std::string(to_string(operation.method));
    }
    if (operation.reads_query()) {
        return out + " " + shell_quoted(url + query);
    }
    return out + " " + url + " \\\n  -H 'Content-Type: application/json' \\\n  -d " +
           shell_quoted(body.dump());
}

std::string cli_example(const Operation& operation) {
    std::string out = "credence " + dashed(operation.module) + " " + dashed(operation.verb);
    const bool has_file =
        operation.positional == Positional::file || operation.positional == Positional::json_lines;
    const Json fields = request_fields(operation);
    for (const auto& [name, value] : fields.items()) {
        if (name != operation.positional_field) {
            out += " --" + dashed(name) + " " +
                   shell_quoted(value.is_object() ? value.dump() : bare_text(value));
        }
    }
    if (has_file) {
        return out + (operation.positional == Positional::file ? " -" : " FILE.jsonl");
    }
    if (operation.positional == Positional::value && fields.contains(operation.positional_field)) {
        return out + " " + shell_quoted(bare_text(fields[operation.positional_field]));
    }
    return out;
}

std::string mcp_example(const Operation& operation) {
    if (operation.hidden_from_mcp) {
        return {};
    }
    Json call = {{"jsonrpc", "2.0"}, {"id", 1}, {"method", "tools/call"}};
    call["params"] = {{"name", operation.mcp_name}, {"arguments", request_fields(operation)}};
    return call.dump(kExampleIndent);
}

std::string response_example(const Operation& operation) {
    const std::string text = example_json(*operation.response, ExampleDetail::everything);
    return Json::parse(text, nullptr, false).dump(kExampleIndent);
}

std::vector<std::string> modules_of(const Catalog& catalog) {
    std::vector<std::string> modules;
    for (const Operation& operation : catalog.operations()) {
        if (std::ranges::find(modules, operation.module) == modules.end()) {
            modules.push_back(operation.module);
        }
    }
    return modules;
}

std::string_view effect_text(Effect effect) {
    switch (effect) {
        case Effect::read:
            return "reads only";
        case Effect::write:
            return "changes state; audited";
        case Effect::act:
            return "acts on the outside world; audited";
    }
    return "";
}

std::string_view lane_text(Lane lane) {
    switch (lane) {
        case Lane::direct:
            return "answered at once";
        case Lane::pool:
            return "answered when done";
        case Lane::background:
            return "runs as a background job (202, or 'Prefer: wait=SECONDS')";
    }
    return "";
}

}  // namespace credence::surface
