// The members of a JSON object as a method reads them: by name, each checked when it is used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace credence::surface::mcp {

struct Member {
    enum class Type : std::uint8_t { absent, null, text, object, array, boolean, integer, number };
    Type type = Type::absent;
    std::string value;  // text: the text itself; else JSON without white space; absent: empty

    // null counts as absent: clients in other languages send it for "not given".
    bool is_absent() const { return type == Type::absent || type == Type::null; }
    bool is_text() const { return type == Type::text; }
    bool is_object() const { return type == Type::object; }
    bool is_array() const { return type == Type::array; }
    bool is_true() const { return type == Type::boolean && value == "true"; }
    std::optional<std::int64_t> integer() const;
    // The value as JSON again.
    std::string json() const;
};

// Immutable once read; copies are cheap enough for a request, not for a loop.
class Members {
public:
    Members() = default;
    // Nothing when the text is no JSON object or has a member twice.
    static std::optional<Members> parse(std::string_view object_json);
    // Of an object held as a member; empty when it is no object.
    static Members of(const Member& member);

    // Absent when there is none of that name.
    const Member& operator[](std::string_view name) const;
    const std::vector<std::pair<std::string, Member>>& all() const { return members_; }
    void add(std::string name, Member member);

private:
    std::vector<std::pair<std::string, Member>> members_;
};

// The items of a JSON array; empty when the text is none.
std::vector<Member> items_of(std::string_view array_json);

}  // namespace credence::surface::mcp
