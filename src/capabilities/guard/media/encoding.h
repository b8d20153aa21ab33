// Text of foreign encodings as UTF-8. Pure and linear; what is not text in the encoding becomes
// U+FFFD or is left out, never an error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

// Nothing for a surrogate or a value above U+10FFFF.
void append_utf8(std::string& out, char32_t code);

std::string from_latin1(std::string_view bytes);
std::string from_windows1252(std::string_view bytes);
// One byte of the Windows code page 1252; U+FFFD for the five bytes without a character.
char32_t windows1252(unsigned char byte);
// A byte order mark overrides `endian`; an odd last byte is dropped.
std::string from_utf16(std::string_view bytes, Endian endian);
std::string from_utf32(std::string_view bytes, Endian endian);

// Text of an unknown encoding: a byte order mark, else UTF-16 by its zero bytes, else UTF-8, else
// code page 1252.
std::string from_unknown(std::string_view bytes);
// Whether bytes read like text in one of those: next to no control characters.
bool looks_like_text(std::string_view bytes);

// Stretches of at least min_bytes printable UTF-8 that hold a blank, as found between binary data.
std::vector<ByteSpan> text_runs(std::string_view bytes, std::size_t min_bytes);

}  // namespace credence::guard
