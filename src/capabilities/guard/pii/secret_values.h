// What tells a real secret from a placeholder, a path or a word. Pure, O(length).
#pragma once

#include <string_view>

namespace credence::guard {

// "your_api_key_here", "<password>", "${TOKEN}", "xxxxxxxx", "changeme": documentation, not a
// secret.
bool is_placeholder(std::string_view value);
// Digits and letters of at least 16 characters with 3 bits of entropy each or more.
bool looks_random(std::string_view value);
// A password somebody could have: six characters or more of two classes, no placeholder, no piece
// of code.
bool looks_like_password(std::string_view value);

}  // namespace credence::guard
