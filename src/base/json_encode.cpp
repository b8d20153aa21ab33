#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/json.h"
#include "base/text.h"

namespace credence {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// True for bytes that may stand in a JSON string as they are.
constexpr std::array<bool, 256> make_plain_table() {
    std::array<bool, 256> table{};
    for (std::size_t c = 0x20; c < 256; ++c) {
        table[c] = c != '"' && c != '\\' && c != 0x7f;
    }
    return table;
}
constexpr std::array<bool, 256> kPlain = make_plain_table();

void append_escape(char c, std::string& out) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default: {
            const auto byte = static_cast<unsigned char>(c);
            out += "\\u00";
            out += kHexDigits[byte >> 4U];
            out += kHexDigits[byte & 15U];
        }
    }
}

void append_escaped(std::string_view text, std::string& out) {
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!kPlain[static_cast<unsigned char>(text[i])]) [[unlikely]] {
            out.append(text, start, i - start);
            append_escape(text[i], out);
            start = i + 1;
        }
    }
    out.append(text, start);
}

void append_number(double value, std::string& out) {
    if (!std::isfinite(value)) {
        out += "null";  // JSON has no infinity; a missing value is the honest answer
        return;
    }
    fmt::format_to(std::back_inserter(out), "{}", value);
}

struct DictionaryState {
    const Shape& shape;
    std::string& out;
    bool first = true;
};

void append_entry(void* opaque, std::string_view key, const void* value) {
    auto& state = *static_cast<DictionaryState*>(opaque);
    if (!state.first) {
        state.out += ',';
    }
    state.first = false;
    append_json_string(key, state.out);
    state.out += ':';
    encode_json(*state.shape.inner, value, state.out);
}

void encode_object(const Shape& shape, const void* value, std::string& out) {
    out += '{';
    bool first = true;
    for (const Field& field : shape.fields) {
        const void* member = static_cast<const char*>(value) + field.offset;
        const Shape* inner = field.shape;
        if (inner->kind == Kind::optional) {
            member = inner->value(member);
            inner = inner->inner;
            if (member == nullptr) {
                continue;
            }
        }
        out += first ? "\"" : ",\"";
        first = false;
        out += field.name;
        out += "\":";
        encode_json(*inner, member, out);
    }
    out += '}';
}

void encode_list(const Shape& shape, const void* value, std::string& out) {
    out += '[';
    const std::size_t count = shape.count(value);
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) {
            out += ',';
        }
        encode_json(*shape.inner, shape.at(value, i), out);
    }
    out += ']';
}

void append_integer(std::int64_t value, std::string& out) {
    const fmt::format_int text(value);
    out.append(text.data(), text.size());
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
    out += '"';
    if (is_valid_utf8(text)) [[likely]] {
        append_escaped(text, out);
    } else {
        append_escaped(to_valid_utf8(text), out);
    }
    out += '"';
}

void encode_json(const Shape& shape, const void* value, std::string& out) {
    switch (shape.kind) {
        case Kind::boolean:
            out += shape.get_integer(value) != 0 ? "true" : "false";
            return;
        case Kind::integer:
            append_integer(shape.get_integer(value), out);
            return;
        case Kind::number:
            append_number(*static_cast<const double*>(value), out);
            return;
        case Kind::text:
            append_json_string(*static_cast<const std::string*>(value), out);
            return;
        case Kind::enumeration: {
            const auto index = static_cast<std::size_t>(shape.get_integer(value));
            CHECK(index < shape.enumerators.size(), shape.name);
            append_json_string(shape.enumerators[index], out);
            return;
        }
        case Kind::parsed:
            append_json_string(shape.format_text(value), out);
            return;
        case Kind::json: {
            const std::string& text = static_cast<const RawJson*>(value)->text;
            out += text.empty() ? "null" : text;
            return;
        }
        case Kind::object:
            encode_object(shape, value, out);
            return;
        case Kind::list:
            encode_list(shape, value, out);
            return;
        case Kind::dictionary: {
            DictionaryState state{shape, out};
            out += '{';
            shape.each(value, &state, append_entry);
            out += '}';
            return;
        }
        case Kind::optional: {
            const void* inner = shape.value(value);
            if (inner == nullptr) {
                out += "null";
            } else {
                encode_json(*shape.inner, inner, out);
            }
            return;
        }
    }
}

void append_error_json(const Error& error, std::string& out) {
    out += R"({"code":")";
    out += to_string(error.code);
    out += R"(","message":)";
    append_json_string(error.message, out);
    if (!error.field.empty()) {
        out += R"(,"field":)";
        append_json_string(error.field, out);
    }
    if (error.retry_after_ms > 0) {
        out += R"(,"retry_after_ms":)";
        append_integer(error.retry_after_ms, out);
    }
    out += '}';
}

std::string json_from_text(const Shape& shape, std::string_view text) {
    std::string out;
    switch (shape.kind) {
        case Kind::boolean:
        case Kind::integer:
        case Kind::number:
            // Anything that is not plainly a number or boolean travels as a string, so that the
            // decoder's type error names the field.
            if (!text.empty() && text.find_first_not_of("+-.0123456789eEtrufalse") == text.npos &&
                validate_json(text)) {
                return std::string(text);
            }
            break;
        case Kind::json:
        case Kind::object:
        case Kind::dictionary:
            return std::string(text);
        case Kind::list: {
            if (shape.inner->kind == Kind::object || trim(text).starts_with('[')) {
                return std::string(text);
            }
            out += '[';
            for (const std::string_view item : split(text, ',')) {
                if (out.size() > 1) {
                    out += ',';
                }
                out += json_from_text(*shape.inner, trim(item));
            }
            return text.empty() ? "[]" : out + "]";
        }
        case Kind::optional:
            return json_from_text(*shape.inner, text);
        case Kind::text:
        case Kind::enumeration:
        case Kind::parsed:
            break;
    }
    append_json_string(text, out);
    return out;
}

}  // namespace credence
