#include "engine/vectors/vector_kernels.h"

#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace credence::vectors {
namespace {

void dot_scalar(const std::int8_t* query, const std::int8_t* rows, std::size_t count,
                std::size_t dimension, std::int32_t* out) {
    for (std::size_t row = 0; row < count; ++row) {
        const std::int8_t* values = rows + row * dimension;
        std::int32_t sum = 0;
        for (std::size_t i = 0; i < dimension; ++i) {
            sum += std::int32_t{query[i]} * values[i];
        }
        out[row] = sum;
    }
}

void bits_scalar(const std::uint64_t* query, const std::uint64_t* rows, std::size_t count,
                 std::size_t words, std::uint16_t* out) {
    for (std::size_t row = 0; row < count; ++row) {
        int sum = 0;
        for (std::size_t i = 0; i < words; ++i) {
            sum += std::popcount(query[i] ^ rows[row * words + i]);
        }
        out[row] = static_cast<std::uint16_t>(sum);
    }
}

void signs_scalar(const std::int8_t* values, const std::int8_t* signs, std::size_t size,
                  std::int32_t* scratch, std::uint64_t* bits) {
    for (std::size_t i = 0; i < size; ++i) {
        scratch[i] = signs[i] * values[i];
    }
    const std::size_t block = size & (~size + 1);
    for (std::size_t half = 1; half < block; half *= 2) {
        for (std::size_t from = 0; from < size; from += 2 * half) {
            for (std::size_t i = from; i < from + half; ++i) {
                const std::int32_t a = scratch[i];
                const std::int32_t b = scratch[i + half];
                scratch[i] = a + b;
                scratch[i + half] = a - b;
            }
        }
    }
    for (std::size_t word = 0; word < size / 64; ++word) {
        std::uint64_t packed = 0;
        for (std::size_t i = 0; i < 64; ++i) {
            packed |= std::uint64_t{scratch[word * 64 + i] > 0} << i;
        }
        bits[word] = packed;
    }
}

constexpr Kernels kScalar{"scalar", dot_scalar, dot_scalar, bits_scalar, signs_scalar};

#if defined(__x86_64__)

__attribute__((target("popcnt"))) void bits_popcnt(const std::uint64_t* query,
                                                   const std::uint64_t* rows, std::size_t count,
                                                   std::size_t words, std::uint16_t* out) {
    if (words == 4) {  // the built-in embedder: a loop of known length is faster
        for (std::size_t row = 0; row < count; ++row, rows += 4) {
            long long sum = 0;
            for (std::size_t i = 0; i < 4; ++i) {
                sum += __builtin_popcountll(query[i] ^ rows[i]);
            }
            out[row] = static_cast<std::uint16_t>(sum);
        }
        return;
    }
    for (std::size_t row = 0; row < count; ++row) {
        int sum = 0;
        for (std::size_t i = 0; i < words; ++i) {
            sum += __builtin_popcountll(query[i] ^ rows[row * words + i]);
        }
        out[row] = static_cast<std::uint16_t>(sum);
    }
}

__attribute__((target("avx2"))) inline std::int32_t sum_of(__m256i both) {
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
    return _mm_cvtsi128_si32(sum);
}

__attribute__((target("avx2"))) inline __m256i widen(const std::int8_t* at) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
}

__attribute__((target("avx2"))) void dot_avx2(const std::int8_t* query, const std::int8_t* rows,
                                              std::size_t count, std::size_t dimension,
                                              std::int32_t* out) {
    for (std::size_t row = 0; row < count; ++row) {
        const std::int8_t* values = rows + row * dimension;
        __m256i even = _mm256_setzero_si256();
        __m256i odd = _mm256_setzero_si256();
        for (std::size_t i = 0; i < dimension; i += 32) {
            even = _mm256_add_epi32(even, _mm256_madd_epi16(widen(query + i), widen(values + i)));
            odd = _mm256_add_epi32(
                odd, _mm256_madd_epi16(widen(query + i + 16), widen(values + i + 16)));
        }
        out[row] = sum_of(_mm256_add_epi32(even, odd));
    }
}

// Products of |query| and of the row with the query's signs, added in pairs: at most 2 * 127 * 127,
// which fits into 16 bits.
__attribute__((target("avx2"))) inline __m256i short_products(__m256i query, __m256i size,
                                                              const std::int8_t* row) {
    const __m256i values = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row));
    return _mm256_madd_epi16(_mm256_maddubs_epi16(size, _mm256_sign_epi8(values, query)),
                             _mm256_set1_epi16(1));
}

__attribute__((target("avx2"))) void dot_within_127_avx2(const std::int8_t* query,
                                                         const std::int8_t* rows, std::size_t count,
                                                         std::size_t dimension, std::int32_t* out) {
    std::size_t row = 0;
    for (; row + 4 <= count; row += 4) {
        const std::int8_t* values = rows + row * dimension;
        __m256i sums[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
                           _mm256_setzero_si256()};
        for (std::size_t i = 0; i < dimension; i += 32) {
            const __m256i q = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(query + i));
            const __m256i size = _mm256_abs_epi8(q);
            for (std::size_t of = 0; of < 4; ++of) {
                sums[of] = _mm256_add_epi32(sums[of],
                                            short_products(q, size, values + of * dimension + i));
            }
        }
        for (std::size_t of = 0; of < 4; ++of) {
            out[row + of] = sum_of(sums[of]);
        }
    }
    for (; row < count; ++row) {
        __m256i sum = _mm256_setzero_si256();
        for (std::size_t i = 0; i < dimension; i += 32) {
            const __m256i q = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(query + i));
            sum = _mm256_add_epi32(
                sum, short_products(q, _mm256_abs_epi8(q), rows + row * dimension + i));
        }
        out[row] = sum_of(sum);
    }
}

// The first three steps of the transform, within eight values.
__attribute__((target("avx2"))) inline __m256i turn_eight(__m256i x) {
    const __m256i ones = _mm256_setr_epi32(1, -1, 1, -1, 1, -1, 1, -1);
    const __m256i twos = _mm256_setr_epi32(1, 1, -1, -1, 1, 1, -1, -1);
    const __m256i fours = _mm256_setr_epi32(1, 1, 1, 1, -1, -1, -1, -1);
    x = _mm256_add_epi32(_mm256_shuffle_epi32(x, 0xb1), _mm256_sign_epi32(x, ones));
    x = _mm256_add_epi32(_mm256_shuffle_epi32(x, 0x4e), _mm256_sign_epi32(x, twos));
    return _mm256_add_epi32(_mm256_permute2x128_si256(x, x, 1), _mm256_sign_epi32(x, fours));
}

__attribute__((target("avx2"))) void signs_avx2(const std::int8_t* values, const std::int8_t* signs,
                                                std::size_t size, std::int32_t* scratch,
                                                std::uint64_t* bits) {
    const auto eight = [](std::int32_t* at) { return reinterpret_cast<__m256i*>(at); };
    for (std::size_t i = 0; i < size; i += 8) {
        const __m256i value =
            _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(values + i)));
        const __m256i sign =
            _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(signs + i)));
        _mm256_storeu_si256(eight(scratch + i), turn_eight(_mm256_sign_epi32(value, sign)));
    }
    const std::size_t block = size & (~size + 1);
    for (std::size_t half = 8; half < block; half *= 2) {
        for (std::size_t from = 0; from < size; from += 2 * half) {
            for (std::size_t i = from; i < from + half; i += 8) {
                const __m256i a = _mm256_loadu_si256(eight(scratch + i));
                const __m256i b = _mm256_loadu_si256(eight(scratch + i + half));
                _mm256_storeu_si256(eight(scratch + i), _mm256_add_epi32(a, b));
                _mm256_storeu_si256(eight(scratch + i + half), _mm256_sub_epi32(a, b));
            }
        }
    }
    for (std::size_t word = 0; word < size / 64; ++word) {
        std::uint64_t packed = 0;
        for (std::size_t i = 0; i < 64; i += 8) {
            const __m256i above = _mm256_cmpgt_epi32(
                _mm256_loadu_si256(eight(scratch + word * 64 + i)), _mm256_setzero_si256());
            const int mask = _mm256_movemask_ps(_mm256_castsi256_ps(above));
            packed |= std::uint64_t{static_cast<unsigned>(mask)} << i;
        }
        bits[word] = packed;
    }
}

constexpr Kernels kAvx2{"avx2", dot_avx2, dot_within_127_avx2, bits_popcnt, signs_avx2};

__attribute__((target("avx512f,avx512bw,avx512vnni"))) void dot_vnni(const std::int8_t* query,
                                                                     const std::int8_t* rows,
                                                                     std::size_t count,
                                                                     std::size_t dimension,
                                                                     std::int32_t* out) {
    for (std::size_t row = 0; row < count; ++row) {
        const std::int8_t* values = rows + row * dimension;
        __m512i sum = _mm512_setzero_si512();
        for (std::size_t i = 0; i < dimension; i += 32) {
            const __m512i a = _mm512_cvtepi8_epi16(
                _mm256_loadu_si256(reinterpret_cast<const __m256i*>(query + i)));
            const __m512i b = _mm512_cvtepi8_epi16(
                _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values + i)));
            sum = _mm512_dpwssd_epi32(sum, a, b);
        }
        alignas(64) std::int32_t lanes[16];
        _mm512_store_si512(lanes, sum);
        std::int32_t total = 0;
        for (const std::int32_t lane : lanes) {
            total += lane;
        }
        out[row] = total;
    }
}

constexpr Kernels kVnni{"avx512-vnni", dot_vnni, dot_vnni, bits_popcnt, signs_avx2};

#endif

}  // namespace

const Kernels& scalar_kernels() {
    return kScalar;
}

std::vector<const Kernels*> available_kernels() {
    std::vector<const Kernels*> kernels{&kScalar};
#if defined(__x86_64__)
    const bool has_popcnt = __builtin_cpu_supports("popcnt") != 0;
    if (has_popcnt && __builtin_cpu_supports("avx2") != 0) {
        kernels.push_back(&kAvx2);
    }
    if (kernels.size() == 2 && __builtin_cpu_supports("avx512bw") != 0 &&
        __builtin_cpu_supports("avx512vnni") != 0) {
        kernels.push_back(&kVnni);
    }
#endif
    return kernels;
}

const Kernels& best_kernels() {
    return *available_kernels().back();
}

}  // namespace credence::vectors
