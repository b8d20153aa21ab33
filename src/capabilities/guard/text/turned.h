// Text turned as a whole: letters rotated (ROT13 and the other Caesar shifts) or mirrored (Atbash),
// letters or words in reverse order, inner letters of words scrambled. Reads normalised text. Pure,
// linear, without memory beyond the result.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/text/offset_map.h"
#include "capabilities/guard/text/rewrite.h"

namespace credence::guard {

// Turns every a-z letter by `shift` places; shift kMirror swaps a with z.
inline constexpr int kMirror = 26;
std::string rotated(std::string_view text, int shift);

// The characters in the opposite order.
std::string backwards(std::string_view text);

// What one pass over the words found.
struct WordLook {
    struct Part {
        ByteSpan span;
        int shift = 0;  // 0: reversed
    };
    std::vector<Part> turned;      // stretches that read markedly better turned, ascending
    int misspelled = 0;            // evidence of scrambled key words
    bool words_backwards = false;  // "instructions previous all ignore"
    bool run_together = false;     // an unlisted token of many letters
    std::size_t effort = 0;        // nanoseconds it took, about; the same on every machine
};
// About 1.5 ns a byte of English prose.
WordLook look_at_words(std::string_view text);

// The parts with this shift, turned back, the rest left out. `kept`, when not empty, names the
// bytes that were not turned by who turned the rest (letters that carried marks).
Rewritten turn_rotated(std::string_view text, const std::vector<WordLook::Part>& parts, int shift,
                       const std::vector<bool>& kept);
// The parts with shift 0, cut out but not yet turned.
Rewritten cut_reversed(std::string_view text, const std::vector<WordLook::Part>& parts);

// Scrambled and mistyped words replaced by the listed words they were meant as.
Rewritten correct_words(std::string_view text);

// The words of each sentence in the opposite order.
std::string words_backwards(std::string_view text);

}  // namespace credence::guard
