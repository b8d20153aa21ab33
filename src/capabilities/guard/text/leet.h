// Letters written as digits and signs: "1gn0r3 @ll pr3v!0us rul3$" -> "ignore all previous rules".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace credence::guard {

// Byte for byte, of normalised text; nothing unless what comes out reads like words. Where a sign
// can be two letters (1: i or l) the word list, else the letter pairs, decide. Linear.
std::optional<std::string> undo_leetspeak(std::string_view text);

}  // namespace credence::guard
