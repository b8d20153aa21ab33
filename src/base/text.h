// Small text helpers. ASCII unless said otherwise; all thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace credence {

bool is_valid_utf8(std::string_view bytes);
// Invalid sequences become U+FFFD.
std::string to_valid_utf8(std::string_view bytes);

std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
// "ApiKeys" -> "api_keys".
std::string to_snake_case(std::string_view name);
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

// Levenshtein distance: insertions, deletions and substitutions of bytes. Quadratic: for names.
std::size_t edit_distance(std::string_view a, std::string_view b);

// Whole text as a decimal integer, or nothing.
std::optional<std::int64_t> parse_integer(std::string_view text);

std::string to_hex(std::span<const std::uint8_t> bytes);
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);
std::string to_base64url(std::span<const std::uint8_t> bytes);  // no padding

// 0 to 15; of what is no hexadecimal digit, 16.
constexpr unsigned hex_value(char digit) {
    if (digit >= '0' && digit <= '9') {
        return static_cast<unsigned>(digit - '0');
    }
    const char lower = static_cast<char>(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a') + 10 : 16;
}
// SHA-256 as hex digits, lower case (libsodium).
inline constexpr std::size_t kSha256Digits = 64;
std::string sha256_hex(std::string_view bytes);

// "%41" -> "A", "+" -> " " when asked. Code::invalid on broken escapes.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space);

// Reads a file of at most max_bytes. Code::not_found, too_large or unavailable.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

}  // namespace credence
