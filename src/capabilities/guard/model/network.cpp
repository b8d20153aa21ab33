#include "capabilities/guard/model/network.h"

#include <algorithm>
#include <cmath>

#include "capabilities/guard/model/kernels.h"

namespace credence::guard {

namespace {

void add_row(const NetworkWeights& weights, std::uint32_t feature, float* token) {
    const float* row = &weights.embedding[row_of(feature) * kDimension];
    for (std::size_t d = 0; d < kDimension; ++d) {
        token[d] += row[d];
    }
}

void embed(const NetworkWeights& weights, const Reading& reading, const Omission* omission,
           Activations& out) {
    const std::size_t tokens = reading.text.tokens.size();
    out.token.assign(tokens * kDimension, 0);
    out.scale.assign(tokens, 0);
    std::size_t next = 0;
    for (std::size_t t = 0; t < tokens; ++t) {
        const Token& token = reading.text.tokens[t];
        float* sum = &out.token[t * kDimension];
        std::size_t count = 0;
        if (omission == nullptr || omission->words[t] == 0) {
            for (std::uint32_t f = 0; f < token.features; ++f) {
                add_row(weights, reading.text.features[token.first_feature + f], sum);
            }
            count = token.features;
        }
        for (; next < reading.concepts.size() && reading.concepts[next].token == t; ++next) {
            add_row(weights, reading.concepts[next].feature, sum);
            ++count;
        }
        if (count > 0) {
            out.scale[t] = 1 / std::sqrt(static_cast<float>(count));
        }
        for (std::size_t d = 0; d < kDimension; ++d) {
            sum[d] *= out.scale[t];
        }
    }
}

// One convolution: taps at t - step, t, t + step; relu; plus the shortcut when given.
void convolve(const std::vector<float>& in, std::size_t ins, std::size_t step,
              const std::vector<float>& weights, const std::vector<float>& bias, bool shortcut,
              std::vector<float>& out) {
    const std::size_t tokens = in.size() / ins;
    out.resize(tokens * kFilters);
    for (std::size_t t = 0; t < tokens; ++t) {
        float sums[kFilters];
        std::copy(bias.begin(), bias.end(), sums);
        for (std::size_t tap = 0; tap < kWidth; ++tap) {
            const std::size_t at = t + tap * step;
            if (at >= step && at - step < tokens) {
                add_product(&in[(at - step) * ins], ins, &weights[tap * ins * kFilters], kFilters,
                            sums);
            }
        }
        for (std::size_t c = 0; c < kFilters; ++c) {
            out[t * kFilters + c] =
                std::max(sums[c], 0.0F) + (shortcut ? in[t * kFilters + c] : 0.0F);
        }
    }
}

void pool(std::size_t tokens, Activations& out) {
    const std::size_t windows = windows_of(tokens);
    out.window.assign(windows * kFilters, 0);
    out.window_token.assign(windows * kFilters, -1);
    for (std::size_t w = 0; w < windows; ++w) {
        const std::size_t end = std::min(tokens, w * kStride + kWindow);
        float* best = &out.window[w * kFilters];
        std::int32_t* where = &out.window_token[w * kFilters];
        for (std::size_t t = w * kStride; t < end; ++t) {
            const float* row = &out.second[t * kFilters];
            for (std::size_t c = 0; c < kFilters; ++c) {
                if (row[c] > best[c]) {
                    best[c] = row[c];
                    where[c] = static_cast<std::int32_t>(t);
                }
            }
        }
    }
}

}  // namespace

std::size_t windows_of(std::size_t tokens) {
    return tokens <= kWindow ? 1 : (tokens - kWindow + kStride - 1) / kStride + 1;
}

void run_network(const NetworkWeights& weights, const Reading& reading, SourceKind channel,
                 const Omission* omission, Activations& out) {
    const std::size_t tokens = reading.text.tokens.size();
    embed(weights, reading, omission, out);
    convolve(out.token, kDimension, 1, weights.first, weights.first_bias, false, out.first);
    convolve(out.first, kFilters, kDilation, weights.second, weights.second_bias, true, out.second);
    pool(tokens, out);
    const std::size_t windows = windows_of(tokens);
    out.hidden.assign(windows * kHidden, 0);
    out.logits.assign(windows, 0);
    out.worst = 0;
    for (std::size_t w = 0; w < windows; ++w) {
        float head[kHead] = {};
        for (std::size_t c = 0; c < kFilters; ++c) {
            head[c] =
                out.window[w * kFilters + c] * (omission == nullptr ? 1.0F : omission->filters[c]);
        }
        head[kFilters + static_cast<std::size_t>(channel)] = 1;
        float* hidden = &out.hidden[w * kHidden];
        std::copy(weights.hidden_bias.begin(), weights.hidden_bias.end(), hidden);
        add_product(head, kHead, weights.hidden.data(), kHidden, hidden);
        float logit = weights.out_bias[0];
        for (std::size_t h = 0; h < kHidden; ++h) {
            hidden[h] = std::max(hidden[h], 0.0F);
            logit += hidden[h] * weights.out[h];
        }
        out.logits[w] = logit;
        out.worst = logit > out.logits[out.worst] ? w : out.worst;
    }
    out.logit = out.logits[out.worst];
}

}  // namespace credence::guard
