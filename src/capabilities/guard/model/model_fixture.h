// What tests of the model share.
#pragma once

#include "capabilities/guard/rules/rules.h"

namespace credence::guard {

inline const RuleSet& rules() {
    static const auto loaded = RuleSet::load_embedded();
    return **loaded;
}

}  // namespace credence::guard
