// A reading as a sparse vector, for the families without a network: words, pairs of neighbouring
// words, character n-grams, and on request concepts, hashed into kBuckets (Weinberger et al. 2009,
// "Feature Hashing for Large Scale Multitask Learning").
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/random.h"
#include "capabilities/guard/model/network_trainer.h"
#include "capabilities/guard/model/sample.h"

namespace credence::guard {

inline constexpr std::size_t kBuckets = std::size_t{1} << 20;

struct HashedFeature {
    std::uint32_t bucket = 0;  // [0, kBuckets)
    float value = 0;
};
using HashedText = std::vector<HashedFeature>;

// By bucket, each once: the square root of its count, the whole of length 1 (empty for no tokens),
// so that neither repeats nor length add up. Thread-safe; n log n.
HashedText hash_features(const Reading& reading, bool with_concepts);

// The reading with the highest logit, and that logit.
struct WorstReading {
    HashedText features;
    double logit = 0;
};
WorstReading worst_reading(const Sample& sample, std::size_t first_reading, bool with_concepts,
                           const std::function<double(const HashedText&)>& logit_of);
// Where training begins: what an encoding looks like is no evidence, so of an encoded attack only
// what was decoded teaches.
std::size_t first_lesson(const Sample& sample);

// Calls `learn` with each lesson once, in an order drawn from `random`.
void for_each_shuffled(std::span<const Lesson> lessons, SeededRandom& random,
                       const std::function<void(const Lesson&)>& learn);

}  // namespace credence::guard
