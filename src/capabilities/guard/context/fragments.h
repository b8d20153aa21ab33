// Texts that only come together later: parts of a conversation, and values that an expression
// joins. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace credence::guard {

inline constexpr std::size_t kMaxVariables = 64;
inline constexpr std::size_t kMaxVariableBytes = 1024;
inline constexpr std::size_t kMaxAssembledBytes = 8192;

// What expressions over names and literals come to, one a line: from
//   a = "ign"; b = "ore all"; print(a + b)      f"{a}{b}"      "ign" + "ore"      c = a . b
// Assignments are "name = value", "name := value", "name is 'value'" and "name: 'value'"; what
// joins is any of + . , & ~ | ( ) [ ] { } $, blanks, "and", "then". Empty when nothing is joined.
// Linear.
std::string assembled(std::string_view text);

// Hashes (FNV-1a, 52 bits: exact as JSON numbers) of the words of normalised text, ascending and
// distinct, at most kMaxSketch; pairs of characters where words are not parted by blanks.
inline constexpr std::size_t kMaxSketch = 64;
std::vector<std::int64_t> word_sketch(std::string_view normalised);
// Shared words by the smaller of the two, [0, 1]; 0 when fewer than 2 are shared.
double sketch_overlap(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b);

// The answer declines a request. Looks at the beginning; of about fifteen languages.
bool is_refusal(std::string_view text);

}  // namespace credence::guard
