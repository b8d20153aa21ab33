// Text written as numbers or signals: "73 103 110", "0x49, 0x67", "01001001 01100111", Morse. Reads
// raw text; pure and linear.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

struct Decoded {
    ByteSpan span;  // of the encoded part
    std::string text;
    bool hexadecimal = false;
};

// Lists of at least five character codes: binary, octal, decimal or hexadecimal, with or without
// prefixes (0x, 0b, 0o, \x, x, h, u+), parted by blanks, commas and the like. Only what reads as
// text.
std::vector<Decoded> decode_number_lists(std::string_view raw);

// Runs of at least five letters in Morse, '/' '|' or a wider gap between words.
std::vector<Decoded> decode_morse(std::string_view raw);

}  // namespace credence::guard
