// The inner loops of vector search, in the variants of the processor. All variants give exactly
// the same numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace credence::vectors {

inline constexpr std::size_t kVectorAlignment = 64;  // dimensions come in multiples of this

struct Kernels {
    std::string_view name;
    // out[i] = query · rows[i] for `count` rows of `dimension` int8 (a multiple of 64, or any for
    // the scalar one; at most 65,536, so that sums fit).
    void (*dot)(const std::int8_t* query, const std::int8_t* rows, std::size_t count,
                std::size_t dimension, std::int32_t* out);
    // The same numbers faster, for rows and a query without a -128.
    void (*dot_within_127)(const std::int8_t* query, const std::int8_t* rows, std::size_t count,
                           std::size_t dimension, std::int32_t* out);
    // out[i] = number of bits in which query and rows[i] differ; rows of `words` 64-bit words.
    void (*differing_bits)(const std::uint64_t* query, const std::uint64_t* rows, std::size_t count,
                           std::size_t words, std::uint16_t* out);
    // bits = where the values, times `signs` (1 or -1 each) and turned by Hadamard's transform in
    // blocks of the largest power of two that divides `size` (a multiple of 64), are above zero.
    // `scratch` has room for `size`.
    void (*rotated_signs)(const std::int8_t* values, const std::int8_t* signs, std::size_t size,
                          std::int32_t* scratch, std::uint64_t* bits);
};

const Kernels& scalar_kernels();
// Those this processor can run, slowest first; never empty.
std::vector<const Kernels*> available_kernels();
// The fastest of them.
const Kernels& best_kernels();

}  // namespace credence::vectors
