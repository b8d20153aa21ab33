// Made-up texts and weights for the model's tests and benchmark.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/random.h"
#include "capabilities/guard/model/network.h"

namespace credence::guard {

// Made-up words, most of them short, the way languages have them. ASCII, lower case.
std::string made_up_text(SeededRandom& random, std::size_t bytes);
// Tokens of a text.
Reading reading_of(const std::string& text);
// As many made-up tokens; about every fifth carries a concept.
Reading made_up_reading(SeededRandom& random, std::size_t tokens);
// As training begins.
NetworkWeights random_weights(SeededRandom& random);
// [0, 1).
double uniform(SeededRandom& random);

std::vector<const Reading*> pointers_to(const std::vector<Reading>& readings);

}  // namespace credence::guard
