// One spelling of a value, so that two spellings of it get one mask. Pure.
#pragma once

#include <string>
#include <string_view>

#include "capabilities/guard/kinds.h"

namespace credence::guard {

// E-mail addresses, links and hardware addresses in lower case; numbers, cards, accounts and
// official ids without separators and in upper case; a phone number as its digits, with the '+';
// names without doubled blanks and in lower case (ASCII); secrets and all else as they are.
std::string canonical_value(Detector detector, std::string_view value);

}  // namespace credence::guard
