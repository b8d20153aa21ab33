#include "surface/http/request_json.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace credence::surface {
namespace {

constexpr std::string_view kWhitespace = " \t\r\n";

std::size_t body_limit(const Operation& operation) {
    return operation.max_request_bytes > 0 ? static_cast<std::size_t>(operation.max_request_bytes)
                                           : kDefaultRequestBytes;
}

// Kinds whose text json_from_text passes through: they must be checked before being spliced into a
// document, or a value could smuggle in further fields.
bool is_spliced(const Shape& shape) {
    switch (shape.kind) {
        case Kind::json:
        case Kind::object:
        case Kind::dictionary:
        case Kind::list:
            return true;
        case Kind::optional:
            return is_spliced(*shape.inner);
        default:
            return false;
    }
}

Result<void> append_field(const Field& field, std::string_view text, std::string& out) {
    const std::string value = json_from_text(*field.shape, text);
    if (is_spliced(*field.shape)) {
        if (auto valid = validate_json(value); !valid) {
            return fail(Code::invalid, std::move(valid.error().message), field.name);
        }
    }
    if (out.size() > 1) {
        out += ',';
    }
    append_json_string(field.name, out);
    out += ':';
    out += value;
    return {};
}

// "{" and the path parameters, unclosed.
Result<void> open_object(const RequestInput& input, std::string& out) {
    out = "{";
    const std::vector<std::string>& names = input.operation.path_parameters;
    for (std::size_t i = 0; i < names.size() && i < input.path_values.size(); ++i) {
        const Field* field = input.operation.request->find(names[i]);
        if (field == nullptr) {
            return fail(Code::internal, "path parameter without a field", names[i]);
        }
        TRY(append_field(*field, input.path_values[i], out));
    }
    return {};
}

Result<void> append_query(const RequestInput& input, std::string& out) {
    const auto parameters = TRY(parse_query(input.query));
    const std::vector<std::string>& in_path = input.operation.path_parameters;
    for (const QueryParameter& parameter : parameters) {
        const Field* field = input.operation.request->find(parameter.name);
        if (field == nullptr) {
            return fail(Code::invalid, "is not a known query parameter", parameter.name);
        }
        if (std::ranges::find(in_path, parameter.name) != in_path.end()) {
            return fail(Code::invalid, "is given in the path already", parameter.name);
        }
        TRY(append_field(*field, parameter.value, out));
    }
    return {};
}

// Puts the path parameters at the head of the body's object. The result is well formed exactly when
// the body is, and a field given in both places is refused by the decoder as given twice.
Result<void> append_body(std::string_view body, std::string& out) {
    const std::size_t open = body.find_first_not_of(kWhitespace);
    if (open == std::string_view::npos) {
        out += '}';
        return {};
    }
    if (body[open] != '{') {
        return fail(Code::invalid, "the body must be a JSON object");
    }
    const std::string_view rest = body.substr(open + 1);
    const std::size_t next = rest.find_first_not_of(kWhitespace);
    const bool is_empty = next != std::string_view::npos && rest[next] == '}';
    if (!is_empty && out.size() > 1) {
        out += ',';
    }
    out += rest;
    return {};
}

}  // namespace

Result<std::vector<QueryParameter>> parse_query(std::string_view query) {
    std::vector<QueryParameter> parameters;
    if (query.empty()) {
        return parameters;
    }
    for (const std::string_view pair : split(query, '&')) {
        if (pair.empty()) {
            continue;
        }
        if (parameters.size() == kMaxQueryParameters) {
            return fail(Code::invalid, "there are too many query parameters");
        }
        const std::size_t equals = pair.find('=');
        auto name = percent_decode(pair.substr(0, equals), true);
        if (!name || !is_valid_utf8(*name)) {
            return fail(Code::invalid, "the query holds a malformed name");
        }
        const std::string_view raw =
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        auto value = percent_decode(raw, true);
        if (!value) {
            return fail(Code::invalid, std::move(value.error().message), *name);
        }
        if (!is_valid_utf8(*value)) {
            return fail(Code::invalid, "is not valid UTF-8", *name);
        }
        if (std::ranges::find(parameters, *name, &QueryParameter::name) != parameters.end()) {
            return fail(Code::invalid, "is given twice", *name);
        }
        parameters.push_back({*std::move(name), *std::move(value)});
    }
    return parameters;
}

Result<std::string_view> request_json(const RequestInput& input, std::string& storage) {
    const Operation& operation = input.operation;
    if (operation.reads_query()) {
        if (!input.body.empty()) {
            return fail(Code::invalid, "this operation takes no body");
        }
        TRY(open_object(input, storage));
        TRY(append_query(input, storage));
        storage += '}';
        return std::string_view(storage);
    }
    if (input.body.size() > body_limit(operation)) {
        return fail(Code::too_large, "the body must have at most " +
                                         std::to_string(body_limit(operation)) + " bytes");
    }
    if (!input.query.empty()) {
        const auto parameters = TRY(parse_query(input.query));
        if (!parameters.empty()) {
            return fail(Code::invalid, "fields of this operation belong in the JSON body",
                        parameters.front().name);
        }
    }
    if (operation.path_parameters.empty()) {
        return input.body.empty() ? std::string_view("{}") : input.body;
    }
    TRY(open_object(input, storage));
    TRY(append_body(input.body, storage));
    return std::string_view(storage);
}

}  // namespace credence::surface
