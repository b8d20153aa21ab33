// The loops of the quantised network, for AVX2 and for any processor: each pair gives the same
// bits.
//
// Bounds, which QuantisedNetwork::read checks, so that 32 and 16 bits always suffice:
//   first:  96 products of 16,384 * kMostFirst, and a bias of kMostBias, stay below 2^31
//   second: four products of 127 and weights whose magnitudes sum to kMostQuad stay below 2^15
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "capabilities/guard/model/network.h"
#include "capabilities/guard/model/quantised.h"

namespace credence::guard {

inline constexpr int kMostFirst = 1023;
inline constexpr std::int32_t kMostBias = 1 << 29;
inline constexpr int kMostSecond = 127;
inline constexpr int kMostQuad = 258;
inline constexpr int kMostInput = 127;
inline constexpr int kFraction = 4;  // bits of first and second behind the point

// One convolution's integers become int16 by: max(0, min(32767, (sum + bias) * factor)), cut off.
struct Rescale {
    alignas(32) std::array<std::int32_t, kFilters> bias{};
    alignas(32) std::array<float, kFilters> factor{};
};

struct alignas(64) EmbeddingRows {
    std::array<std::int8_t, 2 * kDimension> values;
};

struct QuantisedLayers {
    // [tap][in / 2][out][2], so that one 32-bit load holds what two inputs do to one filter.
    alignas(64) std::array<std::int16_t, kWidth * kDimension * kFilters> first{};
    // [tap][in / 4][out][4].
    alignas(64) std::array<std::int8_t, kWidth * kFilters * kFilters> second{};
    Rescale first_scale;
    Rescale second_scale;
    std::array<float, kFilters * kHidden> hidden{};           // [in][out], for windows as integers
    std::array<float, kSourceKinds * kHidden> hidden_bias{};  // by channel
    std::array<float, kHidden> out{};
    float out_bias = 0;
    const std::int8_t* embedding = nullptr;  // [kRows][kDimension]; own or borrowed
    std::unique_ptr<EmbeddingRows[]> own_embedding;

    // Makes room for an own table, uninitialised.
    std::int8_t* own_table();
};

// sum * 2^shift * multiplier / 2^15 = sum * 8 / sqrt(rows), without leaving 16 bits on the way.
struct TokenScale {
    std::int16_t multiplier = 0;
    std::int16_t shift = 0;
};
// By number of rows, 0 to kMaxRowsOfToken.
std::array<TokenScale, QuantisedNetwork::kMaxRowsOfToken + 1> token_scales();

// Where a pass over the tokens stands.
struct EmbedProgress {
    std::size_t token = 0;
    std::size_t concepts = 0;  // passed so far
};

// Rows of scratch beyond the last token that a loop may touch.
inline constexpr std::size_t kSlack = 8;

// Each works on tokens [from, to) and on scratch made ready by the caller; pairs of tokens, so that
// row `to` may be overwritten when to - from is odd. `from` is even.
struct QuantisedKernels {
    void (*embed)(const QuantisedLayers& layers, const Reading& reading, std::size_t to,
                  EmbedProgress& progress, QuantisedScratch& scratch);
    void (*first)(const QuantisedLayers& layers, std::size_t from, std::size_t to,
                  QuantisedScratch& scratch);
    // The maximum of tokens [from, to) by filter goes to `best`.
    void (*second)(const QuantisedLayers& layers, std::size_t from, std::size_t to,
                   const QuantisedScratch& scratch, std::int16_t* best);
};

const QuantisedKernels& portable_kernels();
// AVX2 where the processor has it, else the portable ones.
const QuantisedKernels& best_kernels();

}  // namespace credence::guard
