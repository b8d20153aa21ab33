// What every code point becomes in normalised text. Read-only, embedded, thread-safe, about 1 ns a
// look-up. Built from ICU's Unicode data by guard_fold_compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "capabilities/guard/text/fold_format.h"

namespace credence::guard {

struct Fold {
    CharClass kind = CharClass::plain;
    Script script = Script::other;
    char lookalike = 0;     // ASCII letter it can be mistaken for
    bool changed = false;   // text replaces the character
    std::string_view text;  // UTF-8, when changed; may be empty
};

class FoldTable {
public:
    // The embedded table.
    static const FoldTable& embedded();
    Fold operator[](char32_t code_point) const;

private:
    FoldTable(const unsigned char* bytes, std::size_t size);

    const std::uint16_t* block_of_ = nullptr;
    const std::uint32_t* entries_ = nullptr;
    const char* pool_ = nullptr;
};

struct CodePoint {
    char32_t value = 0xFFFD;
    std::uint8_t bytes = 1;  // consumed
    bool valid = false;
};

// Decodes the UTF-8 sequence at text[at]; an invalid byte is one byte long and not valid.
CodePoint decode_utf8(std::string_view text, std::size_t at);
void append_utf8(char32_t code_point, std::string& out);

}  // namespace credence::guard
