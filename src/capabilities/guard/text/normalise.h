// Text as a reader (and a language model) understands it, in one canonical spelling.
//
// Folds by Unicode NFKC and case, strips marks from Latin and Greek letters, drops invisible and
// direction characters, variation selectors and tags, collapses blanks, spells typographic quotes,
// dashes and full stops in ASCII, and folds confusable Cyrillic, Greek and similar letters to Latin
// inside mixed-script words or lookalike words among Latin ones (so real Cyrillic and Greek
// survive). Linear in the input; an ASCII text costs about 1 ns a byte. Invalid UTF-8 bytes become
// '?'.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

// How much was hidden or disguised: each counts characters.
struct NormaliseCounts {
    std::uint32_t invisible = 0;
    std::uint32_t bidi = 0;
    std::uint32_t tags = 0;
    std::uint32_t selectors = 0;
    std::uint32_t marks = 0;       // combining marks stripped
    std::uint32_t lookalikes = 0;  // letters folded to the Latin one they imitate
    std::uint32_t invalid = 0;     // bytes that are not UTF-8
};

struct Normalised {
    std::string text;
    OffsetMap map;                      // positions in text -> bytes of the input
    std::vector<std::uint32_t> breaks;  // positions in text that begin a new line of the input
    NormaliseCounts counts;
    bool ascii = true;  // the input was all ASCII
};

// Fills *out, reusing its memory. Input up to 4 GiB. Thread-safe.
void normalise(std::string_view input, Normalised& out);

// Just the text, for tests and for compiling rule packs.
std::string normalised_text(std::string_view input);

}  // namespace credence::guard
