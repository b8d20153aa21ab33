// The rules built into the program. Apart, so that the pack compiler can link everything else.
#include "capabilities/guard/rules/pack_source.h"
#include "capabilities/guard/rules/rules.h"

extern "C" {
extern const char credence_guard_rules_begin[];
extern const char credence_guard_rules_end[];
extern const char credence_guard_packs_begin[];
extern const char credence_guard_packs_end[];
}

namespace credence::guard {

namespace {

std::string_view between(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

Result<std::unique_ptr<RuleSet>> RuleSet::load_embedded() {
    return load(between(credence_guard_rules_begin, credence_guard_rules_end));
}

Result<std::vector<PackSource>> embedded_sources() {
    return split_sources(between(credence_guard_packs_begin, credence_guard_packs_end));
}

}  // namespace credence::guard
