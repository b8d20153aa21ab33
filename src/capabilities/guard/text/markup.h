// Words cut by markup: "ig**no**re", "ig<b>no</b>re", "ig<!-- -->nore", "ig-no-re" -> "ignore".
#pragma once

#include <string_view>

#include "capabilities/guard/text/rewrite.h"

namespace credence::guard {

// Takes away emphasis, inline tags and comments that stand between two letters; tags of blocks
// become blanks. count: words so mended, 0 when nothing but ordinary markup was found. Linear.
Rewritten mend_words(std::string_view raw);

}  // namespace credence::guard
