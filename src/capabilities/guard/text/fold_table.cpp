#include "capabilities/guard/text/fold_table.h"

#include <string>

#include "base/check.h"

extern "C" {
extern const unsigned char credence_guard_fold_begin[];
extern const unsigned char credence_guard_fold_end[];
}

namespace credence::guard {

FoldTable::FoldTable(const unsigned char* bytes, std::size_t size) {
    const auto* header = reinterpret_cast<const FoldHeader*>(bytes);
    CHECK(size > sizeof(FoldHeader) && header->magic == kFoldMagic, "fold table is damaged");
    bytes += sizeof(FoldHeader);
    block_of_ = reinterpret_cast<const std::uint16_t*>(bytes);
    bytes += kFoldBlocks * sizeof(std::uint16_t);
    entries_ = reinterpret_cast<const std::uint32_t*>(bytes);
    bytes += std::size_t{header->entry_blocks} * kFoldBlockSize * sizeof(std::uint32_t);
    pool_ = reinterpret_cast<const char*>(bytes);
}

const FoldTable& FoldTable::embedded() {
    static const FoldTable table(
        credence_guard_fold_begin,
        static_cast<std::size_t>(credence_guard_fold_end - credence_guard_fold_begin));
    return table;
}

Fold FoldTable::operator[](char32_t code_point) const {
    const std::size_t block = block_of_[code_point / kFoldBlockSize];
    const std::uint32_t entry = entries_[block * kFoldBlockSize + code_point % kFoldBlockSize];
    Fold fold;
    fold.kind = static_cast<CharClass>(entry & 7U);
    fold.script = static_cast<Script>((entry >> 3U) & 15U);
    fold.lookalike = static_cast<char>((entry >> 8U) & 0xFFU);
    if (const std::uint32_t offset = entry >> 16U; offset != 0) {
        fold.changed = true;
        fold.text = std::string_view(pool_ + offset + 1, static_cast<unsigned char>(pool_[offset]));
    }
    return fold;
}

CodePoint decode_utf8(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) {
        return {first, 1, true};
    }
    std::uint8_t length = 0;
    char32_t value = 0;
    char32_t minimum = 0;
    if ((first & 0xE0U) == 0xC0U) {
        length = 2, value = first & 0x1FU, minimum = 0x80;
    } else if ((first & 0xF0U) == 0xE0U) {
        length = 3, value = first & 0x0FU, minimum = 0x800;
    } else if ((first & 0xF8U) == 0xF0U) {
        length = 4, value = first & 0x07U, minimum = 0x10000;
    }
    if (length == 0 || at + length > text.size()) {
        return {};
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) {
            return {};
        }
        value = (value << 6U) | (byte(i) & 0x3FU);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < minimum || value > 0x10FFFF || surrogate) {
        return {};
    }
    return {value, length, true};
}

void append_utf8(char32_t c, std::string& out) {
    const auto put = [&out](char32_t bits) { out.push_back(static_cast<char>(bits)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0U | (c >> 6U));
        put(0x80U | (c & 0x3FU));
    } else if (c < 0x10000) {
        put(0xE0U | (c >> 12U));
        put(0x80U | ((c >> 6U) & 0x3FU));
        put(0x80U | (c & 0x3FU));
    } else {
        put(0xF0U | (c >> 18U));
        put(0x80U | ((c >> 12U) & 0x3FU));
        put(0x80U | ((c >> 6U) & 0x3FU));
        put(0x80U | (c & 0x3FU));
    }
}

}  // namespace credence::guard
