#include "capabilities/guard/model/quantised.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "capabilities/guard/model/quantised_kernels.h"

namespace credence::guard {

namespace {

static_assert(std::endian::native == std::endian::little, "the blob is little-endian");

// ---- Running ----

template <class T>
void grow(std::vector<T>& values, std::size_t size) {
    if (values.size() < size) {
        values.resize(size);
    }
}

void prepare(std::size_t tokens, std::size_t blocks, QuantisedScratch& scratch) {
    grow(scratch.token, (1 + tokens + kSlack) * kDimension);
    grow(scratch.first, (tokens + kSlack) * kFilters);
    grow(scratch.input, (kDilation + tokens + kSlack) * kFilters);
    grow(scratch.block, blocks * kFilters);
    // Nothing stands before the text and after it.
    std::fill_n(scratch.token.begin(), kDimension, std::int16_t{0});
    std::fill_n(&scratch.token[(1 + tokens) * kDimension], kSlack * kDimension, std::int16_t{0});
    std::fill_n(scratch.input.begin(), kDilation * kFilters, std::uint8_t{0});
}

// Fills scratch.block: the maximum of every kStride tokens. The layers follow each other block by
// block, so that what one writes the next finds in the nearest cache.
void run_blocks(const QuantisedLayers& layers, const QuantisedKernels& kernels,
                const Reading& reading, QuantisedScratch& scratch) {
    const std::size_t tokens = reading.text.tokens.size();
    EmbedProgress embedded;
    std::size_t convolved = 0;
    for (std::size_t from = 0; from < tokens; from += kStride) {
        const std::size_t to = std::min(tokens, from + kStride);
        const std::size_t needed = std::min(tokens, to + kDilation);
        kernels.embed(layers, reading, std::min(tokens, needed + 1), embedded, scratch);
        kernels.first(layers, convolved, needed, scratch);
        convolved = needed;
        if (needed == tokens) {
            std::fill_n(&scratch.input[(kDilation + tokens) * kFilters], kSlack * kFilters,
                        std::uint8_t{0});
        }
        kernels.second(layers, from, to, scratch, &scratch.block[from / kStride * kFilters]);
    }
}

float window_logit(const QuantisedLayers& layers, SourceKind channel, const std::int16_t* first,
                   const std::int16_t* second) {
    float hidden[kHidden];
    const float* bias = &layers.hidden_bias[static_cast<std::size_t>(channel) * kHidden];
    std::copy(bias, bias + kHidden, hidden);
    for (std::size_t c = 0; c < kFilters; ++c) {
        const float value = std::max(first[c], second[c]);
        const float* row = &layers.hidden[c * kHidden];
        for (std::size_t h = 0; h < kHidden; ++h) {
            hidden[h] += value * row[h];
        }
    }
    float logit = layers.out_bias;
    for (std::size_t h = 0; h < kHidden; ++h) {
        logit += std::max(hidden[h], 0.0F) * layers.out[h];
    }
    return logit;
}

// ---- Choosing scales ----

// Values by size, to about 4 %: finds quantiles without keeping the values.
class SizeCounts {
public:
    void add(float value, std::uint64_t times = 1) {
        counts_[bin_of(value)] += times;
        total_ += times;
    }
    std::uint64_t total() const { return total_; }
    float quantile(double share) const {
        const double wanted = share * static_cast<double>(total_);
        double seen = 0;
        for (std::size_t i = 0; i < kBins; ++i) {
            seen += static_cast<double>(counts_[i]);
            if (seen >= wanted) {
                return value_of(i + 1);
            }
        }
        return value_of(kBins);
    }
    // Mean square error, times the count, of rounding to 127 steps each way of `most`, cutting off.
    double error_at(float most) const {
        const double step = static_cast<double>(most) / 127;
        double error = 0;
        for (std::size_t i = 0; i < kBins; ++i) {
            const double over = static_cast<double>(value_of(i)) * 1.02 - static_cast<double>(most);
            error += static_cast<double>(counts_[i]) * (over > 0 ? over * over : step * step / 12);
        }
        return error;
    }

private:
    static constexpr std::size_t kBins = 640;
    static constexpr int kBinsPerDoubling = 16;
    static constexpr int kLeastExponent = -24;

    static std::size_t bin_of(float value) {
        const float place = (std::log2(std::max(value, 1e-30F)) - kLeastExponent) *
                            static_cast<float>(kBinsPerDoubling);
        return static_cast<std::size_t>(std::clamp(place, 0.0F, static_cast<float>(kBins - 1)));
    }
    static float value_of(std::size_t bin) {
        return std::exp2(static_cast<float>(bin) / static_cast<float>(kBinsPerDoubling) +
                         static_cast<float>(kLeastExponent));
    }

    std::array<std::uint64_t, kBins> counts_{};
    std::uint64_t total_ = 0;
};

constexpr double kActivationShare = 0.999;  // of a filter's activations that input holds uncut
constexpr float kLeastActivation = 1e-3F;   // of what a filter can be expected to reach

// What one step of the embedding stands for: cutting off a few high values costs less than coarse
// steps for all. Rows count as often as the calibration texts use them.
float choose_embedding_step(const NetworkWeights& weights,
                            std::span<const Reading* const> calibration) {
    std::vector<std::uint32_t> uses(kRows, 1);
    for (const Reading* reading : calibration) {
        for (const std::uint32_t feature : reading->text.features) {
            ++uses[row_of(feature)];
        }
        for (const Concept& found : reading->concepts) {
            ++uses[row_of(found.feature)];
        }
    }
    SizeCounts sizes;
    float highest = 0;
    for (std::size_t i = 0; i < weights.embedding.size(); ++i) {
        const float size = std::abs(weights.embedding[i]);
        sizes.add(size, uses[i / kDimension]);
        highest = std::max(highest, size);
    }
    if (highest == 0) {
        return 1;
    }
    float best = highest;
    constexpr int kTries = 64;
    for (int i = 1; i < kTries; ++i) {
        const float most = highest * std::exp2(static_cast<float>(-i) / 8);
        if (sizes.error_at(most) < sizes.error_at(best)) {
            best = most;
        }
    }
    return best / 127;
}

// What a step of each filter of the first layer stands for.
std::array<float, kFilters> choose_steps(const NetworkWeights& weights,
                                         std::span<const Reading* const> calibration) {
    std::vector<SizeCounts> sizes(kFilters);
    Activations activations;
    for (const Reading* reading : calibration) {
        run_network(weights, *reading, SourceKind::user, nullptr, activations);
        for (std::size_t i = 0; i < activations.first.size(); ++i) {
            if (activations.first[i] > 0) {
                sizes[i % kFilters].add(activations.first[i]);
            }
        }
    }
    double square = 0;
    for (const float value : weights.embedding) {
        square += static_cast<double>(value) * static_cast<double>(value);
    }
    square /= static_cast<double>(weights.embedding.size());
    std::array<float, kFilters> steps{};
    for (std::size_t c = 0; c < kFilters; ++c) {
        // Four deviations, if tokens were independent: for filters that calibration never woke.
        double expected = 0;
        for (std::size_t i = 0; i < kWidth * kDimension; ++i) {
            const double weight = static_cast<double>(weights.first[i * kFilters + c]);
            expected += weight * weight * square;
        }
        const float guess = std::max(4 * static_cast<float>(std::sqrt(expected)), 1e-6F);
        const float most = sizes[c].total() > 0 ? sizes[c].quantile(kActivationShare) : guess;
        steps[c] = std::max(most, guess * kLeastActivation) / 127;
    }
    return steps;
}

// ---- Rounding weights ----

template <class T>
T rounded(float value, float most) {
    return static_cast<T>(std::lround(std::clamp(value, -most, most)));
}

constexpr float kUnit = 1.0F / (1 << kFraction);

void set_scale(Rescale& scale, std::size_t c, float bias, float unit, float step) {
    scale.factor[c] = unit / (step * kUnit);
    // Half a unit more, since the result is cut off.
    scale.bias[c] =
        rounded<std::int32_t>(bias / unit + 0.5F / scale.factor[c], static_cast<float>(kMostBias));
}

void round_first(const NetworkWeights& weights, float token_step,
                 const std::array<float, kFilters>& steps, QuantisedLayers& layers) {
    for (std::size_t c = 0; c < kFilters; ++c) {
        float highest = 1e-9F;
        for (std::size_t i = 0; i < kWidth * kDimension; ++i) {
            highest = std::max(highest, std::abs(weights.first[i * kFilters + c]));
        }
        const float unit = highest / kMostFirst;
        for (std::size_t i = 0; i < kWidth * kDimension; ++i) {
            layers.first[(i / 2 * kFilters + c) * 2 + i % 2] =
                rounded<std::int16_t>(weights.first[i * kFilters + c] / unit, kMostFirst);
        }
        set_scale(layers.first_scale, c, weights.first_bias[c], unit * token_step, steps[c]);
    }
}

void round_second(const NetworkWeights& weights, const std::array<float, kFilters>& steps,
                  QuantisedLayers& layers) {
    constexpr std::size_t kIns = kWidth * kFilters;
    for (std::size_t c = 0; c < kFilters; ++c) {
        std::array<float, kIns> column{};
        float unit = 1e-9F;
        for (std::size_t i = 0; i < kIns; ++i) {
            column[i] = weights.second[i * kFilters + c] * steps[i % kFilters];
            unit = std::max(unit, std::abs(column[i]) / kMostSecond);
        }
        // Rounding adds at most a half to each of the four.
        for (std::size_t i = 0; i < kIns; i += 8) {
            for (std::size_t j = i; j < i + 4; j += 2) {
                const float sum = std::abs(column[j]) + std::abs(column[j + 1]) +
                                  std::abs(column[j + 4]) + std::abs(column[j + 5]);
                unit = std::max(unit, sum / (kMostQuad - 2));
            }
        }
        for (std::size_t i = 0; i < kIns; ++i) {
            layers.second[(i / 4 * kFilters + c) * 4 + i % 4] =
                rounded<std::int8_t>(column[i] / unit, kMostSecond);
        }
        set_scale(layers.second_scale, c, weights.second_bias[c], unit, steps[c]);
    }
}

void copy_head(const NetworkWeights& weights, const std::array<float, kFilters>& steps,
               QuantisedLayers& layers) {
    for (std::size_t h = 0; h < kHidden; ++h) {
        for (std::size_t c = 0; c < kFilters; ++c) {
            layers.hidden[c * kHidden + h] = weights.hidden[c * kHidden + h] * steps[c] * kUnit;
        }
        for (std::size_t channel = 0; channel < kSourceKinds; ++channel) {
            layers.hidden_bias[channel * kHidden + h] =
                weights.hidden_bias[h] + weights.hidden[(kFilters + channel) * kHidden + h];
        }
        layers.out[h] = weights.out[h];
    }
    layers.out_bias = weights.out_bias[0];
}

}  // namespace

QuantisedNetwork::QuantisedNetwork(std::unique_ptr<QuantisedLayers> layers)
    : layers_(std::move(layers)) {}
QuantisedNetwork::~QuantisedNetwork() = default;
QuantisedNetwork::QuantisedNetwork(QuantisedNetwork&&) noexcept = default;
QuantisedNetwork& QuantisedNetwork::operator=(QuantisedNetwork&&) noexcept = default;

QuantisedNetwork QuantisedNetwork::quantise(const NetworkWeights& weights,
                                            std::span<const Reading* const> calibration) {
    auto layers = std::make_unique<QuantisedLayers>();
    const float step = choose_embedding_step(weights, calibration);
    std::int8_t* table = layers->own_table();
    for (std::size_t i = 0; i < kRows * kDimension; ++i) {
        table[i] = rounded<std::int8_t>(weights.embedding[i] / step, 127);
    }
    const auto steps = choose_steps(weights, calibration);
    round_first(weights, step / 8, steps, *layers);
    round_second(weights, steps, *layers);
    copy_head(weights, steps, *layers);
    return QuantisedNetwork(std::move(layers));
}

void QuantisedNetwork::run(const Reading& reading, SourceKind channel, WindowLogits& out) const {
    run_by(true, reading, channel, out);
}

void QuantisedNetwork::run_portable(const Reading& reading, SourceKind channel,
                                    WindowLogits& out) const {
    run_by(false, reading, channel, out);
}

void QuantisedNetwork::run_by(bool wide, const Reading& reading, SourceKind channel,
                              WindowLogits& out) const {
    const std::size_t tokens = reading.text.tokens.size();
    const std::size_t windows = windows_of(tokens);
    const std::size_t blocks = std::max<std::size_t>(1, (tokens + kStride - 1) / kStride);
    static_assert(kWindow == 2 * kStride);
    prepare(tokens, blocks, out.scratch);
    std::int16_t* block = out.scratch.block.data();
    std::fill_n(block, kFilters, std::int16_t{0});
    run_blocks(*layers_, wide ? best_kernels() : portable_kernels(), reading, out.scratch);
    out.logits.resize(windows);
    out.worst = 0;
    for (std::size_t w = 0; w < windows; ++w) {
        const std::size_t other = std::min(w + 1, blocks - 1);
        out.logits[w] =
            window_logit(*layers_, channel, block + w * kFilters, block + other * kFilters);
        out.worst = out.logits[w] > out.logits[out.worst] ? w : out.worst;
    }
}

}  // namespace credence::guard
