// JSON as text for people: aligned keys, indented objects, tables for lists of objects.
//
//   verdict:    block
//   score:      0.9731
//   threats:
//     category   severity  score
//     injection  high      0.9731
//
// Members ending in _at_us are shown as RFC 3339 times, others ending in _us as durations, numbers
// with a fraction with four significant digits. A table has the members that are scalar; what is
// nested deeper is in --json. Long cells are cut with an ellipsis.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace credence::surface {

// Appends lines. Code::internal when json is not JSON. Thread-safe.
Result<void> render_json(std::string_view json, bool color, std::string& out);

// Text that cannot move the cursor, change colours or reverse the reading direction: such
// characters become \n, \x1b, \u202e.
std::string displayable(std::string_view text);

// "12 us", "1.5 ms", "2.25 s".
std::string format_duration_us(std::int64_t duration_us);

}  // namespace credence::surface
