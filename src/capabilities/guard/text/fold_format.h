// Layout of the fold table, shared by the program that builds it and the code that reads it.
//
// One 32-bit entry a code point, in a two-stage table (blocks of 256, equal blocks stored once):
//   bits 0-2   CharClass      bits 3-6   Script
//   bits 8-15  ASCII letter this one can be mistaken for, or 0
//   bits 16-31 offset into the string pool of the folded UTF-8 (length byte first); 0: unchanged
#pragma once

#include <cstdint>

namespace credence::guard {

enum class CharClass : std::uint8_t {
    plain,      // a letter, digit, sign or symbol
    invisible,  // dropped: zero width, default ignorable
    bidi,       // dropped: direction control
    tag,        // dropped: U+E0000 block
    selector,   // dropped: variation selector
    combining,  // dropped after a Latin base, kept elsewhere
    space,      // collapses like a blank
    compose,    // needs its neighbours: normalised by ICU together with them
};

enum class Script : std::uint8_t { other, latin, cyrillic, greek, lookalike, spaceless, rare };

inline constexpr std::uint32_t kFoldMagic = 0x31444C46;  // "FLD1"
inline constexpr std::uint32_t kFoldBlockSize = 256;
inline constexpr std::uint32_t kFoldBlocks = 0x110000 / kFoldBlockSize;

struct FoldHeader {
    std::uint32_t magic;
    std::uint32_t entry_blocks;  // distinct blocks of entries
    std::uint32_t pool_bytes;
    std::uint32_t reserved;
    // followed by std::uint16_t block_of[kFoldBlocks], entries, pool
};

constexpr std::uint32_t pack_fold(CharClass kind, Script script, std::uint32_t lookalike,
                                  std::uint32_t pool_offset) {
    return static_cast<std::uint32_t>(kind) | (static_cast<std::uint32_t>(script) << 3U) |
           (lookalike << 8U) | (pool_offset << 16U);
}

}  // namespace credence::guard
