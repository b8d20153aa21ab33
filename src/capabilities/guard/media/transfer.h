// Encodings of bytes as text, in mail and in PDF. Pure and linear; what does not belong is skipped.
#pragma once

#include <string>
#include <string_view>

namespace credence::guard {

std::string from_base64_lines(std::string_view text);
std::string from_quoted_printable(std::string_view text);
std::string from_hex_lines(std::string_view text);  // up to '>'
std::string from_ascii85(std::string_view text);    // up to "~>"

}  // namespace credence::guard
