// A struct's fields, documentation and limits, stated once. Every codec (JSON, JSON Schema, SQL
// rows, settings, command-line flags) is ordinary code over a Shape.
//
//   struct Scan { std::string text; Direction direction = Direction::input; };
//   void describe(Describe<Scan>& d) {
//       d.field<&Scan::text>("Text to judge").length(0, 1 << 20);
//       d.field<&Scan::direction>("Which way it travels").or_default();
//   }
//   const Shape& shape = shape_of<Scan>();
//
// Field and enumerator names are read by the compiler; a member that is not described stops the
// program when its shape is first built. Supported member types: bool, integers, double,
// std::string, enum class (values 0..63), Id<Tag>, Secret, RawJson, described structs, and
// std::optional / std::vector / std::map<std::string, T> of these.
//
// Required unless std::optional or or_default(). Shapes are immutable and thread-safe once built.
#pragma once

#include <array>
#include <boost/pfr/tuple_size.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/result.h"

namespace credence {

enum class Kind : std::uint8_t {
    boolean,
    integer,
    number,
    text,         // std::string: UTF-8
    enumeration,  // travels as its enumerator's name
    parsed,       // a value class that travels as text: Id, Secret
    json,         // RawJson: any JSON value, carried as its text
    object,
    list,
    dictionary,  // std::map<std::string, T>
    optional,
};

// Any JSON value, kept as text. Empty text stands for null.
struct RawJson {
    std::string text;
    bool operator==(const RawJson&) const = default;
};

// A struct without fields: the request or response of operations that need none.
struct Empty {
    bool operator==(const Empty&) const = default;
};

inline constexpr std::size_t kMaxTextBytes = std::size_t{1}
                                             << 20;   // of a text field, unless stated
inline constexpr std::size_t kMaxListItems = 10'000;  // of a list field, unless stated
inline constexpr int kMaxNesting = 64;                // of any JSON document

struct Shape;

struct Field {
    std::string name;
    std::string doc;
    std::size_t offset = 0;
    const Shape* shape = nullptr;
    bool required = true;
    // Limits. Integers and numbers: value; text: bytes; list and dictionary: items.
    std::optional<double> minimum;
    std::optional<double> maximum;
    std::size_t min_length = 0;
    std::size_t max_length = 0;  // 0: the default of the kind
    std::string example;         // JSON text, for documentation; may be empty
};

// How a type is laid out and handled. Function members that do not concern the kind are null.
struct Shape {
    Kind kind = Kind::object;
    std::string name;  // unqualified type name: "Scan", "integer", ...
    std::string doc;
    std::size_t size = 0;

    std::vector<Field> fields;             // object
    std::vector<std::string> enumerators;  // enumeration, index = value
    const Shape* inner = nullptr;          // list, dictionary, optional
    std::string format;                    // parsed: JSON Schema format ("uuid", "password")
    bool secret = false;                   // parsed: never printed
    std::int64_t integer_min = 0;          // integer: range of the C++ type
    std::int64_t integer_max = 0;

    std::int64_t (*get_integer)(const void*) = nullptr;        // boolean, integer, enumeration
    void (*set_integer)(void*, std::int64_t) = nullptr;        //
    Result<void> (*parse)(void*, std::string_view) = nullptr;  // parsed
    std::string (*format_text)(const void*) = nullptr;         //
    std::size_t (*count)(const void*) = nullptr;               // list, dictionary
    const void* (*at)(const void*, std::size_t) = nullptr;     // list
    void* (*append)(void*) = nullptr;                          // list: a new last element
    void (*clear)(void*) = nullptr;                            // list, dictionary, optional
    void* (*insert)(void*, std::string_view) = nullptr;        // dictionary
    void (*each)(const void*, void* state,                     // dictionary, in key order
                 void (*visit)(void* state, std::string_view key, const void* value)) = nullptr;
    const void* (*value)(const void*) = nullptr;  // optional: null when empty
    void* (*emplace)(void*) = nullptr;            // optional
    const void* prototype = nullptr;              // object: a default-built value, for defaults

    const Field* find(std::string_view field_name) const;
};

// Refines the field just added.
class FieldRef {
public:
    explicit FieldRef(Field& field) : field_(field) {}
    FieldRef& between(double minimum, double maximum);
    FieldRef& length(std::size_t minimum, std::size_t maximum);
    // May be absent: then the member initialiser's value stands.
    FieldRef& or_default();
    // A JSON value shown in the reference.
    FieldRef& example(std::string_view json);

private:
    Field& field_;
};

namespace shape_detail {

template <auto Value>
constexpr std::string_view pretty() {
    return __PRETTY_FUNCTION__;
}

template <class T>
constexpr std::string_view pretty_type() {
    return __PRETTY_FUNCTION__;
}

// "…[with auto Value = &ns::Type::member; …]" -> "member"; "(Enum)5" -> ""; "private_" ->
// "private": one underscore at the end is dropped, for names that are keywords of C++.
std::string last_name(std::string_view pretty_function);
// As last_name, but the name before it: "&ns::Type::member" -> "Type".
std::string owner_name(std::string_view pretty_function);

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_dictionary : std::false_type {};
template <class T>
struct is_dictionary<std::map<std::string, T>> : std::true_type {};

// Value classes that travel as text: static Result<T> parse(string_view), string to_string() const,
// kFormat (JSON Schema format), kSecret.
template <class T>
concept ParsedText = requires(const T value, std::string_view text) {
    { T::parse(text) } -> std::same_as<Result<T>>;
    { value.to_string() } -> std::same_as<std::string>;
    { T::kFormat } -> std::convertible_to<std::string_view>;
    { T::kSecret } -> std::convertible_to<bool>;
};

template <class T>
Shape make_shape();

// What is the same for every type is no template: it would be compiled again for each.

// From what the compiler prints of the values 0, 1, 2, ...; those without a name are none.
void name_enumerators(Shape& shape, std::span<const std::string_view> pretty_values);

struct DescribedMember {
    std::string_view pretty;
    std::ptrdiff_t offset = 0;
    const Shape& shape;
    bool is_optional = false;
};
FieldRef add_field(Shape& shape, const DescribedMember& member, std::string_view doc);

}  // namespace shape_detail

// The one Shape of T, built on first use.
template <class T>
const Shape& shape_of() {
    static const Shape shape = shape_detail::make_shape<T>();
    return shape;
}

// The enumerator's name, as it travels and is stored.
template <class Enum>
const std::string& enumerator_of(Enum value) {
    return shape_of<Enum>().enumerators.at(static_cast<std::size_t>(value));
}

// Collects the description of T; passed to `void describe(Describe<T>&)`, found beside T.
template <class T>
class Describe {
public:
    // The shape has its prototype.
    explicit Describe(Shape& shape) : shape_(shape) {}

    // Sets the type's own documentation.
    void doc(std::string_view text) { shape_.doc = text; }

    // Adds the member, under its own name. Describe members in declaration order.
    template <auto Member>
    FieldRef field(std::string_view doc) {
        const auto& whole = *static_cast<const T*>(shape_.prototype);
        using Value = std::remove_cvref_t<decltype(whole.*Member)>;
        return shape_detail::add_field(shape_,
                                       {.pretty = shape_detail::pretty<Member>(),
                                        .offset = reinterpret_cast<const char*>(&(whole.*Member)) -
                                                  reinterpret_cast<const char*>(&whole),
                                        .shape = shape_of<Value>(),
                                        .is_optional = shape_detail::is_optional<Value>::value},
                                       doc);
    }

private:
    Shape& shape_;
};

inline void describe(Describe<Empty>&) {}

namespace shape_detail {

template <class T>
void fill_integer(Shape& shape) {
    shape.get_integer = [](const void* p) {
        return static_cast<std::int64_t>(*static_cast<const T*>(p));
    };
    shape.set_integer = [](void* p, std::int64_t v) { *static_cast<T*>(p) = static_cast<T>(v); };
    constexpr bool kTooWide = std::is_unsigned_v<T> && sizeof(T) == sizeof(std::int64_t);
    shape.integer_min = static_cast<std::int64_t>(std::numeric_limits<T>::min());
    shape.integer_max = kTooWide ? std::numeric_limits<std::int64_t>::max()
                                 : static_cast<std::int64_t>(std::numeric_limits<T>::max());
}

template <class T>
void fill_enumeration(Shape& shape) {
    static constexpr auto kPretty = []<std::size_t... I>(std::index_sequence<I...>) {
        return std::array{pretty<static_cast<T>(I)>()...};
    }(std::make_index_sequence<64>{});
    name_enumerators(shape, kPretty);
    shape.name = last_name(pretty_type<T>());
    shape.get_integer = [](const void* p) {
        return static_cast<std::int64_t>(*static_cast<const T*>(p));
    };
    shape.set_integer = [](void* p, std::int64_t v) { *static_cast<T*>(p) = static_cast<T>(v); };
}

template <class T>
void fill_parsed(Shape& shape) {
    shape.format = std::string(T::kFormat);
    shape.secret = T::kSecret;
    shape.parse = [](void* p, std::string_view text) -> Result<void> {
        *static_cast<T*>(p) = TRY(T::parse(text));
        return {};
    };
    shape.format_text = [](const void* p) { return static_cast<const T*>(p)->to_string(); };
}

template <class T>
void fill_list(Shape& shape) {
    using Item = typename T::value_type;
    static_assert(!std::same_as<Item, bool>, "std::vector<bool> has no addressable elements");
    shape.inner = &shape_of<Item>();
    shape.count = [](const void* p) { return static_cast<const T*>(p)->size(); };
    shape.at = [](const void* p, std::size_t i) -> const void* {
        return &(*static_cast<const T*>(p))[i];
    };
    shape.append = [](void* p) -> void* { return &static_cast<T*>(p)->emplace_back(); };
    shape.clear = [](void* p) { static_cast<T*>(p)->clear(); };
}

template <class T>
void fill_dictionary(Shape& shape) {
    shape.inner = &shape_of<typename T::mapped_type>();
    shape.count = [](const void* p) { return static_cast<const T*>(p)->size(); };
    shape.insert = [](void* p, std::string_view key) -> void* {
        return &(*static_cast<T*>(p))[std::string(key)];
    };
    shape.clear = [](void* p) { static_cast<T*>(p)->clear(); };
    shape.each = [](const void* p, void* state,
                    void (*visit)(void*, std::string_view, const void*)) {
        for (const auto& [key, value] : *static_cast<const T*>(p)) {
            visit(state, key, &value);
        }
    };
}

template <class T>
void fill_optional(Shape& shape) {
    shape.inner = &shape_of<typename T::value_type>();
    shape.value = [](const void* p) -> const void* {
        const auto& optional = *static_cast<const T*>(p);
        return optional ? &*optional : nullptr;
    };
    shape.emplace = [](void* p) -> void* { return &static_cast<T*>(p)->emplace(); };
    shape.clear = [](void* p) { static_cast<T*>(p)->reset(); };
}

template <class T>
void fill_object(Shape& shape) {
    shape.name = last_name(pretty_type<T>());
    static const T prototype{};
    shape.prototype = &prototype;
    Describe<T> description(shape);
    describe(description);
    if (shape.fields.size() != boost::pfr::tuple_size_v<T>) {
        check_failed(__FILE__, __LINE__, shape.name.c_str(),
                     "every member of this struct must be described, once");
    }
}

template <class T>
Shape make_shape() {
    Shape shape;
    shape.size = sizeof(T);
    if constexpr (std::same_as<T, bool>) {
        shape.kind = Kind::boolean;
        shape.name = "boolean";
        fill_integer<T>(shape);
    } else if constexpr (std::integral<T>) {
        shape.kind = Kind::integer;
        shape.name = "integer";
        fill_integer<T>(shape);
    } else if constexpr (std::same_as<T, double>) {
        shape.kind = Kind::number;
        shape.name = "number";
    } else if constexpr (std::same_as<T, std::string>) {
        shape.kind = Kind::text;
        shape.name = "string";
    } else if constexpr (std::same_as<T, RawJson>) {
        shape.kind = Kind::json;
        shape.name = "json";
    } else if constexpr (std::is_enum_v<T>) {
        shape.kind = Kind::enumeration;
        fill_enumeration<T>(shape);
    } else if constexpr (is_optional<T>::value) {
        shape.kind = Kind::optional;
        fill_optional<T>(shape);
    } else if constexpr (is_vector<T>::value) {
        shape.kind = Kind::list;
        fill_list<T>(shape);
    } else if constexpr (is_dictionary<T>::value) {
        shape.kind = Kind::dictionary;
        fill_dictionary<T>(shape);
    } else if constexpr (ParsedText<T>) {
        shape.kind = Kind::parsed;
        fill_parsed<T>(shape);
    } else {
        static_assert(std::is_aggregate_v<T>, "only aggregates can be described");
        shape.kind = Kind::object;
        fill_object<T>(shape);
    }
    return shape;
}

}  // namespace shape_detail
}  // namespace credence
