// The one pass over a text that calls the finders where a class of bytes says that they may find
// something.
#pragma once

#include <string_view>
#include <vector>

#include "capabilities/guard/pii/pii.h"

namespace credence::guard {

// Appends what the finders claim, all kinds but the partial ones, before overlaps are resolved.
// Linear. False when options.max_numbers left some unread.
bool scan_pii(std::string_view text, const PiiOptions& options, std::vector<Detected>& found);

}  // namespace credence::guard
