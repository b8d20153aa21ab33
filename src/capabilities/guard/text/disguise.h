// Disguises of normalised text: letters replaced by digits, letters kept apart. Pure and linear.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

// "1gn0r3 4ll" -> "ignore all", byte for byte; nothing unless several words look so written.
std::optional<std::string> undo_leetspeak(std::string_view text);

struct Joined {
    std::string text;
    OffsetMap map;
};

// "i g n o r e  a l l" or "i-g-n-o-r-e--a-l-l" -> "ignore all"; nothing without a run of such
// letters. Reads the raw text, where a wider gap still shows between words.
std::optional<Joined> join_separated(std::string_view raw);

std::string rot13(std::string_view text);

}  // namespace credence::guard
