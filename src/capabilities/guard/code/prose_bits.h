// What prose mostly consists of, 64 bytes at a time: so that a look for signs of code need only
// walk the other bytes.
#pragma once

#include <emmintrin.h>

#include <cstddef>
#include <cstdint>

namespace credence::guard {

inline constexpr std::size_t kProseBlock = 64;

// Of kProseBlock bytes, one bit each: those that are no ASCII letter, blank or comma.
inline std::uint64_t unlike_prose(const char* bytes) {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < kProseBlock / 16; ++i) {
        const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
        const __m128i from_a =
            _mm_sub_epi8(_mm_or_si128(part, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
        const __m128i letters = _mm_cmpeq_epi8(_mm_min_epu8(from_a, _mm_set1_epi8(25)), from_a);
        const __m128i blanks = _mm_cmpeq_epi8(part, _mm_set1_epi8(' '));
        const __m128i commas = _mm_cmpeq_epi8(part, _mm_set1_epi8(','));
        const auto plain = static_cast<std::uint32_t>(
            _mm_movemask_epi8(_mm_or_si128(letters, _mm_or_si128(blanks, commas))));
        bits |= std::uint64_t{plain} << (16 * i);
    }
    return ~bits;
}

}  // namespace credence::guard
