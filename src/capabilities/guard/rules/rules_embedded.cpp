// The rules built into the program. Apart, so that the pack compiler can link everything else.
#include "base/memory.h"
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
    const std::string_view blob = between(credence_guard_rules_begin, credence_guard_rules_end);
    auto rules = load(blob);
    release_pages(blob);  // it was copied
    return rules;
}

Result<std::vector<PackSource>> embedded_sources() {
    const std::string_view packs = between(credence_guard_packs_begin, credence_guard_packs_end);
    auto sources = split_sources(packs);
    release_pages(packs);
    return sources;
}

}  // namespace credence::guard
