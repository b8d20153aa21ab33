// Ways of hiding text, for tests: each undone by some view.
#pragma once

#include <string>
#include <string_view>

namespace credence::guard::encode {

std::string base64(std::string_view text);
std::string base64_url(std::string_view text);
std::string base64_lines(std::string_view text);   // 24 letters a line
std::string base64_groups(std::string_view text);  // of 5, parted by blanks
std::string base32(std::string_view text);
std::string hex(std::string_view text);
// The bytes as numbers of the base.
std::string codes(std::string_view text, int base, std::string_view gap, std::string_view prefix);
// The code points as numbers.
std::string points(std::string_view text, std::string_view before, bool hexadecimal,
                   std::string_view after, int width = 1);
std::string percent(std::string_view text);
std::string json(std::string_view text);
std::string rotate(std::string_view text, int shift);
std::string atbash(std::string_view text);
std::string reversed(std::string_view text);
std::string words_reversed(std::string_view text);
std::string morse(std::string_view text);
std::string leet(std::string_view text);
std::string leet_signs(std::string_view text);
// `gap` between letters, `word_gap` between words.
std::string apart(std::string_view text, std::string_view gap, std::string_view word_gap);
// Each longer word cut twice.
std::string split(std::string_view text, std::string_view first, std::string_view second);
// Inner letters of longer words exchanged.
std::string scrambled(std::string_view text);
std::string full_width(std::string_view text);
std::string mathematical(std::string_view text);
std::string enclosed(std::string_view text);
std::string small_caps(std::string_view text);
std::string upside_down(std::string_view text);
std::string regional(std::string_view text);
std::string braille(std::string_view text);
std::string between(std::string_view text, std::string_view hidden);
std::string tag_characters(std::string_view text);
std::string selectors(std::string_view text);
std::string zero_width_bits(std::string_view text);
std::string homoglyphs(std::string_view text);
std::string alternating(std::string_view text);

}  // namespace credence::guard::encode
