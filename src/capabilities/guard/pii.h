// Personal data recognised by shape and checksum in a text as it was written. Linear.
#pragma once

#include <string_view>
#include <vector>

#include "capabilities/guard/offset_map.h"
#include "capabilities/guard/rules.h"

namespace credence::guard {

struct Detected {
    Detector detector = Detector::none;
    ByteSpan span;
};

inline constexpr std::size_t kMaxDetected = 128;  // of one text; more changes no verdict

// Appends what is found, at most kMaxDetected, in no particular order.
void find_pii(std::string_view text, std::vector<Detected>& found);

}  // namespace credence::guard
