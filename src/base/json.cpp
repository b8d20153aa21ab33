#include "base/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <bit>
#include <bitset>

#include "base/text.h"

namespace credence {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxFields = 128;            // of one described struct
constexpr std::size_t kMaxKeyBytes = 256;          // of a dictionary key
constexpr std::size_t kKeptParserBytes = 1 << 20;  // larger parsers are not kept by their thread

// Where in the document we are; built only when an error is reported.
struct Path {
    const Path* parent = nullptr;
    std::string_view name;
    std::size_t index = 0;

    std::string text() const {
        std::string out = parent == nullptr ? std::string() : parent->text();
        if (parent == nullptr) {
            return out;
        }
        if (name.empty()) {
            return out + "[" + std::to_string(index) + "]";
        }
        if (!out.empty()) {
            out += '.';
        }
        return out.append(name);
    }
};

std::unexpected<Error> invalid(const Path& path, std::string message) {
    return fail(Code::invalid, std::move(message), path.text());
}

std::string_view type_name(dom::element_type type) {
    switch (type) {
        case dom::element_type::ARRAY:
            return "an array";
        case dom::element_type::OBJECT:
            return "an object";
        case dom::element_type::INT64:
        case dom::element_type::UINT64:
        case dom::element_type::DOUBLE:
            return "a number";
        case dom::element_type::STRING:
            return "a string";
        case dom::element_type::BOOL:
            return "a boolean";
        case dom::element_type::NULL_VALUE:
            return "null";
    }
    return "something else";
}

std::unexpected<Error> wrong_type(const Path& path, std::string_view wanted, dom::element found) {
    return invalid(path, fmt::format("must be {}, not {}", wanted, type_name(found.type())));
}

Result<void> check_range(const Path& path, const Field* limits, double value) {
    if (limits == nullptr || !limits->minimum) {
        return {};
    }
    if (value < *limits->minimum || value > *limits->maximum) {
        return invalid(
            path, fmt::format("must be between {} and {}", *limits->minimum, *limits->maximum));
    }
    return {};
}

Result<void> check_length(const Path& path, const Field* limits, std::size_t length,
                          std::size_t fallback, std::string_view unit) {
    const std::size_t maximum =
        limits != nullptr && limits->max_length > 0 ? limits->max_length : fallback;
    if (length > maximum) {
        return fail(Code::too_large, fmt::format("must have at most {} {}", maximum, unit),
                    path.text());
    }
    if (limits != nullptr && length < limits->min_length) {
        return invalid(path, fmt::format("must have at least {} {}", limits->min_length, unit));
    }
    return {};
}

Result<void> decode(dom::element in, const Shape& shape, const Field* limits, const Path& path,
                    void* out);

Result<void> decode_integer(dom::element in, const Shape& shape, const Field* limits,
                            const Path& path, void* out) {
    std::int64_t value = 0;
    if (in.type() == dom::element_type::INT64) {
        value = in.get_int64().value_unsafe();
    } else if (in.type() == dom::element_type::UINT64) {
        return invalid(path, "is too large");
    } else {
        return wrong_type(path, "an integer", in);
    }
    if (value < shape.integer_min || value > shape.integer_max) {
        return invalid(
            path, fmt::format("must be between {} and {}", shape.integer_min, shape.integer_max));
    }
    TRY(check_range(path, limits, static_cast<double>(value)));
    shape.set_integer(out, value);
    return {};
}

Result<void> decode_number(dom::element in, const Field* limits, const Path& path, void* out) {
    double value = 0;
    if (in.get_double().get(value) != simdjson::SUCCESS) {
        return wrong_type(path, "a number", in);
    }
    TRY(check_range(path, limits, value));
    *static_cast<double*>(out) = value;
    return {};
}

Result<void> decode_enumeration(dom::element in, const Shape& shape, const Path& path, void* out) {
    if (!in.is_string()) {
        return wrong_type(path, "a string", in);
    }
    const std::string_view text = in.get_string().value_unsafe();
    for (std::size_t i = 0; i < shape.enumerators.size(); ++i) {
        if (shape.enumerators[i] == text) {
            shape.set_integer(out, static_cast<std::int64_t>(i));
            return {};
        }
    }
    return invalid(path, fmt::format("must be one of {}", fmt::join(shape.enumerators, ", ")));
}

Result<void> decode_object(dom::element in, const Shape& shape, const Path& path, void* out) {
    if (!in.is_object()) {
        return wrong_type(path, "an object", in);
    }
    CHECK(shape.fields.size() <= kMaxFields, shape.name);
    std::bitset<kMaxFields> seen;
    for (const auto& member : dom::object(in.get_object().value_unsafe())) {
        const Path here{&path, member.key, 0};
        const Field* field = shape.find(member.key);
        if (field == nullptr) {
            return invalid(here, "is not a known field");
        }
        const auto position = static_cast<std::size_t>(field - shape.fields.data());
        if (seen.test(position)) {
            return invalid(here, "is given twice");
        }
        seen.set(position);
        TRY(decode(member.value, *field->shape, field, here,
                   static_cast<char*>(out) + field->offset));
    }
    for (std::size_t i = 0; i < shape.fields.size(); ++i) {
        if (shape.fields[i].required && !seen.test(i)) {
            return invalid(Path{&path, shape.fields[i].name, 0}, "is required");
        }
    }
    return {};
}

Result<void> decode_list(dom::element in, const Shape& shape, const Field* limits, const Path& path,
                         void* out) {
    if (!in.is_array()) {
        return wrong_type(path, "an array", in);
    }
    const dom::array items = in.get_array().value_unsafe();
    std::size_t count = 0;
    for ([[maybe_unused]] const dom::element item : items) {
        ++count;
    }
    TRY(check_length(path, limits, count, kMaxListItems, "items"));
    shape.clear(out);
    std::size_t index = 0;
    for (const dom::element item : items) {
        TRY(decode(item, *shape.inner, nullptr, Path{&path, {}, index}, shape.append(out)));
        ++index;
    }
    return {};
}

Result<void> decode_dictionary(dom::element in, const Shape& shape, const Field* limits,
                               const Path& path, void* out) {
    if (!in.is_object()) {
        return wrong_type(path, "an object", in);
    }
    const dom::object members = in.get_object().value_unsafe();
    shape.clear(out);
    std::size_t count = 0;
    for (const auto& member : members) {
        const Path here{&path, member.key, 0};
        if (member.key.size() > kMaxKeyBytes) {
            return fail(Code::too_large, "a key is too long", path.text());
        }
        TRY(decode(member.value, *shape.inner, nullptr, here, shape.insert(out, member.key)));
        ++count;
        if (shape.count(out) != count) {
            return invalid(here, "is given twice");
        }
    }
    return check_length(path, limits, count, kMaxListItems, "entries");
}

Result<void> decode_text(dom::element in, const Field* limits, const Path& path, void* out) {
    if (!in.is_string()) {
        return wrong_type(path, "a string", in);
    }
    const std::string_view text = in.get_string().value_unsafe();
    TRY(check_length(path, limits, text.size(), kMaxTextBytes, "bytes"));
    static_cast<std::string*>(out)->assign(text);
    return {};
}

Result<void> decode_parsed(dom::element in, const Shape& shape, const Path& path, void* out) {
    if (!in.is_string()) {
        return wrong_type(path, "a string", in);
    }
    auto parsed = shape.parse(out, in.get_string().value_unsafe());
    if (!parsed) {
        return invalid(path, std::move(parsed.error().message));
    }
    return {};
}

Result<void> decode(dom::element in, const Shape& shape, const Field* limits, const Path& path,
                    void* out) {
    switch (shape.kind) {
        case Kind::boolean:
            if (!in.is_bool()) {
                return wrong_type(path, "a boolean", in);
            }
            shape.set_integer(out, in.get_bool().value_unsafe() ? 1 : 0);
            return {};
        case Kind::integer:
            return decode_integer(in, shape, limits, path, out);
        case Kind::number:
            return decode_number(in, limits, path, out);
        case Kind::text:
            return decode_text(in, limits, path, out);
        case Kind::enumeration:
            return decode_enumeration(in, shape, path, out);
        case Kind::parsed:
            return decode_parsed(in, shape, path, out);
        case Kind::json:
            static_cast<RawJson*>(out)->text = simdjson::minify(in);
            return {};
        case Kind::object:
            return decode_object(in, shape, path, out);
        case Kind::list:
            return decode_list(in, shape, limits, path, out);
        case Kind::dictionary:
            return decode_dictionary(in, shape, limits, path, out);
        case Kind::optional:
            if (in.is_null()) {
                shape.clear(out);
                return {};
            }
            return decode(in, *shape.inner, limits, path, shape.emplace(out));
    }
    return fail(Code::internal, "unknown shape");
}

Result<dom::element> parse(dom::parser& parser, std::string_view json) {
    if (json.size() + simdjson::SIMDJSON_PADDING > parser.capacity() ||
        parser.max_depth() != static_cast<std::size_t>(kMaxNesting)) {
        // The depth simdjson counts includes the scalar inside the innermost container.
        const auto error =
            parser.allocate(std::bit_ceil(std::max<std::size_t>(json.size(), 4096)), kMaxNesting);
        if (error != simdjson::SUCCESS) {
            return fail(Code::too_large, "JSON document is too large");
        }
    }
    dom::element root;
    const auto error = parser.parse(json.data(), json.size(), true).get(root);
    switch (error) {
        case simdjson::SUCCESS:
            return root;
        case simdjson::DEPTH_ERROR:
            return fail(Code::invalid, fmt::format("JSON is nested deeper than {}", kMaxNesting));
        case simdjson::UTF8_ERROR:
            return fail(Code::invalid, "JSON is not valid UTF-8");
        case simdjson::EMPTY:
            return fail(Code::invalid, "JSON is empty");
        case simdjson::NUMBER_ERROR:
            return fail(Code::invalid, "JSON holds a malformed or too large number");
        case simdjson::CAPACITY:
            return fail(Code::too_large, "JSON document is too large");
        default:
            return fail(Code::invalid, "malformed JSON");
    }
}

// Runs fn with a parsed document; small parsers are reused by their thread.
template <class Function>
Result<void> with_document(std::string_view json, Function&& fn) {
    if (json.size() > kKeptParserBytes) {
        dom::parser parser;
        return fn(TRY(parse(parser, json)));
    }
    thread_local dom::parser kept;
    return fn(TRY(parse(kept, json)));
}

}  // namespace

Result<void> decode_json(std::string_view json, const Shape& shape, void* out) {
    return with_document(json, [&](dom::element root) -> Result<void> {
        return decode(root, shape, nullptr, Path{}, out);
    });
}

Result<void> validate_json(std::string_view json) {
    return with_document(json, [](dom::element) -> Result<void> { return {}; });
}

}  // namespace credence
