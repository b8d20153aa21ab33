#include "capabilities/guard/rules/pack_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "capabilities/guard/rules/analysis.h"

namespace credence::guard {

namespace {

// A signal gives no finding: it must have been counted.
Result<bool> finds(const RuleSet& rules, std::size_t index, const std::string& text) {
    const Rule& rule = rules.rules()[index];
    const Analysis analysis = TRY(analyse(rules, text, {}));
    if (rule.signal) {
        return std::any_of(analysis.signals.begin(), analysis.signals.end(),
                           [&](const SignalHit& hit) { return hit.rule == index; });
    }
    return std::any_of(
        analysis.findings.begin(), analysis.findings.end(),
        [&](const Finding& finding) { return finding.rule == index && !is_doubt(rule, finding); });
}

}  // namespace

Result<std::vector<std::string>> check_examples(const Packs& packs, const RuleSet& rules,
                                                ExampleScope scope) {
    std::vector<std::string> broken;
    std::map<std::string_view, std::size_t> indices;
    for (std::size_t i = 0; i < rules.rules().size(); ++i) {
        indices.emplace(rules.rules()[i].id, i);
    }
    for (const PackRule& rule : packs.rules) {
        const auto known = indices.find(rule.rule.id);
        if (known == indices.end()) {
            return fail(Code::internal, rule.rule.id + " was not compiled");
        }
        const std::size_t i = known->second;
        const bool wanted =
            scope == ExampleScope::all_packs || rule.rule.origin == PackOrigin::user;
        if (!wanted || !rules.rules()[i].enabled) {
            continue;
        }
        for (const std::string& text : rule.examples) {
            if (!TRY(finds(rules, i, text))) {
                broken.push_back(
                    fmt::format("{}: {} misses its example: {}", rule.where, rule.rule.id, text));
            }
        }
        for (const std::string& text : rule.counterexamples) {
            if (TRY(finds(rules, i, text))) {
                broken.push_back(fmt::format("{}: {} finds its counter-example: {}", rule.where,
                                             rule.rule.id, text));
            }
        }
    }
    return broken;
}

}  // namespace credence::guard
