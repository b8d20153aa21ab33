// Text carried by characters that do not show, or that show in another order or another shape.
// Reads raw text; pure and linear.
#pragma once

#include <string_view>

#include "capabilities/guard/text/rewrite.h"

namespace credence::guard {

// Tag characters (U+E0020..7E) as the ASCII they stand for, and nothing else; count: characters.
Rewritten reveal_tags(std::string_view raw);
// Bytes smuggled as variation selectors (U+FE00..0F: 0 to 15, U+E0100..EF: 16 to 255).
Rewritten reveal_selectors(std::string_view raw);
// Bits written with two zero-width characters, eight to a byte, whichever stands for 1; empty text
// when they do not spell anything.
Rewritten reveal_zero_width(std::string_view raw);

// The text in the order in which it is displayed: what a direction override (U+202D, U+202E) turns
// is turned. count: overridden runs.
Rewritten displayed_order(std::string_view raw);

// Letters that look like others upside down, as those others; count: such letters. The result still
// runs backwards.
Rewritten turn_upside_down(std::string_view raw);

}  // namespace credence::guard
