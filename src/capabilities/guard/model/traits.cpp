#include "capabilities/guard/model/traits.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "capabilities/guard/judge.h"

namespace credence::guard {

namespace {

constexpr std::array<std::string_view, 16> kStructure = {
    "rules.score",    "rules.subversion", "rules.code",    "rules.techniques",
    "rules.quoted",   "text.log_bytes",   "text.upper",    "text.digits",
    "text.signs",     "text.not_ascii",   "text.lines",    "text.exclamations",
    "text.questions", "hidden.marks",     "views.derived", "views.deepest",
};

float share(std::size_t count, std::size_t of) {
    return of == 0 ? 0 : static_cast<float>(count) / static_cast<float>(of);
}

float log_of(std::size_t count) {
    return std::log1p(static_cast<float>(count));
}

// What rules found, without the context of a channel.
struct Findings {
    double judged = 0;
    double subversion = 0;  // the strongest single finding against instructions
    double code = 0;        // the strongest of harmful code
    std::size_t techniques = 0;
    std::size_t quoted = 0;
    std::size_t count = 0;
};

Findings weigh(const RuleSet& rules, const Analysis& analysis) {
    const Judgement judgement = judge(rules, analysis, {});
    Findings found;
    found.judged = judgement.rules;
    std::vector<std::uint32_t> techniques;
    for (std::size_t i = 0; i < analysis.findings.size(); ++i) {
        const Rule& rule = rules.rules()[analysis.findings[i].rule];
        if (!is_attack(rule.category) || is_doubt(rule, analysis.findings[i])) {
            continue;
        }
        double& strongest =
            rule.category == Category::code_execution ? found.code : found.subversion;
        strongest = std::max(strongest, judgement.scores[i]);
        techniques.push_back(rule.technique_index);
        found.quoted += analysis.findings[i].quoted ? 1 : 0;
        ++found.count;
    }
    std::sort(techniques.begin(), techniques.end());
    found.techniques = static_cast<std::size_t>(std::unique(techniques.begin(), techniques.end()) -
                                                techniques.begin());
    return found;
}

struct Letters {
    std::size_t upper = 0, lower = 0, digits = 0, signs = 0, wide = 0, lines = 1;
    std::size_t exclamations = 0, questions = 0;
};

Letters count(std::string_view text) {
    Letters n;
    for (const char c : text) {
        n.upper += c >= 'A' && c <= 'Z' ? 1 : 0;
        n.lower += c >= 'a' && c <= 'z' ? 1 : 0;
        n.digits += c >= '0' && c <= '9' ? 1 : 0;
        n.wide += static_cast<unsigned char>(c) >= 0x80 ? 1 : 0;
        n.lines += c == '\n' ? 1 : 0;
        n.exclamations += c == '!' ? 1 : 0;
        n.questions += c == '?' ? 1 : 0;
    }
    n.signs = text.size() - n.upper - n.lower - n.digits - n.wide -
              static_cast<std::size_t>(std::count(text.begin(), text.end(), ' '));
    return n;
}

}  // namespace

std::vector<std::string> trait_names(std::span<const std::string> signal_names) {
    std::vector<std::string> names(kStructure.begin(), kStructure.end());
    names.insert(names.end(), signal_names.begin(), signal_names.end());
    return names;
}

std::vector<float> traits_of(const RuleSet& rules, const Analysis& analysis,
                             std::string_view text) {
    const Findings found = weigh(rules, analysis);
    const Letters n = count(text);
    const auto& views = analysis.views.all();
    const NormaliseCounts& hidden = views[0].normalised.counts;
    int deepest = 0;
    for (const View& view : views) {
        deepest = std::max(deepest, view.depth);
    }
    std::vector<float> traits = {
        static_cast<float>(found.judged),
        static_cast<float>(found.subversion),
        static_cast<float>(found.code),
        log_of(found.techniques),
        share(found.quoted, found.count),
        log_of(text.size()),
        share(n.upper, n.upper + n.lower),
        share(n.digits, text.size()),
        share(n.signs, text.size()),
        share(n.wide, text.size()),
        log_of(n.lines),
        log_of(n.exclamations),
        log_of(n.questions),
        log_of(hidden.invisible + hidden.bidi + hidden.tags + hidden.selectors + hidden.lookalikes),
        log_of(views.size() - 1),
        static_cast<float>(deepest),
    };
    for (const std::uint16_t signal : analysis.signal_counts) {
        traits.push_back(log_of(signal));
    }
    // Whether a text holds an address or a key says nothing about an attack.
    for (const Rule& rule : rules.rules()) {
        const std::size_t at = kStructure.size() + rule.feature;
        if (!is_attack(rule.category) && at < traits.size()) {
            traits[at] = 0;
        }
    }
    return traits;
}

}  // namespace credence::guard
