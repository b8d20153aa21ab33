#include "capabilities/guard/memory/vector_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace credence::guard {
namespace {

std::vector<std::int8_t> random_signs(std::size_t count) {
    std::uint64_t chance = 0x9e3779b97f4a7c15ULL;
    std::vector<std::int8_t> out(count);
    for (std::int8_t& sign : out) {
        chance ^= chance << 13U;  // xorshift64
        chance ^= chance >> 7U;
        chance ^= chance << 17U;
        sign = (chance & 1U) != 0 ? 1 : -1;
    }
    return out;
}

std::int64_t squares_of(std::span<const std::int8_t> values) {
    std::int64_t squares = 0;
    for (const std::int8_t value : values) {
        squares += std::int64_t{value} * value;
    }
    return squares;
}

}  // namespace

VectorRows::VectorRows(std::size_t dimension)
    : dimension_(dimension),
      shift_(static_cast<int>(std::bit_width(dimension / kTurned)) / 2),
      kernels_(vectors::best_kernels()),
      signs_(random_signs(2 * dimension)) {}

// The dimensions are folded into 256 sums with random signs, these turned by Hadamard's transform,
// and the signs kept: near enough to 256 random projections of the whole vector.
Sketch VectorRows::sketch_of(std::span<const std::int8_t> values) const {
    static constexpr auto kPlain = [] {
        std::array<std::int8_t, kTurned> ones{};
        ones.fill(1);
        return ones;
    }();
    Sketch out;
    std::array<std::int32_t, kTurned> scratch;
    for (std::size_t half = 0; half < 2; ++half) {
        const std::int8_t* signs = signs_.data() + half * dimension_;
        std::array<std::int16_t, kTurned> sums{};
        for (std::size_t from = 0; from < dimension_; from += kTurned) {
            const std::size_t count = std::min(kTurned, dimension_ - from);
            for (std::size_t i = 0; i < count; ++i) {
                sums[i] = static_cast<std::int16_t>(sums[i] + values[from + i] * signs[from + i]);
            }
        }
        std::array<std::int8_t, kTurned> folded;
        for (std::size_t i = 0; i < kTurned; ++i) {
            folded[i] = static_cast<std::int8_t>(std::clamp(sums[i] >> shift_, -127, 127));
        }
        kernels_.rotated_signs(folded.data(), kPlain.data(), kTurned, scratch.data(),
                               out.words + half * kHalfWords);
    }
    return out;
}

std::uint32_t VectorRows::add(std::span<const std::int8_t> values) {
    std::uint32_t row = 0;
    if (!free_.empty()) {
        row = free_.back();
        free_.pop_back();
    } else {
        row = static_cast<std::uint32_t>(size());
        if (row % kBlockRows == 0) {
            blocks_.push_back(std::make_unique<Block>(dimension_));
        }
        versions_.push_back(0);
        living_.push_back(0);
    }
    Block& block = *blocks_[row / kBlockRows];
    const std::size_t at = row % kBlockRows;
    const RowQuery prepared = prepare(values);
    std::ranges::copy(prepared.values, block.values.data() + at * dimension_);
    std::copy_n(prepared.sketch.words, kHalfWords, block.first.data() + at * kHalfWords);
    std::copy_n(prepared.sketch.words + kHalfWords, kHalfWords,
                block.second.data() + at * kHalfWords);
    block.inverse_lengths[at] = static_cast<float>(prepared.inverse_length);
    living_[row] = 1;
    ++versions_[row];
    return row;
}

void VectorRows::remove(std::uint32_t row) {
    living_[row] = 0;
    ++versions_[row];
    free_.push_back(row);
}

RowQuery VectorRows::prepare(std::span<const std::int8_t> values) const {
    RowQuery out;
    out.values.assign(values.begin(), values.end());
    for (std::int8_t& value : out.values) {
        value = std::max(value, std::int8_t{-127});
    }
    const std::int64_t squares = squares_of(out.values);
    out.inverse_length = squares == 0 ? 0 : 1 / std::sqrt(static_cast<double>(squares));
    out.sketch = sketch_of(out.values);
    return out;
}

Sketch VectorRows::sketch_at(std::uint32_t row) const {
    const Block& block = *blocks_[row / kBlockRows];
    const std::size_t at = row % kBlockRows * kHalfWords;
    Sketch out;
    std::copy_n(block.first.data() + at, kHalfWords, out.words);
    std::copy_n(block.second.data() + at, kHalfWords, out.words + kHalfWords);
    return out;
}

float VectorRows::score(const RowQuery& query, std::uint32_t row) const {
    const Block& block = *blocks_[row / kBlockRows];
    const std::size_t at = row % kBlockRows;
    std::int32_t product = 0;
    kernels_.dot_within_127(query.values.data(), block.values.data() + at * dimension_, 1,
                            dimension_, &product);
    return static_cast<float>(product) * block.inverse_lengths[at];
}

void VectorRows::fetch_ahead(std::uint32_t row) const {
    const Block& block = *blocks_[row / kBlockRows];
    const std::int8_t* values = block.values.data() + row % kBlockRows * dimension_;
    for (std::size_t at = 0; at < dimension_; at += 64) {
        __builtin_prefetch(values + at);
    }
}

}  // namespace credence::guard
