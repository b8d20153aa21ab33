#include <fmt/format.h>

#include "base/json.h"

namespace credence {
namespace {

void append_schema(const Shape& shape, const Field* field, std::string& out);

void append_default(const Shape& owner, const Field& field, std::string& out) {
    if (field.required || field.shape->kind == Kind::optional || owner.prototype == nullptr) {
        return;
    }
    out += ",\"default\":";
    encode_json(*field.shape, static_cast<const char*>(owner.prototype) + field.offset, out);
}

void append_common(const Field* field, std::string& out) {
    if (field == nullptr) {
        return;
    }
    if (!field->doc.empty()) {
        out += ",\"description\":";
        append_json_string(field->doc, out);
    }
    if (!field->example.empty()) {
        out += ",\"examples\":[" + field->example + "]";
    }
}

void append_number_limits(const Shape& shape, const Field* field, std::string& out) {
    if (field != nullptr && field->minimum) {
        fmt::format_to(std::back_inserter(out), ",\"minimum\":{},\"maximum\":{}", *field->minimum,
                       *field->maximum);
    } else if (shape.kind == Kind::integer && shape.integer_min == 0) {
        out += ",\"minimum\":0";
    }
}

void append_lengths(const Field* field, std::string_view minimum, std::string_view maximum,
                    std::string& out) {
    if (field == nullptr) {
        return;
    }
    if (field->min_length > 0) {
        fmt::format_to(std::back_inserter(out), ",\"{}\":{}", minimum, field->min_length);
    }
    if (field->max_length > 0) {
        fmt::format_to(std::back_inserter(out), ",\"{}\":{}", maximum, field->max_length);
    }
}

void append_object(const Shape& shape, std::string& out) {
    out += "{\"type\":\"object\",\"properties\":{";
    std::string required;
    for (const Field& field : shape.fields) {
        if (&field != shape.fields.data()) {
            out += ',';
        }
        append_json_string(field.name, out);
        out += ':';
        const Shape& inner =
            field.shape->kind == Kind::optional ? *field.shape->inner : *field.shape;
        append_schema(inner, &field, out);
        out.pop_back();
        append_default(shape, field, out);
        out += '}';
        if (field.required) {
            required += required.empty() ? "\"" : ",\"";
            required += field.name + "\"";
        }
    }
    out += "},\"additionalProperties\":false";
    if (!required.empty()) {
        out += ",\"required\":[" + required + "]";
    }
}

void append_schema(const Shape& shape, const Field* field, std::string& out) {
    switch (shape.kind) {
        case Kind::boolean:
            out += "{\"type\":\"boolean\"";
            break;
        case Kind::integer:
            out += "{\"type\":\"integer\"";
            append_number_limits(shape, field, out);
            break;
        case Kind::number:
            out += "{\"type\":\"number\"";
            append_number_limits(shape, field, out);
            break;
        case Kind::text:
            out += "{\"type\":\"string\"";
            append_lengths(field, "minLength", "maxLength", out);
            break;
        case Kind::parsed:
            out += "{\"type\":\"string\",\"format\":\"" + shape.format + "\"";
            break;
        case Kind::enumeration:
            out += fmt::format("{{\"type\":\"string\",\"enum\":[\"{}\"]",
                               fmt::join(shape.enumerators, "\",\""));
            break;
        case Kind::json:
            out += "{\"$comment\":\"any JSON value\"";
            break;
        case Kind::object:
            append_object(shape, out);
            break;
        case Kind::list:
            out += "{\"type\":\"array\",\"items\":";
            append_schema(*shape.inner, nullptr, out);
            append_lengths(field, "minItems", "maxItems", out);
            break;
        case Kind::dictionary:
            out += "{\"type\":\"object\",\"additionalProperties\":";
            append_schema(*shape.inner, nullptr, out);
            break;
        case Kind::optional:
            append_schema(*shape.inner, field, out);
            return;
    }
    append_common(field, out);
    out += '}';
}

}  // namespace

void append_json_schema(const Shape& shape, std::string& out) {
    append_schema(shape, nullptr, out);
}

}  // namespace credence
