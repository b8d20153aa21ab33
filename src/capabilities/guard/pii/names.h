// People, organisations and places by rules and word lists: partial, many are missed. Thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "capabilities/guard/detected.h"

namespace credence::guard {

// Appends people, organisations, places, streets and days of the week, with confidences below 0.9;
// they may overlap other findings. Linear: 200,000 words and 4,096 findings at most.
void find_names(std::string_view text, std::vector<Detected>& found);

}  // namespace credence::guard
