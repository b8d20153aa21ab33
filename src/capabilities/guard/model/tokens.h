// A normalised text as the learned model reads it: tokens, each a bag of hashed features.
//
// A word gives its own hash and those of its character 3- to 5-grams with the edges marked, so that
// inflections, typing errors and unseen words land near known ones (Bojanowski et al. 2017,
// "Enriching Word Vectors with Subword Information"). Scripts without blanks give one token a
// character, with pairs and triples. Numbers, long random runs and signs are reduced to their
// shape. Pure; linear.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "capabilities/guard/text/normalise.h"

namespace credence::guard {

struct Token {
    std::uint32_t start = 0;  // bytes of the normalised text
    std::uint32_t end = 0;
    std::uint32_t first_feature = 0;
    std::uint32_t features = 0;
};

struct Tokens {
    std::vector<Token> tokens;
    std::vector<std::uint32_t> features;  // hashes, [0, 2^32)
};

// Hash of a feature that has a name instead of letters.
std::uint32_t feature_of(std::string_view name);

// Replaces *out, reusing its memory; stops after max_tokens. Thread-safe. About 0.1 us a token.
void tokenise(const Normalised& text, std::size_t max_tokens, Tokens& out);

}  // namespace credence::guard
