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

#include "capabilities/patterns/search/words.h"
#include "engine/vectors/vector.h"

namespace credence::patterns {

using vectors::cosine;
using vectors::decode_vector;
using vectors::encode_vector;
using vectors::quantise;
using vectors::Vector;
using vectors::vector_from;

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
