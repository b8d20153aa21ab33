// When a pattern has proved itself. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "capabilities/patterns/patterns.h"

namespace credence::patterns {

struct Maturity {
    bool mature = false;
    std::int64_t labelled = 0;
    std::string missing;  // "2 of 5 labelled uses, confidence 0.42 of 0.75"; empty when mature
};

// Verified or confirmed often enough, by enough agents, with enough confidence.
Maturity maturity_of(const Pattern& pattern, const PatternsSettings& settings);

}  // namespace credence::patterns
