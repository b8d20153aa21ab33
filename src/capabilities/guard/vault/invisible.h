// Removes what no reader sees and what changes the order of what he sees. Pure, linear, idempotent.
#pragma once

#include <string>
#include <string_view>

namespace credence::guard {

// Without tag characters (but in flags), variation selectors that select nothing, direction
// characters, zero-width blanks, soft hyphens and control characters other than line breaks and
// tabs. Joiners stay between letters of scripts that need them and inside emoji. Bytes that are no
// UTF-8 stay as they are.
std::string without_invisible(std::string_view text);

}  // namespace credence::guard
