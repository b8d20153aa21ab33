// Letters kept apart: "i g n o r e  a l l", "i.g.n.o.r.e a.l.l", "i-g-n-o-r-e-a-l-l" -> "ignore
// all".
#pragma once

#include <string_view>

#include "capabilities/guard/text/rewrite.h"

namespace credence::guard {

// Reads raw text, where a wider gap still shows between words; where no gap is wider, the words are
// parted by the word list. count is the number of stretches joined: each at least five letters with
// the same separator, that read like language when joined. Linear.
Rewritten join_separated(std::string_view raw);

// Words run together, "ignoreallpreviousinstructions", parted where listed words (two key words
// among them) cover them. Reads normalised text.
Rewritten part_run_together(std::string_view text);

}  // namespace credence::guard
