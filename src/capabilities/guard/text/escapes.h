// Undoing the escapes of URLs, HTML, JSON and programming languages. Pure and linear; one level.
#pragma once

#include <string_view>

#include "capabilities/guard/text/rewrite.h"

namespace credence::guard {

// %41 %u0041, and + for a blank where percent signs stand for blanks too or no blank occurs.
Rewritten unescape_percent(std::string_view source);
// &lt; &#65; &#x41;
Rewritten unescape_entities(std::string_view source);

struct UnescapedBackslashes {
    Rewritten rewritten;
    // Escapes that spell a letter, digit or sign (\u0041 \x41 \101 \u{41} U+0041), as against \n,
    // which ordinary strings are full of.
    std::size_t spelled = 0;
};
// \u0041 \x41 \u{41} \U00000041 \101 \n \" and U+0041; surrogate pairs are joined.
UnescapedBackslashes unescape_backslashes(std::string_view source);

// What the HTML entity of this name, without '&' and ';', stands for; empty when unknown.
std::string_view entity(std::string_view name);

}  // namespace credence::guard
