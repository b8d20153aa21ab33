// The heads of literals (literals.h), by their bytes: where in a text do they stand?
//
// A literal that begins with an ASCII letter, digit or '_' never continues a word to the left
// (Pattern::kLeftEdge), so its head is looked for at the first byte of a word and nowhere else; any
// other head is looked for wherever its first byte stands. Small tables say whether any head may
// begin with the bytes there, and mostly none may: about 3 ns a word, where a search for all heads
// at every byte costs about 3 ns a byte.
#pragma once

#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "capabilities/guard/rules/literals.h"

namespace credence::guard {

// Immutable once made; thread-safe.
class HeadIndex {
public:
    HeadIndex() = default;
    // Of literals that are sound(). A few hundred microseconds.
    explicit HeadIndex(const Literals& literals);

    // Calls found(head, end) for every head in `text`, from byte `from` on, in the order of where
    // they begin, the shorter first, until it returns false. No head begins before `from`. Linear
    // in the text.
    template <class Found>
    void each(std::string_view text, std::size_t from, const Found& found) const {
        bool in_word = from > 0 && is_word(text[from - 1]);
        for (std::size_t at = from; at < text.size(); at += kBlock) {
            const Block block = read(text, at);
            const std::uint64_t starts = block.words & ~((block.words << 1U) | (in_word ? 1U : 0U));
            in_word = (block.words >> (kBlock - 1)) != 0;
            for (std::uint64_t bits = starts | block.others; bits != 0; bits &= bits - 1) {
                const std::size_t place = at + static_cast<unsigned>(std::countr_zero(bits));
                if (begins_[static_cast<unsigned char>(text[place])] && !look(text, place, found)) {
                    return;
                }
            }
        }
    }

private:
    static constexpr std::size_t kBlock = 64;
    static constexpr std::size_t kHeadBytes = Literals::kHeadBytes;
    static constexpr unsigned kBits = 16;  // of a place in a table
    // Heads of so many bytes or more are told apart by so many.
    static constexpr std::size_t kFour = 4;
    static constexpr std::size_t kSix = 6;
    // Sizes of heads: bit 0 stands for one byte.
    static constexpr unsigned kSizesByThree = 0b0000'0111;
    static constexpr unsigned kSizesByFour = 0b0001'1000;
    static constexpr unsigned kSizesBySix = 0b0110'0000;
    static constexpr unsigned kSizesByEight = 0b1000'0000;
    static constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;

    struct Cell {
        std::uint64_t key = 0;  // the head, in byte order, zeros after it
        std::uint32_t head = 0;
        std::uint32_t size = 0;  // 0: empty
    };
    // One bit a byte.
    struct Block {
        std::uint64_t words = 0;   // ASCII letters, digits and '_'
        std::uint64_t others = 0;  // that are no such byte and may begin a head
    };

    static bool is_word(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    static std::uint64_t low(std::uint64_t bytes, std::size_t size) {
        return bytes & (~std::uint64_t{0} >> (64 - 8 * size));
    }
    std::size_t cell_of(std::uint64_t key) const { return (key * kMix) >> cell_shift_; }

    // A set of beginnings of heads, by their first `Bytes` bytes; now and then holds another, too.
    template <std::size_t Bytes>
    struct Beginnings {
        std::array<std::uint64_t, (std::size_t{1} << kBits) / 64> bits{};

        static std::size_t place_of(std::uint64_t bytes) {
            return ((bytes << (64 - 8 * Bytes)) * kMix) >> (64 - kBits);
        }
        void add(std::uint64_t bytes) {
            bits[place_of(bytes) / 64] |= std::uint64_t{1} << (place_of(bytes) % 64);
        }
        // All ones when the beginning may be there, else 0.
        unsigned mask(std::uint64_t bytes) const {
            const std::size_t place = place_of(bytes);
            return 0U - static_cast<unsigned>((bits[place / 64] >> (place % 64)) & 1U);
        }
    };

    // The bytes from `place` on, zeros after the end of the text.
    static std::uint64_t load(std::string_view text, std::size_t place) {
        std::uint64_t bytes = 0;
        if (place + kHeadBytes <= text.size()) [[likely]] {
            std::memcpy(&bytes, text.data() + place, kHeadBytes);
        } else {
            std::memcpy(&bytes, text.data() + place, text.size() - place);
        }
        return bytes;
    }

    Block read(std::string_view text, std::size_t at) const {
        std::array<char, kBlock> last;
        const char* bytes = text.data() + at;
        std::uint64_t inside = ~std::uint64_t{0};
        if (at + kBlock > text.size()) {
            const std::size_t left = text.size() - at;
            last.fill(' ');
            std::memcpy(last.data(), bytes, left);
            bytes = last.data();
            inside >>= kBlock - left;
        }
        Block block;
        std::uint64_t skipped = 0;
        const __m128i skip = _mm_set1_epi8(skipped_);
        for (unsigned i = 0; i < kBlock / 16; ++i) {
            const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
            const __m128i from_a = _mm_sub_epi8(part, _mm_set1_epi8('a'));
            const __m128i from_0 = _mm_sub_epi8(part, _mm_set1_epi8('0'));
            const __m128i letters = _mm_cmpeq_epi8(_mm_min_epu8(from_a, _mm_set1_epi8(25)), from_a);
            const __m128i digits = _mm_cmpeq_epi8(_mm_min_epu8(from_0, _mm_set1_epi8(9)), from_0);
            const __m128i words = _mm_or_si128(_mm_or_si128(letters, digits),
                                               _mm_cmpeq_epi8(part, _mm_set1_epi8('_')));
            block.words |= bits_of(words) << (16 * i);
            skipped |= bits_of(_mm_cmpeq_epi8(part, skip)) << (16 * i);
        }
        block.words &= inside;
        block.others = ~(block.words | skipped) & inside;
        return block;
    }
    static std::uint64_t bits_of(__m128i bytes) {
        return static_cast<std::uint32_t>(_mm_movemask_epi8(bytes));
    }

    // Every head that begins at `place`.
    template <class Found>
    bool look(std::string_view text, std::size_t place, const Found& found) const {
        const std::uint64_t bytes = load(text, place);
        unsigned sizes =
            (by_three_.mask(bytes) & kSizesByThree) | (by_four_.mask(bytes) & kSizesByFour) |
            (by_six_.mask(bytes) & kSizesBySix) | (by_eight_.mask(bytes) & kSizesByEight);
        sizes &= sizes_;
        for (; sizes != 0; sizes &= sizes - 1) {
            const auto size = static_cast<std::size_t>(std::countr_zero(sizes)) + 1;
            const std::uint64_t key = low(bytes, size);
            const Cell* cell = find(key, size);
            if (cell != nullptr && !found(std::size_t{cell->head}, place + size)) {
                return false;
            }
        }
        return true;
    }
    const Cell* find(std::uint64_t key, std::size_t size) const {
        for (std::size_t at = cell_of(key); cells_[at].size != 0;
             at = (at + 1) & (cells_.size() - 1)) {
            if (cells_[at].key == key && cells_[at].size == size) {
                return &cells_[at];
            }
        }
        return nullptr;
    }
    void add(std::string_view head, std::uint32_t number);

    std::array<bool, 256> begins_{};  // bytes that some head begins with
    char skipped_ = ' ';              // a frequent byte that none begins with
    unsigned sizes_ = 0;              // of all heads
    Beginnings<kFour - 1> by_three_;
    Beginnings<kFour> by_four_;
    Beginnings<kSix> by_six_;
    Beginnings<kHeadBytes> by_eight_;
    std::vector<Cell> cells_;  // a power of two, at most half full
    unsigned cell_shift_ = 0;
};

}  // namespace credence::guard
