// What a finder written in C++ found: the rule packs give it a category, a severity and a weight.
#pragma once

#include <cstddef>

#include "capabilities/guard/kinds.h"
#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

struct Detected {
    Detector detector = Detector::none;
    ByteSpan span;          // of the text that was searched
    double confidence = 1;  // (0, 1]; scales the weight that the pack gives
};

inline std::size_t length_of(const Detected& item) {
    return item.span.end - item.span.start;
}

// Of one text; more changes no verdict.
inline constexpr std::size_t kMaxDetected = 128;

}  // namespace credence::guard
