// The network as the program carries it: 8-bit weights, integer arithmetic, the same bits on every
// processor. About 0.4 us a token with AVX2.
//
//   token   = sum of int8 rows * 8 / sqrt(how many)                     int16, |x| <= 16,384
//   first   = relu(int16 x int16 -> int32, * a factor of the filter)    int16, in 16ths of a step
//   input   = first in steps, at most 127                               u8: of the second layer
//   second  = first + relu(u8 x int8 -> int32, * a factor)              int16, in 16ths of a step
//   window  = maximum of two blocks of kStride tokens                   int16
//   logit   = floating point: multiplications and additions in a fixed order, never fused
//
// A step is 1/127 of what a filter reaches on calibration texts (Jacob et al. 2018, "Quantization
// and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", for the
// principle). No sum can overflow or saturate within a product: see quantised_kernels.h.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/model/network.h"

namespace credence::guard {

struct QuantisedLayers;

// Working memory of one run; grows to the longest reading so far and is reused.
struct QuantisedScratch {
    std::vector<std::int16_t> token;  // [1 + tokens + slack][kDimension]
    std::vector<std::int16_t> first;  // [tokens + slack][kFilters]
    std::vector<std::uint8_t> input;  // [kDilation + tokens + slack][kFilters]
    std::vector<std::int16_t> block;  // [blocks][kFilters]
};

// Of one reading: the logit of each window. Reuse one object for many readings.
struct WindowLogits {
    std::vector<float> logits;
    std::size_t worst = 0;
    QuantisedScratch scratch;
};

// Immutable and thread-safe.
class QuantisedNetwork {
public:
    static constexpr std::size_t kMaxBlobBytes = 9 * 1024 * 1024;
    // Of one token, features and concepts together; what is beyond does not count.
    static constexpr std::size_t kMaxRowsOfToken = 256;

    // Chooses scales from the weights and from activations on `calibration` (some thousand
    // readings; runs the float network on each once).
    static QuantisedNetwork quantise(const NetworkWeights& weights,
                                     std::span<const Reading* const> calibration);
    // Code::invalid for a damaged blob. Some milliseconds.
    static Result<QuantisedNetwork> read(std::string_view blob);
    // The same without a copy of the embedding table: `blob` must outlive the network. Aligned to
    // 32 bytes it is read fastest.
    static Result<QuantisedNetwork> borrow(std::string_view blob);
    // Without a look at the checksum: leaves the table untouched until it is used.
    static Result<QuantisedNetwork> borrow_trusted(std::string_view blob);
    // At most kMaxBlobBytes.
    std::string write() const;

    ~QuantisedNetwork();
    QuantisedNetwork(QuantisedNetwork&&) noexcept;
    QuantisedNetwork& operator=(QuantisedNetwork&&) noexcept;

    // Replaces what *out holds, reusing its memory: no allocation once it has seen a reading as
    // long.
    void run(const Reading& reading, SourceKind channel, WindowLogits& out) const;
    // The same bits, without AVX2.
    void run_portable(const Reading& reading, SourceKind channel, WindowLogits& out) const;

private:
    explicit QuantisedNetwork(std::unique_ptr<QuantisedLayers> layers);
    static Result<QuantisedNetwork> load(std::string_view blob, bool copy, bool check);
    void run_by(bool wide, const Reading& reading, SourceKind channel, WindowLogits& out) const;

    std::unique_ptr<QuantisedLayers> layers_;
};

}  // namespace credence::guard
