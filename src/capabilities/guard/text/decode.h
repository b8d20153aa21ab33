// Undoing encodings that hide text. Pure and linear; each refuses what does not decode to text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

// Standard or URL alphabet, padding and line breaks optional. Nothing unless it is readable text.
std::optional<std::string> decode_base64_text(std::string_view encoded);
// Pairs of hex digits; blanks, ':' and "0x" or "\x" before a pair are allowed.
std::optional<std::string> decode_hex_text(std::string_view encoded);

// At least nine tenths printable, valid UTF-8.
bool is_readable(std::string_view bytes);

struct Unescaped {
    std::string text;
    OffsetMap map;          // positions in text -> bytes of the source
    std::size_t count = 0;  // escapes undone
};

// %41 and + (when percent signs occur), &lt; &#65; &#x41;, \u0041 \x41 \n: one level.
Unescaped unescape_percent(std::string_view source);
Unescaped unescape_entities(std::string_view source);
Unescaped unescape_backslashes(std::string_view source);

}  // namespace credence::guard
