// A small convolutional network over hashed tokens: the learned model's heart, in floating point.
//
//   token    = sum of the embeddings of its features and concepts / sqrt(how many)   [kDimension]
//   first    = relu(convolution of width 3)                                          [kFilters]
//   second   = first + relu(convolution of width 3, two tokens apart)                [kFilters]
//   window   = maximum over kWindow tokens, every kStride                            [kFilters]
//   logit    = out . relu(hidden . (window, channel of the text))                    of each window
//
// (Collobert et al. 2011, "Natural Language Processing (Almost) from Scratch"; Kim 2014; He et al.
// 2016 for the shortcut.) A text's logit is that of its worst window. Training and evaluation use
// this form; the program carries quantised weights (quantised.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "capabilities/guard/kinds.h"
#include "capabilities/guard/model/reading.h"

namespace credence::guard {

inline constexpr std::size_t kDimension = 32;
inline constexpr std::size_t kFilters = 64;
inline constexpr std::size_t kHidden = 32;
inline constexpr std::size_t kWidth = 3;
inline constexpr std::size_t kRows = std::size_t{1} << 18;  // of the embedding table
inline constexpr std::size_t kWindow = 64;                  // tokens
inline constexpr std::size_t kStride = 32;
inline constexpr std::size_t kDilation = 2;  // of the second convolution
inline constexpr std::size_t kHead = kFilters + kSourceKinds;

inline std::uint32_t row_of(std::uint32_t feature) {
    return feature & static_cast<std::uint32_t>(kRows - 1);
}
// Windows over that many tokens: at least one.
std::size_t windows_of(std::size_t tokens);

struct NetworkWeights {
    std::vector<float> embedding = std::vector<float>(kRows * kDimension);
    std::vector<float> first =
        std::vector<float>(kWidth * kDimension * kFilters);  // [tap][in][out]
    std::vector<float> first_bias = std::vector<float>(kFilters);
    std::vector<float> second = std::vector<float>(kWidth * kFilters * kFilters);
    std::vector<float> second_bias = std::vector<float>(kFilters);
    std::vector<float> hidden = std::vector<float>(kHead * kHidden);  // [in][out]
    std::vector<float> hidden_bias = std::vector<float>(kHidden);
    std::vector<float> out = std::vector<float>(kHidden);
    std::vector<float> out_bias = std::vector<float>(1);

    // All but the embedding, in a fixed order.
    std::array<std::vector<float>*, 8> dense() {
        return {&first, &first_bias, &second, &second_bias, &hidden, &hidden_bias, &out, &out_bias};
    }
};

// What is left out of a reading while training (all zero: nothing).
struct Omission {
    std::vector<std::uint8_t> words;  // by token: 1, its words are unseen; concepts stay
    std::vector<float> filters;       // by filter of a window: 0, or 1 / share kept
};

// Everything computed on the way, for the gradient.
struct Activations {
    std::vector<float> token;                // [tokens][kDimension]
    std::vector<float> scale;                // 1 / sqrt(features), by token
    std::vector<float> first;                // [tokens][kFilters]
    std::vector<float> second;               // [tokens][kFilters]
    std::vector<float> window;               // [windows][kFilters]
    std::vector<std::int32_t> window_token;  // where each maximum stands; -1: nowhere
    std::vector<float> hidden;               // [windows][kHidden]
    std::vector<float> logits;               // by window
    std::size_t worst = 0;                   // window of the highest logit
    float logit = 0;
};

// Fills *out. Thread-safe; about 20,000 multiplications a token. `omission` may be null.
void run_network(const NetworkWeights& weights, const Reading& reading, SourceKind channel,
                 const Omission* omission, Activations& out);

}  // namespace credence::guard
