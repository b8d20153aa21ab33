#include "capabilities/guard/model/quantised_kernels.h"

#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstring>

// Without "fma", so that no compiler fuses what the portable twin rounds twice.
#define CREDENCE_WIDE [[gnu::target("avx2")]]

namespace credence::guard {

namespace {

constexpr std::size_t kAhead = 40;  // features: about three words
constexpr std::size_t kHalf = kFilters / 2;
constexpr float kMostValue = 32767;

// Calls add(row) for each row of the table that token t sums up; returns how many.
template <class Add>
[[gnu::always_inline]] inline std::size_t each_row(const QuantisedLayers& layers,
                                                   const Reading& reading, EmbedProgress& progress,
                                                   const Add& add) {
    const std::vector<std::uint32_t>& features = reading.text.features;
    const Token& token = reading.text.tokens[progress.token];
    const std::size_t last = features.size() - 1;
    const std::size_t words =
        std::min<std::size_t>(token.features, QuantisedNetwork::kMaxRowsOfToken);
    for (std::size_t i = 0; i < words; ++i) {
        const std::size_t f = token.first_feature + i;
        const std::uint32_t ahead = features[std::min(f + kAhead, last)];
        __builtin_prefetch(layers.embedding + row_of(ahead) * kDimension);
        add(layers.embedding + row_of(features[f]) * kDimension);
    }
    std::size_t rows = words;
    const std::vector<Concept>& concepts = reading.concepts;
    for (std::size_t& next = progress.concepts;
         next < concepts.size() && concepts[next].token == progress.token; ++next) {
        if (rows < QuantisedNetwork::kMaxRowsOfToken) {
            add(layers.embedding + row_of(concepts[next].feature) * kDimension);
            ++rows;
        }
    }
    return rows;
}

const std::array<TokenScale, QuantisedNetwork::kMaxRowsOfToken + 1>& scales() {
    static const auto table = token_scales();
    return table;
}

// ---- Any processor ----

void embed_portable(const QuantisedLayers& layers, const Reading& reading, std::size_t to,
                    EmbedProgress& progress, QuantisedScratch& scratch) {
    for (; progress.token < to; ++progress.token) {
        std::int32_t sums[kDimension] = {};
        const std::size_t rows = each_row(layers, reading, progress, [&](const std::int8_t* row) {
            for (std::size_t d = 0; d < kDimension; ++d) {
                sums[d] += row[d];
            }
        });
        const TokenScale scale = scales()[rows];
        std::int16_t* token = &scratch.token[(progress.token + 1) * kDimension];
        for (std::size_t d = 0; d < kDimension; ++d) {
            const std::int32_t shifted = sums[d] * (1 << scale.shift);
            token[d] = static_cast<std::int16_t>((shifted * scale.multiplier + (1 << 14)) >> 15);
        }
    }
}

std::int16_t rescaled(std::int32_t sum, float factor) {
    const float value = static_cast<float>(sum) * factor;
    return static_cast<std::int16_t>(std::max(0.0F, std::min(value, kMostValue)));
}

void first_portable(const QuantisedLayers& layers, std::size_t from, std::size_t to,
                    QuantisedScratch& scratch) {
    constexpr std::size_t kPairs = kWidth * kDimension / 2;
    for (std::size_t t = from; t < to; ++t) {
        std::int32_t sums[kFilters];
        std::copy(layers.first_scale.bias.begin(), layers.first_scale.bias.end(), sums);
        const std::int16_t* in = &scratch.token[t * kDimension];
        const std::int16_t* weights = layers.first.data();
        for (std::size_t pair = 0; pair < kPairs; ++pair, weights += 2 * kFilters) {
            const int one = in[2 * pair];
            const int two = in[2 * pair + 1];
            for (std::size_t c = 0; c < kFilters; ++c) {
                sums[c] += one * weights[2 * c] + two * weights[2 * c + 1];
            }
        }
        std::int16_t* first = &scratch.first[t * kFilters];
        std::uint8_t* input = &scratch.input[(t + kDilation) * kFilters];
        for (std::size_t c = 0; c < kFilters; ++c) {
            first[c] = rescaled(sums[c], layers.first_scale.factor[c]);
            input[c] = static_cast<std::uint8_t>(std::min(first[c] >> kFraction, kMostInput));
        }
    }
}

// One tap. Most inputs are zero.
void add_quads(const std::uint8_t* in, const std::int8_t* weights, std::int32_t* sums) {
    for (std::size_t i = 0; i < kFilters; ++i) {
        const int value = in[i];
        if (value == 0) {
            continue;
        }
        const std::int8_t* column = weights + i / 4 * kFilters * 4 + i % 4;
        for (std::size_t c = 0; c < kFilters; ++c) {
            sums[c] += value * column[4 * c];
        }
    }
}

void second_portable(const QuantisedLayers& layers, std::size_t from, std::size_t to,
                     const QuantisedScratch& scratch, std::int16_t* best) {
    std::fill(best, best + kFilters, std::int16_t{0});
    for (std::size_t t = from; t < to; ++t) {
        std::int32_t sums[kFilters];
        std::copy(layers.second_scale.bias.begin(), layers.second_scale.bias.end(), sums);
        for (std::size_t tap = 0; tap < kWidth; ++tap) {
            add_quads(&scratch.input[(t + tap * kDilation) * kFilters],
                      &layers.second[tap * kFilters * kFilters], sums);
        }
        for (std::size_t c = 0; c < kFilters; ++c) {
            const int sum =
                scratch.first[t * kFilters + c] + rescaled(sums[c], layers.second_scale.factor[c]);
            best[c] = std::max(best[c], static_cast<std::int16_t>(std::min(sum, 32767)));
        }
    }
}

// ---- AVX2 ----

CREDENCE_WIDE inline __m256i load(const void* from) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
CREDENCE_WIDE inline void store(void* to, __m256i value) {
    _mm256_storeu_si256(static_cast<__m256i*>(to), value);
}
// The same 32 bits in all lanes.
CREDENCE_WIDE inline __m256i spread(const void* from) {
    std::int32_t bits = 0;
    std::memcpy(&bits, from, sizeof(bits));
    return _mm256_set1_epi32(bits);
}

CREDENCE_WIDE void embed_wide(const QuantisedLayers& layers, const Reading& reading, std::size_t to,
                              EmbedProgress& progress, QuantisedScratch& scratch) {
    const auto& table = scales();
    const std::uint32_t* features = reading.text.features.data();
    const std::size_t last = std::max<std::size_t>(reading.text.features.size(), 1) - 1;
    const std::vector<Concept>& concepts = reading.concepts;
    for (; progress.token < to; ++progress.token) {
        const Token& token = reading.text.tokens[progress.token];
        __m256i low = _mm256_setzero_si256();
        __m256i high = _mm256_setzero_si256();
        std::size_t rows = std::min<std::size_t>(token.features, QuantisedNetwork::kMaxRowsOfToken);
        for (std::size_t f = token.first_feature; f < token.first_feature + rows; ++f) {
            const std::uint32_t ahead = features[std::min(f + kAhead, last)];
            __builtin_prefetch(layers.embedding + row_of(ahead) * kDimension);
            const auto* row = reinterpret_cast<const __m128i*>(layers.embedding +
                                                               row_of(features[f]) * kDimension);
            low = _mm256_add_epi16(low, _mm256_cvtepi8_epi16(_mm_loadu_si128(row)));
            high = _mm256_add_epi16(high, _mm256_cvtepi8_epi16(_mm_loadu_si128(row + 1)));
        }
        for (std::size_t& next = progress.concepts;
             next < concepts.size() && concepts[next].token == progress.token; ++next) {
            if (rows == QuantisedNetwork::kMaxRowsOfToken) {
                continue;
            }
            const auto* row = reinterpret_cast<const __m128i*>(
                layers.embedding + row_of(concepts[next].feature) * kDimension);
            low = _mm256_add_epi16(low, _mm256_cvtepi8_epi16(_mm_loadu_si128(row)));
            high = _mm256_add_epi16(high, _mm256_cvtepi8_epi16(_mm_loadu_si128(row + 1)));
            ++rows;
        }
        const __m256i multiplier = _mm256_set1_epi16(table[rows].multiplier);
        const __m128i shift = _mm_cvtsi32_si128(table[rows].shift);
        std::int16_t* out = &scratch.token[(progress.token + 1) * kDimension];
        store(out, _mm256_mulhrs_epi16(_mm256_sll_epi16(low, shift), multiplier));
        store(out + 16, _mm256_mulhrs_epi16(_mm256_sll_epi16(high, shift), multiplier));
    }
}

// Sums of 32 filters of one token: eight filters each.
struct Sums {
    __m256i a, b, c, d;
};

CREDENCE_WIDE inline Sums bias_of(const Rescale& scale, std::size_t from) {
    return {load(&scale.bias[from]), load(&scale.bias[from + 8]), load(&scale.bias[from + 16]),
            load(&scale.bias[from + 24])};
}

CREDENCE_WIDE inline __m256i rescaled(__m256i sum, const float* factor) {
    const __m256 value = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), _mm256_loadu_ps(factor));
    const __m256 bounded = _mm256_min_ps(value, _mm256_set1_ps(kMostValue));
    return _mm256_cvttps_epi32(_mm256_max_ps(bounded, _mm256_setzero_ps()));
}

// 32 filters as int16, in order.
struct Values {
    __m256i low, high;
};

CREDENCE_WIDE inline Values rescaled(const Sums& sums, const float* factor) {
    const __m256i low = _mm256_packs_epi32(rescaled(sums.a, factor), rescaled(sums.b, factor + 8));
    const __m256i high =
        _mm256_packs_epi32(rescaled(sums.c, factor + 16), rescaled(sums.d, factor + 24));
    return {_mm256_permute4x64_epi64(low, 0xD8), _mm256_permute4x64_epi64(high, 0xD8)};
}

CREDENCE_WIDE inline void store_first(const Values& values, std::int16_t* first,
                                      std::uint8_t* input) {
    store(first, values.low);
    store(first + 16, values.high);
    const __m256i most = _mm256_set1_epi16(kMostInput);
    const __m256i low = _mm256_min_epi16(_mm256_srai_epi16(values.low, kFraction), most);
    const __m256i high = _mm256_min_epi16(_mm256_srai_epi16(values.high, kFraction), most);
    store(input, _mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), 0xD8));
}

CREDENCE_WIDE inline void add_pairs(Sums& sums, __m256i in, const __m256i (&weights)[4]) {
    sums.a = _mm256_add_epi32(sums.a, _mm256_madd_epi16(in, weights[0]));
    sums.b = _mm256_add_epi32(sums.b, _mm256_madd_epi16(in, weights[1]));
    sums.c = _mm256_add_epi32(sums.c, _mm256_madd_epi16(in, weights[2]));
    sums.d = _mm256_add_epi32(sums.d, _mm256_madd_epi16(in, weights[3]));
}

// Two tokens and 32 filters at a time stay in registers.
CREDENCE_WIDE void first_wide(const QuantisedLayers& layers, std::size_t from, std::size_t to,
                              QuantisedScratch& scratch) {
    constexpr std::size_t kPairs = kWidth * kDimension / 2;
    for (std::size_t t = from; t < to; t += 2) {
        const std::int16_t* in = &scratch.token[t * kDimension];
        for (std::size_t half = 0; half < kFilters; half += kHalf) {
            Sums one = bias_of(layers.first_scale, half);
            Sums two = one;
            for (std::size_t pair = 0; pair < kPairs; ++pair) {
                const std::int16_t* at = &layers.first[(pair * kFilters + half) * 2];
                const __m256i weights[4] = {load(at), load(at + 16), load(at + 32), load(at + 48)};
                add_pairs(one, spread(in + 2 * pair), weights);
                add_pairs(two, spread(in + kDimension + 2 * pair), weights);
            }
            const float* factor = &layers.first_scale.factor[half];
            std::int16_t* first = &scratch.first[t * kFilters + half];
            std::uint8_t* input = &scratch.input[(t + kDilation) * kFilters + half];
            store_first(rescaled(one, factor), first, input);
            store_first(rescaled(two, factor), first + kFilters, input + kFilters);
        }
    }
}

// Eight inputs: two groups of four added in 16 bits, which kMostQuad allows.
CREDENCE_WIDE inline __m256i add_quads(__m256i sum, __m256i in, __m256i in_next,
                                       const std::int8_t* weights) {
    const __m256i one = _mm256_maddubs_epi16(in, load(weights));
    const __m256i two = _mm256_maddubs_epi16(in_next, load(weights + kFilters * 4));
    return _mm256_add_epi32(sum,
                            _mm256_madd_epi16(_mm256_add_epi16(one, two), _mm256_set1_epi16(1)));
}

CREDENCE_WIDE inline void add_quads(Sums& sums, const std::uint8_t* in,
                                    const std::int8_t* weights) {
    const __m256i one = spread(in);
    const __m256i two = spread(in + 4);
    sums.a = add_quads(sums.a, one, two, weights);
    sums.b = add_quads(sums.b, one, two, weights + 32);
    sums.c = add_quads(sums.c, one, two, weights + 64);
    sums.d = add_quads(sums.d, one, two, weights + 96);
}

CREDENCE_WIDE inline void raise(std::int16_t* best, const std::int16_t* first,
                                const Values& values) {
    const __m256i low = _mm256_adds_epi16(load(first), values.low);
    const __m256i high = _mm256_adds_epi16(load(first + 16), values.high);
    store(best, _mm256_max_epi16(load(best), low));
    store(best + 16, _mm256_max_epi16(load(best + 16), high));
}

CREDENCE_WIDE void second_wide(const QuantisedLayers& layers, std::size_t from, std::size_t to,
                               const QuantisedScratch& scratch, std::int16_t* best) {
    std::fill(best, best + kFilters, std::int16_t{0});
    for (std::size_t t = from; t < to; t += 2) {
        for (std::size_t half = 0; half < kFilters; half += kHalf) {
            Sums one = bias_of(layers.second_scale, half);
            Sums two = one;
            for (std::size_t tap = 0; tap < kWidth; ++tap) {
                const std::uint8_t* in = &scratch.input[(t + tap * kDilation) * kFilters];
                const std::int8_t* weights =
                    &layers.second[(tap * kFilters / 4 * kFilters + half) * 4];
                for (std::size_t i = 0; i < kFilters; i += 8) {
                    add_quads(one, in + i, weights + i * kFilters);
                    add_quads(two, in + kFilters + i, weights + i * kFilters);
                }
            }
            const float* factor = &layers.second_scale.factor[half];
            const std::int16_t* first = &scratch.first[t * kFilters + half];
            raise(best + half, first, rescaled(one, factor));
            if (t + 1 < to) {
                raise(best + half, first + kFilters, rescaled(two, factor));
            }
        }
    }
}

}  // namespace

std::array<TokenScale, QuantisedNetwork::kMaxRowsOfToken + 1> token_scales() {
    std::array<TokenScale, QuantisedNetwork::kMaxRowsOfToken + 1> table{};
    for (std::size_t rows = 1; rows < table.size(); ++rows) {
        // 127 * rows * 2^shift <= 32,767 and multiplier < 2^15.
        const int shift = rows <= 16 ? 4 : rows <= 64 ? 2 : 0;
        const double factor = 8 / std::sqrt(static_cast<double>(rows)) / (1 << shift);
        table[rows] = {static_cast<std::int16_t>(std::lround(factor * 32768)),
                       static_cast<std::int16_t>(shift)};
    }
    return table;
}

std::int8_t* QuantisedLayers::own_table() {
    static_assert(sizeof(EmbeddingRows) == 2 * kDimension);
    own_embedding = std::make_unique_for_overwrite<EmbeddingRows[]>(kRows / 2);
    auto* table = reinterpret_cast<std::int8_t*>(own_embedding.get());
    embedding = table;
    return table;
}

const QuantisedKernels& portable_kernels() {
    static constexpr QuantisedKernels kPortable{embed_portable, first_portable, second_portable};
    return kPortable;
}

const QuantisedKernels& best_kernels() {
    static constexpr QuantisedKernels kWide{embed_wide, first_wide, second_wide};
    static const bool wide = __builtin_cpu_supports("avx2") != 0;
    return wide ? kWide : portable_kernels();
}

}  // namespace credence::guard
