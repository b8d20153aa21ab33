// ASCII classes and separators that the finders of personal data share. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace credence::guard {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

constexpr bool is_alphanumeric(char c) {
    return is_digit(c) || is_letter(c);
}

constexpr bool is_hex_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
}

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c;
}

// Bytes of a character of UTF-8 outside ASCII.
constexpr bool is_wide(char c) {
    return (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// Bytes of the blank or hyphen at `at` that may part the groups of a number; 0 when there is none.
// Knows no-break blanks (U+00A0, U+202F) and the hyphens U+2010 to U+2013.
constexpr std::size_t gap_bytes(std::string_view text, std::size_t at) {
    if (at >= text.size()) {
        return 0;
    }
    if (text[at] == ' ' || text[at] == '-') {
        return 1;
    }
    if (!is_wide(text[at])) {
        return 0;
    }
    const std::string_view rest = text.substr(at, 3);
    if (rest.starts_with("\xC2\xA0")) {
        return 2;
    }
    if (rest == "\xE2\x80\xAF") {
        return 3;
    }
    const bool hyphen =
        rest.size() == 3 && rest.starts_with("\xE2\x80") && rest[2] >= '\x90' && rest[2] <= '\x93';
    return hyphen ? 3 : 0;
}

}  // namespace credence::guard
