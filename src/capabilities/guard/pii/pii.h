// Personal data recognised by shape and checksum in a text as it was written. Linear.
#pragma once

#include <string_view>
#include <vector>

#include "capabilities/guard/detected.h"

namespace credence::guard {

// Appends what is found, at most kMaxDetected, in no particular order.
void find_pii(std::string_view text, std::vector<Detected>& found);

}  // namespace credence::guard
