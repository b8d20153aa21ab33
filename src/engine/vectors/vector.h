// A vector of meaning as every index keeps it: int8 values and their length.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace credence::vectors {

// A direction: int8 values scaled so that the largest is ±127, and 1/length. No values: no vector.
struct Vector {
    std::vector<std::int8_t> values;
    float inverse_length = 0;  // 0: the text says nothing

    bool empty() const { return values.empty(); }
    bool operator==(const Vector&) const = default;
};

// Completes a vector from its values.
Vector vector_from(std::vector<std::int8_t> values);
// Quantises; the values need not be normalised. Not finite values are Code::invalid.
Result<Vector> quantise(std::span<const float> values);
// Cosine, [-1, 1]; 0 when either says nothing or the dimensions differ.
double cosine(const Vector& a, const Vector& b);

// The values as text for a column, and back; Code::internal when it is not such text.
std::string encode_vector(const Vector& vector);
Result<Vector> decode_vector(std::string_view text);

}  // namespace credence::vectors
