#include "surface/openapi/example.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"

namespace credence::surface {
namespace {

constexpr std::size_t kMaxExampleBytes = 64;  // of text made up to satisfy a minimum length
constexpr std::string_view kUuid = "01938f3e-0000-7000-8000-000000000000";

std::string number_text(const Shape& shape, const Field* field) {
    double value = 1;
    if (field != nullptr && field->minimum) {
        value = std::clamp(value, *field->minimum, *field->maximum);
    }
    std::string out;
    if (shape.kind == Kind::integer) {
        return std::to_string(static_cast<std::int64_t>(std::ceil(value)));
    }
    encode_json(shape_of<double>(), &value, out);
    return out;
}

std::string text_of_length(const Field* field) {
    std::string text = "text";
    if (field != nullptr && field->max_length > 0 && text.size() > field->max_length) {
        text.resize(field->max_length);
    }
    if (field != nullptr && text.size() < field->min_length) {
        text.append(std::min(field->min_length, kMaxExampleBytes) - text.size(), 'x');
    }
    return text;
}

std::string parsed_text(const Shape& shape) {
    if (shape.format == "uuid") {
        return std::string(kUuid);
    }
    return shape.secret ? "***" : "text";
}

std::string json_text(std::string_view text) {
    std::string out;
    append_json_string(text, out);
    return out;
}

bool is_shown(const Field& field, ExampleDetail detail) {
    return detail == ExampleDetail::everything || field.required || !field.example.empty();
}

std::string object_json(const Shape& shape, ExampleDetail detail) {
    std::string out = "{";
    for (const Field& field : shape.fields) {
        if (!is_shown(field, detail)) {
            continue;
        }
        out += out.size() > 1 ? "," : "";
        append_json_string(field.name, out);
        out += ':';
        out += example_json(field, detail);
    }
    return out + "}";
}

std::string value_json(const Shape& shape, const Field* field, ExampleDetail detail) {
    switch (shape.kind) {
        case Kind::boolean:
            return "true";
        case Kind::integer:
        case Kind::number:
            return number_text(shape, field);
        case Kind::text:
            return json_text(text_of_length(field));
        case Kind::enumeration:
            return json_text(shape.enumerators.front());
        case Kind::parsed:
            return json_text(parsed_text(shape));
        case Kind::json:
            return "{}";
        case Kind::object:
            return object_json(shape, detail);
        case Kind::list:
            return "[" + value_json(*shape.inner, nullptr, detail) + "]";
        case Kind::dictionary:
            return "{\"key\":" + value_json(*shape.inner, nullptr, detail) + "}";
        case Kind::optional:
            return value_json(*shape.inner, field, detail);
    }
    return "null";
}

}  // namespace

std::string example_json(const Shape& shape, ExampleDetail detail) {
    return value_json(shape, nullptr, detail);
}

std::string example_json(const Field& field, ExampleDetail detail) {
    return field.example.empty() ? value_json(*field.shape, &field, detail) : field.example;
}

}  // namespace credence::surface
