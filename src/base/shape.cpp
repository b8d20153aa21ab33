#include "base/shape.h"

namespace credence {

const Field* Shape::find(std::string_view field_name) const {
    for (const Field& field : fields) {
        if (field.name == field_name) {
            return &field;
        }
    }
    return nullptr;
}

FieldRef& FieldRef::between(double minimum, double maximum) {
    field_.minimum = minimum;
    field_.maximum = maximum;
    return *this;
}

FieldRef& FieldRef::length(std::size_t minimum, std::size_t maximum) {
    field_.min_length = minimum;
    field_.max_length = maximum;
    return *this;
}

FieldRef& FieldRef::or_default() {
    field_.required = false;
    return *this;
}

FieldRef& FieldRef::example(std::string_view json) {
    field_.example = json;
    return *this;
}

namespace shape_detail {
namespace {

// The text the compiler printed for the template argument: GCC writes "[with auto Value = X; …]",
// clang "[Value = X]".
std::string_view argument_text(std::string_view pretty_function) {
    const std::size_t equals = pretty_function.find(" = ");
    CHECK(equals != std::string_view::npos, "unknown form of __PRETTY_FUNCTION__");
    std::string_view text = pretty_function.substr(equals + 3);
    const std::size_t end = text.find_first_of(";]");
    return text.substr(0, end);
}

bool is_identifier(std::string_view text) {
    if (text.empty() || (text.front() >= '0' && text.front() <= '9')) {
        return false;
    }
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(c >= '0' && c <= '9')) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::string last_name(std::string_view pretty_function) {
    std::string_view text = argument_text(pretty_function);
    if (text.starts_with('(')) {  // "(Enum)5": a value without a name
        return {};
    }
    if (const std::size_t colons = text.rfind("::"); colons != std::string_view::npos) {
        text = text.substr(colons + 2);
    }
    if (text.starts_with('&')) {
        text = text.substr(1);
    }
    if (text.size() > 1 && text.ends_with('_')) {
        text.remove_suffix(1);  // private_, delete_: words that C++ keeps for itself
    }
    return is_identifier(text) ? std::string(text) : std::string();
}

std::string owner_name(std::string_view pretty_function) {
    std::string_view text = argument_text(pretty_function);
    const std::size_t end = text.rfind("::");
    CHECK(end != std::string_view::npos, "a member has an owner");
    text = text.substr(0, end);
    if (const std::size_t colons = text.rfind("::"); colons != std::string_view::npos) {
        text = text.substr(colons + 2);
    }
    if (text.starts_with('&')) {
        text = text.substr(1);
    }
    return std::string(text);
}

void name_enumerators(Shape& shape, std::span<const std::string_view> pretty_values) {
    for (std::size_t i = 0; i < pretty_values.size(); ++i) {
        std::string name = last_name(pretty_values[i]);
        if (!name.empty()) {
            CHECK(shape.enumerators.size() == i, "enumerators must be 0, 1, 2, ...");
            shape.enumerators.push_back(std::move(name));
        }
    }
    CHECK(!shape.enumerators.empty(), "an enumeration needs enumerators");
}

FieldRef add_field(Shape& shape, const DescribedMember& member, std::string_view doc) {
    Field& added = shape.fields.emplace_back();
    added.name = last_name(member.pretty);
    added.doc = doc;
    added.offset = static_cast<std::size_t>(member.offset);
    added.shape = &member.shape;
    added.required = !member.is_optional;
    return FieldRef(added);
}

}  // namespace shape_detail
}  // namespace credence
