// One way to learn from samples. All families are trained and compared on the same samples by
// cross-validation that leaves whole sources out (cross_validation.h); the table is in
// docs/guard.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "capabilities/guard/model/sample.h"

namespace credence::guard {

// What a family learned. Immutable, thread-safe.
class Learned {
public:
    virtual ~Learned() = default;
    // Greater for attacks; any scale. Judges the text by its worst reading.
    virtual double logit(const Sample& sample, SourceKind channel) const = 0;
};

struct Family {
    std::string name;     // "linear"
    std::string summary;  // one line for the table
    // Deterministic for a seed.
    std::function<std::unique_ptr<Learned>(std::span<const Sample* const> samples,
                                           std::uint64_t seed)>
        learn;
};

// Logistic regression over hashed words, word pairs and character n-grams.
Family linear_family();
// Factorisation machine (Rendle 2010) over the same features and the concepts.
Family factorised_family();
// Gradient boosting (Friedman 2001) over traits (traits.h): rules and structure, no words.
Family boosted_family();
// The convolutional network (network.h).
Family network_family();

}  // namespace credence::guard
