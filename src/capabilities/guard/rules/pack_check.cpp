#include "capabilities/guard/rules/pack_check.h"

#include <algorithm>

#include "capabilities/guard/rules/analysis.h"

namespace credence::guard {

namespace {

Result<bool> finds(const RuleSet& rules, const std::string& id, const std::string& text) {
    const Analysis analysis = TRY(analyse(rules, text, {}));
    return std::any_of(
        analysis.findings.begin(), analysis.findings.end(),
        [&](const Finding& finding) { return rules.rules()[finding.rule].id == id; });
}

}  // namespace

Result<std::vector<std::string>> check_examples(const Packs& packs, const RuleSet& rules) {
    std::vector<std::string> broken;
    for (const PackRule& rule : packs.rules) {
        for (const std::string& text : rule.examples) {
            if (!TRY(finds(rules, rule.rule.id, text))) {
                broken.push_back(rule.rule.id + " misses its example: " + text);
            }
        }
        for (const std::string& text : rule.counterexamples) {
            if (TRY(finds(rules, rule.rule.id, text))) {
                broken.push_back(rule.rule.id + " finds its counter-example: " + text);
            }
        }
    }
    return broken;
}

}  // namespace credence::guard
