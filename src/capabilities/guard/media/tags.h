// A forgiving scanner of tags and text, for HTML and for XML however broken: it never fails,
// expands no entity that the document itself declares, and moves forward with each token. Linear.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

inline constexpr std::size_t kMaxOpenElements = 512;  // kept; deeper ones count as text of these

enum class TagKind : std::uint8_t {
    text,
    raw_text,
    open,
    close,
    comment,
    declaration,
    instruction
};

struct Tag {
    TagKind token = TagKind::text;
    std::string_view name;  // of a tag, as written; with its prefix
    // What is between the delimiters: attributes of a tag, the text of the others.
    std::string_view content;
    ByteSpan at;
    bool empty = false;  // <name/>
};

class TagScanner {
public:
    // In HTML the content of script and style is not markup.
    TagScanner(std::string_view text, bool html) : text_(text), html_(html) {}
    // False at the end.
    bool next(Tag& tag);

private:
    bool raw_text(Tag& tag);
    void markup(Tag& tag);
    void element(Tag& tag);
    void until(Tag& tag, std::size_t from, std::string_view end);

    std::string_view text_;
    bool html_;
    std::size_t at_ = 0;
    std::string raw_until_;  // "</script"
};

// Reads attributes one by one: false at the end. `rest` starts as Tag::content.
struct Attribute {
    std::string_view name;
    std::string_view value;  // undecoded
};
bool next_attribute(std::string_view& rest, Attribute& attribute);
// The value of the attribute with this name, decoded; empty when there is none.
std::string attribute_of(const Tag& tag, std::string_view name);

// "svg:text" -> "text".
std::string_view local_name(std::string_view name);
// Entities decoded.
std::string decoded_text(std::string_view text);

bool is_one_of(std::string_view name, const auto& names) {
    return std::ranges::find(names, name) != std::ranges::end(names);
}

}  // namespace credence::guard
