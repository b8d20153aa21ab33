#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <span>
#include <utility>

#include "capabilities/guard/model/quantised.h"
#include "capabilities/guard/model/quantised_kernels.h"

namespace credence::guard {

namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kEmbeddingBytes = kRows * kDimension;

struct Header {
    char magic[8] = {'C', 'R', 'G', 'U', 'A', 'R', 'D', 'N'};
    std::uint32_t version = kVersion;
    std::uint32_t rows = kRows;
    std::uint32_t dimension = kDimension;
    std::uint32_t filters = kFilters;
    std::uint32_t hidden = kHidden;
    std::uint32_t channels = kSourceKinds;
    std::uint32_t window = kWindow;
    std::uint32_t dilation = kDilation;
    std::uint32_t zero[6] = {};  // so that the table begins at a multiple of 64

    bool operator==(const Header&) const = default;
};
static_assert(sizeof(Header) == 64);

// Finds damage, not forgery: four lanes of multiply and rotate, each step of which can be undone,
// so that a change in one place never goes unseen. The rest of a length that 32 does not divide is
// left out: the parts of a blob are multiples of 32 bytes.
std::uint64_t checksum(std::string_view bytes) {
    constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15U;
    std::uint64_t lanes[4] = {1, 2, 3, 4};
    for (std::size_t at = 0; at + sizeof(lanes) <= bytes.size(); at += sizeof(lanes)) {
        std::uint64_t words[4];
        std::memcpy(words, bytes.data() + at, sizeof(words));
        for (std::size_t i = 0; i < 4; ++i) {
            lanes[i] = std::rotl((lanes[i] ^ words[i]) * kFactor, 29);
        }
    }
    std::uint64_t sum = bytes.size();
    for (const std::uint64_t lane : lanes) {
        sum = std::rotl((sum ^ lane) * kFactor, 31);
    }
    return sum;
}

// The parts behind the embedding, in the order of the blob.
template <class Layers, class Visit>
void each_part(Layers& layers, const Visit& visit) {
    visit(layers.first);
    visit(layers.second);
    visit(layers.first_scale.bias);
    visit(layers.first_scale.factor);
    visit(layers.second_scale.bias);
    visit(layers.second_scale.factor);
    visit(layers.hidden);
    visit(layers.hidden_bias);
    visit(layers.out);
}

// Behind the parts, and with them a multiple of 32 bytes.
struct Trailer {
    float out_bias = 0;
    std::uint32_t zero[7] = {};
    bool operator==(const Trailer&) const = default;
};

std::size_t blob_bytes() {
    std::size_t bytes = sizeof(Header) + kEmbeddingBytes + sizeof(Trailer) + sizeof(std::uint64_t);
    const QuantisedLayers* none = nullptr;
    bytes += sizeof(none->first) + sizeof(none->second) + 4 * sizeof(none->first_scale.bias) +
             sizeof(none->hidden) + sizeof(none->hidden_bias) + sizeof(none->out);
    return bytes;
}

template <class Values>
bool all_finite(const Values& values) {
    return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

bool is_sound(const Rescale& scale) {
    return all_finite(scale.factor) &&
           std::all_of(scale.factor.begin(), scale.factor.end(), [](float f) { return f >= 0; }) &&
           std::all_of(scale.bias.begin(), scale.bias.end(),
                       [](std::int32_t b) { return b >= -kMostBias && b <= kMostBias; });
}

// Of the bounds that let the kernels do without checks.
bool is_sound(const QuantisedLayers& layers) {
    for (const std::int16_t weight : layers.first) {
        if (weight < -kMostFirst || weight > kMostFirst) {
            return false;
        }
    }
    constexpr std::size_t kGroup = kFilters * 4;
    for (std::size_t at = 0; at < layers.second.size(); at += 2 * kGroup) {
        for (std::size_t i = at; i < at + kGroup; i += 2) {
            const std::int8_t* weights = &layers.second[i];
            if (std::abs(weights[0]) + std::abs(weights[1]) + std::abs(weights[kGroup]) +
                    std::abs(weights[kGroup + 1]) >
                kMostQuad) {
                return false;
            }
        }
    }
    return is_sound(layers.first_scale) && is_sound(layers.second_scale) &&
           all_finite(layers.hidden) && all_finite(layers.hidden_bias) && all_finite(layers.out) &&
           std::isfinite(layers.out_bias);
}

std::unexpected<Error> damaged(const char* what) {
    return fail(Code::invalid, std::string("the guard's network is damaged: ") + what);
}

}  // namespace

std::string QuantisedNetwork::write() const {
    std::string blob;
    blob.reserve(blob_bytes());
    const auto add = [&](const void* from, std::size_t bytes) {
        blob.append(static_cast<const char*>(from), bytes);
    };
    const Header header;
    add(&header, sizeof(header));
    add(layers_->embedding, kEmbeddingBytes);
    each_part(*layers_, [&](const auto& part) { add(part.data(), sizeof(part)); });
    Trailer trailer;
    trailer.out_bias = layers_->out_bias;
    add(&trailer, sizeof(trailer));
    const std::uint64_t sum = checksum(blob);
    add(&sum, sizeof(sum));
    return blob;
}

Result<QuantisedNetwork> QuantisedNetwork::read(std::string_view blob) {
    return load(blob, true, true);
}

Result<QuantisedNetwork> QuantisedNetwork::borrow(std::string_view blob) {
    return load(blob, false, true);
}

Result<QuantisedNetwork> QuantisedNetwork::borrow_trusted(std::string_view blob) {
    return load(blob, false, false);
}

Result<QuantisedNetwork> QuantisedNetwork::load(std::string_view blob, bool copy, bool check) {
    Header header;
    if (blob.size() < sizeof(header)) {
        return damaged("too short");
    }
    std::memcpy(&header, blob.data(), sizeof(header));
    if (header != Header{}) {
        return damaged("made by another version");
    }
    if (blob.size() != blob_bytes()) {
        return damaged("wrong length");
    }
    std::uint64_t sum = 0;
    std::memcpy(&sum, blob.data() + blob.size() - sizeof(sum), sizeof(sum));
    if (check && checksum(blob.substr(0, blob.size() - sizeof(sum))) != sum) {
        return damaged("wrong checksum");
    }
    auto layers = std::make_unique<QuantisedLayers>();
    const char* at = blob.data() + sizeof(header);
    if (copy) {
        std::memcpy(layers->own_table(), at, kEmbeddingBytes);
    } else {
        layers->embedding = reinterpret_cast<const std::int8_t*>(at);
    }
    at += kEmbeddingBytes;
    each_part(*layers, [&](auto& part) {
        std::memcpy(part.data(), at, sizeof(part));
        at += sizeof(part);
    });
    Trailer trailer;
    std::memcpy(&trailer, at, sizeof(trailer));
    layers->out_bias = trailer.out_bias;
    if (!is_sound(*layers)) {
        return damaged("weights out of bounds");
    }
    return QuantisedNetwork(std::move(layers));
}

}  // namespace credence::guard
