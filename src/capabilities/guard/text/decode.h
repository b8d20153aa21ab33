// Encodings of whole stretches of text: base64, base32, hex. Pure and linear; each refuses what
// does not decode to text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "capabilities/guard/text/codes.h"

namespace credence::guard {

// Standard or URL alphabet, padding and line breaks optional. Nothing unless it is readable text.
std::optional<std::string> decode_base64_text(std::string_view encoded);
// RFC 4648 alphabet, either case, padding optional; blanks are skipped.
std::optional<std::string> decode_base32_text(std::string_view encoded);
// Pairs of hex digits; blanks, ':', ',' and "0x" or "\x" before a pair are allowed.
std::optional<std::string> decode_hex_text(std::string_view encoded);

// At least nine tenths printable, valid UTF-8.
bool is_readable(std::string_view bytes);

// Where unbroken runs of an encoding's letters, or such runs wrapped over lines, stand in raw text.
// Looks at few bytes of ordinary text.
class BlobFinder {
public:
    explicit BlobFinder(std::string_view text) : text_(text) {}
    // The next run; empty at the end.
    ByteSpan next();

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

// What a run reads as; `most` bytes of it are looked at. Empty text: nothing.
struct Blob {
    enum class Encoding : unsigned char { base64, base32, hexadecimal, binary };
    Encoding encoding = Encoding::base64;
    Decoded decoded;
};
std::optional<Blob> decode_blob(std::string_view raw, ByteSpan run);

// Base64 (or base32) cut into groups by blanks or short lines.
std::optional<Blob> decode_groups(std::string_view raw, ByteSpan groups);
// The next such groups from `at` (three or more, of an encoding's letters, most of them unlike
// words); empty at the end.
ByteSpan next_groups(std::string_view raw, std::size_t at);

}  // namespace credence::guard
