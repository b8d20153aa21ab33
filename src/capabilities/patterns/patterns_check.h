// What a pattern may look like; the pure checks and helpers over its texts. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/shape.h"

namespace credence::patterns {

inline constexpr std::size_t kMaxNameBytes = 255;
inline constexpr std::size_t kMaxCategoryBytes = 100;
inline constexpr std::size_t kMaxDataBytes = std::size_t{64} << 10;
inline constexpr int kMaxDataDepth = 16;
inline constexpr std::size_t kMaxContextBytes = 4096;

// 1 to 255 bytes of UTF-8 once trimmed, no control characters. The trimmed name.
Result<std::string> clean_name(std::string_view name);

// [a-z0-9_-]{1,100}
Result<void> check_category(std::string_view category, std::string_view field);

// A JSON object of at most kMaxDataBytes, at most kMaxDataDepth deep.
Result<void> check_data(std::string_view json, std::string_view field);

// "1.2.3": three numbers without leading zeros, each at most six digits.
using Version = std::array<std::int64_t, 3>;
Result<Version> parse_version(std::string_view text);
std::string to_text(const Version& version);
// 1.0.0 -> 1.1.0
Version next_minor(const Version& version);

// The keys and strings of a JSON document, separated by spaces: what it can be found by.
std::string words_of(std::string_view json);

// The object with the members of `over` put over those of `base`; both are objects.
Result<std::string> overlaid(std::string_view base_json, std::string_view over_json);

// 1 - edit distance / longer length, over lower-case names: 1 for equal ones.
double name_similarity(std::string_view a, std::string_view b);

}  // namespace credence::patterns
