// Personal data and secrets as cuts of sanitise().
#pragma once

#include <string_view>
#include <vector>

#include "capabilities/guard/pii/pii.h"
#include "capabilities/guard/vault/sanitise.h"

namespace credence::guard {

// As find_pii() finds them with these options, all of them (options.max_found is raised): each is
// to be masked. Thread-safe.
std::vector<Cut> pii_cuts(std::string_view text, PiiOptions options);

}  // namespace credence::guard
