// Gradient of one text's loss through the network.
#pragma once

#include <cstdint>
#include <vector>

#include "capabilities/guard/model/network.h"

namespace credence::guard {

// Sums over a batch; the embedding's part is sparse.
struct NetworkGradient {
    NetworkGradient();
    std::vector<float> first, first_bias, second, second_bias, hidden, hidden_bias, out, out_bias;
    std::vector<std::uint32_t> rows;   // of the embedding; may repeat
    std::vector<float> row_gradients;  // [rows][kDimension]

    std::array<std::vector<float>*, 8> dense() {
        return {&first, &first_bias, &second, &second_bias, &hidden, &hidden_bias, &out, &out_bias};
    }
};

// Copies of weights with the last two indices exchanged, so that gradients run through add_product.
struct TransposedWeights {
    std::vector<float> first, second, hidden;
    void refresh(const NetworkWeights& weights);
};

// Adds d loss / d weights for d loss / d logit = slope. Only the worst window carries it.
void add_gradient(const NetworkWeights& weights, const TransposedWeights& transposed,
                  const Reading& reading, SourceKind channel, const Omission* omission,
                  const Activations& activations, float slope, NetworkGradient& gradient);

}  // namespace credence::guard
