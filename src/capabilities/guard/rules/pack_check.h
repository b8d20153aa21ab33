// Do the examples of the packs hold? Used when packs are compiled, and again by the tests.
#pragma once

#include <string>
#include <vector>

#include "capabilities/guard/rules/pack.h"
#include "capabilities/guard/rules/rules.h"

namespace credence::guard {

enum class ExampleScope : std::uint8_t { all_packs, user_packs };

// One line, "FILE:LINE: what", for each example that its rule misses and each counter-example that
// it finds. Rules that are switched off are not tried.
Result<std::vector<std::string>> check_examples(const Packs& packs, const RuleSet& rules,
                                                ExampleScope scope);

}  // namespace credence::guard
