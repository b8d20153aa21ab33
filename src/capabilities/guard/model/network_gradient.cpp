#include "capabilities/guard/model/network_gradient.h"

#include <algorithm>

#include "capabilities/guard/model/kernels.h"

namespace credence::guard {

namespace {

// [taps][ins][outs] -> [taps][outs][ins]
void transpose(const std::vector<float>& from, std::size_t taps, std::size_t ins, std::size_t outs,
               std::vector<float>& to) {
    to.resize(from.size());
    for (std::size_t tap = 0; tap < taps; ++tap) {
        const float* source = &from[tap * ins * outs];
        float* target = &to[tap * ins * outs];
        for (std::size_t i = 0; i < ins; ++i) {
            for (std::size_t o = 0; o < outs; ++o) {
                target[o * ins + i] = source[i * outs + o];
            }
        }
    }
}

bool all_zero(const float* values, std::size_t count) {
    return std::all_of(values, values + count, [](float value) { return value == 0; });
}

// The part of the text that the gradient reaches.
struct Reach {
    std::size_t begin = 0;
    std::size_t end = 0;

    Reach wider(std::size_t by, std::size_t tokens) const {
        return {begin - std::min(begin, by), std::min(tokens, end + by)};
    }
};

struct Head {
    Reach reach;
    std::vector<float> second;  // gradient by token and filter
};

Head through_head(const NetworkWeights& weights, const TransposedWeights& transposed,
                  SourceKind channel, const Omission* omission, const Activations& a, float slope,
                  NetworkGradient& gradient) {
    const std::size_t tokens = a.second.size() / kFilters;
    const std::size_t w = a.worst;
    const float* hidden = &a.hidden[w * kHidden];
    float to_hidden[kHidden];
    for (std::size_t h = 0; h < kHidden; ++h) {
        gradient.out[h] += slope * hidden[h];
        to_hidden[h] = hidden[h] > 0 ? slope * weights.out[h] : 0;
        gradient.hidden_bias[h] += to_hidden[h];
    }
    gradient.out_bias[0] += slope;
    float head[kHead] = {};
    for (std::size_t c = 0; c < kFilters; ++c) {
        head[c] = a.window[w * kFilters + c] * (omission == nullptr ? 1.0F : omission->filters[c]);
    }
    head[kFilters + static_cast<std::size_t>(channel)] = 1;
    add_outer(head, kHead, to_hidden, kHidden, gradient.hidden.data());
    float to_window[kFilters] = {};
    for (std::size_t h = 0; h < kHidden; ++h) {
        const float* row = &transposed.hidden[h * kHead];
        for (std::size_t c = 0; c < kFilters; ++c) {
            to_window[c] += to_hidden[h] * row[c];
        }
    }
    Head result{{tokens, 0}, std::vector<float>(tokens * kFilters)};
    for (std::size_t c = 0; c < kFilters; ++c) {
        const std::int32_t where = a.window_token[w * kFilters + c];
        const float part = to_window[c] * (omission == nullptr ? 1.0F : omission->filters[c]);
        if (where >= 0 && part != 0) {
            const auto token = static_cast<std::size_t>(where);
            result.second[token * kFilters + c] += part;
            result.reach.begin = std::min(result.reach.begin, token);
            result.reach.end = std::max(result.reach.end, token + 1);
        }
    }
    return result;
}

struct Layer {
    const std::vector<float>& in;
    std::size_t ins;
    std::size_t step;
    const std::vector<float>& transposed;
    std::vector<float>& weights;  // gradient
    std::vector<float>& bias;
};

// Gradient before the relu -> gradient of the weights and of the layer's input (added).
void through_convolution(const Layer& layer, Reach reach, const std::vector<float>& before,
                         std::vector<float>& to_in) {
    const std::size_t tokens = layer.in.size() / layer.ins;
    for (std::size_t t = reach.begin; t < reach.end; ++t) {
        const float* row = &before[t * kFilters];
        if (all_zero(row, kFilters)) {
            continue;
        }
        for (std::size_t c = 0; c < kFilters; ++c) {
            layer.bias[c] += row[c];
        }
        for (std::size_t tap = 0; tap < kWidth; ++tap) {
            const std::size_t at = t + tap * layer.step;
            if (at < layer.step || at - layer.step >= tokens) {
                continue;
            }
            const std::size_t from = (at - layer.step) * layer.ins;
            const std::size_t block = tap * layer.ins * kFilters;
            add_outer(&layer.in[from], layer.ins, row, kFilters, &layer.weights[block]);
            add_product(row, kFilters, &layer.transposed[block], layer.ins, &to_in[from]);
        }
    }
}

void through_embedding(const Reading& reading, const Omission* omission, const Activations& a,
                       Reach reach, const std::vector<float>& to_token, NetworkGradient& gradient) {
    const auto add = [&](std::uint32_t feature, const float* part) {
        gradient.rows.push_back(row_of(feature));
        gradient.row_gradients.insert(gradient.row_gradients.end(), part, part + kDimension);
    };
    std::size_t next = 0;
    for (std::size_t t = reach.begin; t < reach.end; ++t) {
        float part[kDimension];
        for (std::size_t d = 0; d < kDimension; ++d) {
            part[d] = to_token[t * kDimension + d] * a.scale[t];
        }
        if (all_zero(part, kDimension)) {
            continue;
        }
        const Token& token = reading.text.tokens[t];
        for (std::uint32_t f = 0; f < token.features; ++f) {
            if (omission == nullptr || omission->words[t] == 0) {
                add(reading.text.features[token.first_feature + f], part);
            }
        }
        while (next < reading.concepts.size() && reading.concepts[next].token < t) {
            ++next;
        }
        for (; next < reading.concepts.size() && reading.concepts[next].token == t; ++next) {
            add(reading.concepts[next].feature, part);
        }
    }
}

}  // namespace

NetworkGradient::NetworkGradient()
    : first(kWidth * kDimension * kFilters),
      first_bias(kFilters),
      second(kWidth * kFilters * kFilters),
      second_bias(kFilters),
      hidden(kHead * kHidden),
      hidden_bias(kHidden),
      out(kHidden),
      out_bias(1) {}

void TransposedWeights::refresh(const NetworkWeights& weights) {
    transpose(weights.first, kWidth, kDimension, kFilters, first);
    transpose(weights.second, kWidth, kFilters, kFilters, second);
    transpose(weights.hidden, 1, kHead, kHidden, hidden);
}

void add_gradient(const NetworkWeights& weights, const TransposedWeights& transposed,
                  const Reading& reading, SourceKind channel, const Omission* omission,
                  const Activations& activations, float slope, NetworkGradient& gradient) {
    const Activations& a = activations;
    const std::size_t tokens = reading.text.tokens.size();
    Head head = through_head(weights, transposed, channel, omission, a, slope, gradient);
    if (head.reach.begin >= head.reach.end) {
        return;
    }
    // Along the shortcut everything, through the convolution what passed its relu.
    std::vector<float> to_first = head.second;
    for (std::size_t i = 0; i < head.second.size(); ++i) {
        head.second[i] = a.second[i] > a.first[i] ? head.second[i] : 0;
    }
    through_convolution(
        {a.first, kFilters, kDilation, transposed.second, gradient.second, gradient.second_bias},
        head.reach, head.second, to_first);
    const Reach near = head.reach.wider(kDilation, tokens);
    for (std::size_t i = 0; i < to_first.size(); ++i) {
        to_first[i] = a.first[i] > 0 ? to_first[i] : 0;
    }
    std::vector<float> to_token(tokens * kDimension);
    through_convolution(
        {a.token, kDimension, 1, transposed.first, gradient.first, gradient.first_bias}, near,
        to_first, to_token);
    through_embedding(reading, omission, a, near.wider(1, tokens), to_token, gradient);
}

}  // namespace credence::guard
