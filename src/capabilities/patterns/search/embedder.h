// The built-in embedder: text to a direction in 256 dimensions, without a model file or a network.
//
// Each word adds signed hashed features: its stem, its meanings (word_tables.h), the character
// 3- to 5-grams of the word as written (typing errors and compounds), and pairs of neighbours. A
// word's weight falls for function words and everyday words of the trade, and grows with the
// logarithm of its count. All arithmetic is in integers: the same on every machine.
// Cost: below 50 us for 500 bytes (search_bench prints it).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/patterns/search/words.h"

namespace credence::patterns {

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

// A piece of a text, and how much it counts beside the others.
struct TextPart {
    std::string_view text;
    int weight = 1;  // 1 .. 8
};

// Thread-safe.
class Embedder {
public:
    static constexpr std::size_t kDimension = 256;

    // Names the algorithm and its tables: vectors of different names do not compare.
    std::string name() const;
    Vector embed(std::string_view text) const;
    Vector embed(std::span<const TextPart> parts) const;
    const Vocabulary& vocabulary() const { return vocabulary_; }

private:
    using Sums = std::array<std::int64_t, kDimension>;
    void add_part(Sums& sums, const TextPart& part) const;
    void add_word(Sums& sums, const std::string& word, const std::string& stem, int weight) const;

    Vocabulary vocabulary_;
};

}  // namespace credence::patterns
