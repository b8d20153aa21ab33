// The words of normalised text, one after the other: runs of lower-case Latin letters and of bytes
// of other scripts. 64 bytes are classified at a time, so that a word costs no loop over its bytes.
#pragma once

#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

// Of 64 bytes, one bit each: which are part of a word.
inline std::uint64_t word_bits(const char* bytes) {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < 4; ++i) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
        const __m128i from_a = _mm_sub_epi8(block, _mm_set1_epi8('a'));
        const __m128i letters = _mm_cmpeq_epi8(_mm_min_epu8(from_a, _mm_set1_epi8(25)), from_a);
        const auto mask =
            static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_or_si128(letters, block)));
        bits |= std::uint64_t{mask} << (16 * i);
    }
    return bits;
}

// Not thread-safe. `text` must outlive it.
class WordSpans {
public:
    explicit WordSpans(std::string_view text) : text_(text) { load(0); }

    // The next word; empty, at the end of the text, after the last.
    [[gnu::always_inline]] ByteSpan next() {
        while (bits_ == 0) {
            if (block_ + kBlock >= text_.size()) {
                return {text_.size(), text_.size()};
            }
            load(block_ + kBlock);
        }
        const auto from = static_cast<unsigned>(std::countr_zero(bits_));
        const std::size_t start = block_ + from;
        // The bits from the word's first on, inverted: the first one set ends it.
        std::uint64_t ends = ~(bits_ >> from);
        std::size_t end = start + static_cast<unsigned>(std::countr_zero(ends));
        if (end < block_ + kBlock) {
            bits_ &= ~std::uint64_t{0} << (end - block_);
            return {start, end};
        }
        return grown(start, end);
    }

private:
    static constexpr std::size_t kBlock = 64;

    // A word that goes on in the next block, or ends with this one.
    [[gnu::noinline]] ByteSpan grown(std::size_t start, std::size_t end) {
        while (block_ + kBlock < text_.size()) {
            load(block_ + kBlock);
            const auto more = static_cast<unsigned>(std::countr_one(bits_));
            end = block_ + more;
            if (more < kBlock) {
                bits_ &= ~std::uint64_t{0} << more;
                return {start, end};
            }
        }
        bits_ = 0;
        return {start, end};
    }

    void load(std::size_t at) {
        block_ = at;
        const char* bytes = text_.data() + at;
        if (at + kBlock > text_.size()) {
            std::copy(text_.begin() + static_cast<std::ptrdiff_t>(at), text_.end(), last_.begin());
            bytes = last_.data();
        }
        bits_ = word_bits(bytes);
    }

    std::string_view text_;
    std::size_t block_ = 0;
    std::uint64_t bits_ = 0;           // word bytes of the block that are still to come
    std::array<char, kBlock> last_{};  // what the text ends with, where no whole block is left
};

}  // namespace credence::guard
