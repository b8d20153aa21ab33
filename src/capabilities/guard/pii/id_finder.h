// Official numbers by spelling, check digits and context words (id_shapes.h).
#pragma once

#include <optional>
#include <string_view>

#include "capabilities/guard/detected.h"
#include "capabilities/guard/pii/cues.h"

namespace credence::guard {

// The longest number that begins at `at`, where a group of letters and digits begins; of those
// equally long the one whose context word is nearest. O(1): a few rows are tried, each at most 32
// bytes long.
std::optional<Detected> find_id(std::string_view text, std::size_t at, CueScanner& cues);

// A value that only its context word makes what it is: bank account, driver's licence, passport and
// bank code.
std::optional<Detected> find_named_id(std::string_view text, std::size_t at, CueScanner& cues);

}  // namespace credence::guard
