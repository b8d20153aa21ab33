#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "base/json.h"
#include "base/settings_parts.h"
#include "base/text.h"

namespace credence::settings_detail {
namespace {

bool is_bare_key(std::string_view key) {
    return !key.empty() && key.find_first_not_of(
                               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                               "XYZ0123456789_-") == std::string_view::npos;
}

// A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
void print_text(std::string_view text, std::string& out) {
    std::string json;
    append_json_string(text, json);
    for (const char c : json) {
        if (c == '\x7F') {
            out += "\\u007F";
        } else {
            out += c;
        }
    }
}

void print_key(std::string_view key, std::string& out) {
    if (is_bare_key(key)) {
        out += key;
    } else {
        print_text(key, out);
    }
}

void print_number(double number, std::string& out) {
    if (std::isnan(number)) {
        out += "nan";
    } else if (std::isinf(number)) {
        out += number > 0 ? "inf" : "-inf";
    } else {
        const std::string text = fmt::format("{}", number);
        out += text;
        // TOML tells floats from integers by these.
        out += text.find_first_of(".e") == std::string::npos ? ".0" : "";
    }
}

// False when the value cannot be said in TOML: an empty optional, or raw JSON.
bool print_value(const Shape& shape, const void* value, std::string& out);

bool print_list(const Shape& shape, const void* value, std::string& out) {
    out += '[';
    for (std::size_t i = 0; i < shape.count(value); ++i) {
        out += i == 0 ? "" : ", ";
        if (!print_value(*shape.inner, shape.at(value, i), out)) {
            return false;
        }
    }
    out += ']';
    return true;
}

// Appends "key = value" to an inline table; entries without a value are left out.
void print_entry(std::string_view key, const Shape& shape, const void* value, std::string& out) {
    std::string text;
    if (!print_value(shape, value, text)) {
        return;
    }
    out += out.ends_with("{ ") ? "" : ", ";
    print_key(key, out);
    out += " = " + text;
}

void print_object(const Shape& shape, const void* value, std::string& out) {
    out += "{ ";
    for (const Field& field : shape.fields) {
        print_entry(field.name, *field.shape, static_cast<const char*>(value) + field.offset, out);
    }
    out += " }";
}

void print_dictionary(const Shape& shape, const void* value, std::string& out) {
    struct State {
        const Shape& inner;
        std::string& out;
    } state{*shape.inner, out};
    out += "{ ";
    shape.each(value, &state, [](void* p, std::string_view key, const void* entry) {
        const auto& to = *static_cast<State*>(p);
        print_entry(key, to.inner, entry, to.out);
    });
    out += " }";
}

bool print_value(const Shape& shape, const void* value, std::string& out) {
    switch (shape.kind) {
        case Kind::boolean:
            out += shape.get_integer(value) != 0 ? "true" : "false";
            return true;
        case Kind::integer:
            out += std::to_string(shape.get_integer(value));
            return true;
        case Kind::number:
            print_number(*static_cast<const double*>(value), out);
            return true;
        case Kind::text:
            print_text(*static_cast<const std::string*>(value), out);
            return true;
        case Kind::enumeration: {
            const auto index = static_cast<std::size_t>(shape.get_integer(value));
            CHECK(index < shape.enumerators.size(), "an enumeration out of its range");
            print_text(shape.enumerators[index], out);
            return true;
        }
        case Kind::parsed:
            print_text(shape.format_text(value), out);
            return true;
        case Kind::list:
            return print_list(shape, value, out);
        case Kind::object:
            print_object(shape, value, out);
            return true;
        case Kind::dictionary:
            print_dictionary(shape, value, out);
            return true;
        case Kind::optional: {
            const void* inner = shape.value(value);
            return inner != nullptr && print_value(*shape.inner, inner, out);
        }
        case Kind::json:
            return false;
    }
    return false;
}

// Whether printing the value hid something, so that reading it back would change it.
bool hides_secret(const Shape& shape, const void* value) {
    if (shape.kind == Kind::optional) {
        const void* inner = shape.value(value);
        return inner != nullptr && hides_secret(*shape.inner, inner);
    }
    if (shape.kind == Kind::parsed) {
        return shape.secret && !shape.format_text(value).empty();
    }
    if (shape.kind == Kind::list) {
        for (std::size_t i = 0; i < shape.count(value); ++i) {
            if (hides_secret(*shape.inner, shape.at(value, i))) {
                return true;
            }
        }
    }
    if (shape.kind == Kind::object) {
        for (const Field& field : shape.fields) {
            if (hides_secret(*field.shape, static_cast<const char*>(value) + field.offset)) {
                return true;
            }
        }
    }
    return false;
}

std::string describe_kind(const Shape& shape) {
    switch (shape.kind) {
        case Kind::optional:
            return "optional " + describe_kind(*shape.inner);
        case Kind::list:
            return "list of " + describe_kind(*shape.inner);
        case Kind::enumeration:
            return fmt::format("one of {}", fmt::join(shape.enumerators, ", "));
        case Kind::parsed:
            return shape.secret ? "secret" : shape.format;
        case Kind::text:
            return "text";
        case Kind::object:
        case Kind::dictionary:
            return "table";
        default:
            return shape.name;
    }
}

// "integer, 1 to 600000, default 30000"
std::string describe_field(const Field& field, const Shape& owner) {
    std::string out = describe_kind(*field.shape);
    if (field.minimum && field.maximum) {
        out += fmt::format(", {} to {}", *field.minimum, *field.maximum);
    }
    if (field.max_length > 0) {
        const Kind kind =
            field.shape->kind == Kind::optional ? field.shape->inner->kind : field.shape->kind;
        out += fmt::format(", {} to {} {}", field.min_length, field.max_length,
                           kind == Kind::text ? "bytes" : "entries");
    }
    const void* initial = static_cast<const char*>(owner.prototype) + field.offset;
    if (std::string text; print_value(*field.shape, initial, text)) {
        out += ", default " + text;
    }
    return out;
}

void append_comment(std::string_view text, std::string& out) {
    for (const std::string_view line : split(text, '\n')) {
        out += line.empty() ? "#\n" : fmt::format("# {}\n", line);
    }
}

void append_field(const Field& field, const Shape& owner, const void* object, std::string& out) {
    append_comment(field.doc, out);
    append_comment("(" + describe_field(field, owner) + ")", out);
    const void* value = static_cast<const char*>(object) + field.offset;
    std::string text;
    if (!print_value(*field.shape, value, text)) {
        out += fmt::format("# {} = (not set)\n", field.name);
    } else if (hides_secret(*field.shape, value)) {
        // A comment, so that the printed file can be used without setting the secret to "***".
        out += fmt::format("# {} = {}\n", field.name, text);
    } else {
        out += fmt::format("{} = {}\n", field.name, text);
    }
}

}  // namespace

std::string print_section(std::string_view name, const Shape& shape, const void* value) {
    std::string out;
    if (!shape.doc.empty()) {
        append_comment(shape.doc, out);
    }
    out += '[';
    print_key(name, out);
    out += "]\n";
    for (const Field& field : shape.fields) {
        out += '\n';
        append_field(field, shape, value, out);
    }
    return out;
}

}  // namespace credence::settings_detail
