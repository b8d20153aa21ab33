// The rules built into the program. Apart, so that the pack compiler can link everything else.
#include "capabilities/guard/rules/rules.h"

extern "C" {
extern const char credence_guard_rules_begin[];
extern const char credence_guard_rules_end[];
}

namespace credence::guard {

Result<std::unique_ptr<RuleSet>> RuleSet::load_embedded() {
    return load({credence_guard_rules_begin,
                 static_cast<std::size_t>(credence_guard_rules_end - credence_guard_rules_begin)});
}

}  // namespace credence::guard
