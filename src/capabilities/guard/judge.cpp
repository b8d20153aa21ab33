#include "capabilities/guard/judge.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace credence::guard {

namespace {

constexpr double kQuotedDiscussed = 0.25;  // "the phrase '…' is a prompt injection"
constexpr double kQuoted = 0.7;
constexpr double kDiscussed = 0.75;
constexpr double kForeignSource = 1.25;  // orders where there should be none
constexpr double kSystemSource = 0.3;    // operators do give orders
constexpr double kAddressedBonus = 1.1;
constexpr double kMost = 0.99;
constexpr std::size_t kStretchBytes = 700;  // within which techniques support each other
constexpr double kCertainCode = 0.7;        // below, harmful code is a guess …
constexpr double kDoubtfulCode = 0.6;       // … that counts for less among attacks on instructions
constexpr double kMostDoubted = 0.28;       // a doubt ranks below whatever is flagged
constexpr double kMemoryWeight = 0.9;       // of a threat found again to the letter

double weight_of_view(ViewKind kind) {
    switch (kind) {
        case ViewKind::plain:
            return 1.0;
        case ViewKind::tag_characters:
        case ViewKind::variation_selectors:
            return 1.2;
        case ViewKind::reversed:
        case ViewKind::rot13:
        case ViewKind::base64:
        case ViewKind::hexadecimal:
            return 1.0;
        default:
            return 0.95;
    }
}

double weight_of_source(const Rule& rule, const JudgeContext& context) {
    if (rule.score_in(context.source_kind) != rule.score) {
        return 1.0;  // the pack has weighed this channel itself
    }
    const bool orders =
        rule.category == Category::prompt_injection || rule.category == Category::tool_poisoning;
    switch (context.source_kind) {
        case SourceKind::document:
        case SourceKind::tool_result:
        case SourceKind::tool_description:
            return orders ? kForeignSource : 1.0;
        case SourceKind::system:
            return kSystemSource;
        default:
            return 1.0;
    }
}

bool has(const Finding& finding, Mark mark) {
    return ((finding.marks >> static_cast<unsigned>(mark)) & 1U) != 0;
}

double score_of(const Rule& rule, const Finding& finding, ViewKind view,
                const JudgeContext& context) {
    const double own = rule.score_in(context.source_kind) * finding.confidence;
    if (!is_attack(rule.category)) {
        return std::min(own, kMost);
    }
    double score = own * weight_of_view(view) * weight_of_source(rule, context);
    const bool discussed = has(finding, Mark::discussion);
    if (rule.category != Category::code_execution) {
        score *= finding.quoted && discussed ? kQuotedDiscussed
                 : finding.quoted            ? kQuoted
                 : discussed                 ? kDiscussed
                                             : 1.0;
    }
    if (has(finding, Mark::addressee) && rule.category == Category::prompt_injection) {
        score *= kAddressedBonus;
    }
    return std::min(score, kMost);
}

// The strongest noisy-or of techniques inside any stretch of kStretchBytes.
template <class Counts>
double worst_stretch(const RuleSet& rules, std::span<const Finding> findings,
                     std::span<const double> scores, const Counts& counts) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < findings.size(); ++i) {
        if (counts(rules.rules()[findings[i].rule])) {
            order.push_back(i);
        }
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return findings[a].span.start < findings[b].span.start;
    });
    double worst = 0;
    std::vector<double> best(rules.techniques());
    for (std::size_t first = 0; first < order.size(); ++first) {
        const std::size_t from = findings[order[first]].span.start;
        if (first > 0 && findings[order[first - 1]].span.start == from) {
            continue;  // the same stretch, less one finding
        }
        // Of each technique only the best score counts.
        std::fill(best.begin(), best.end(), 0.0);
        double innocent = 1;
        for (std::size_t i = first; i < order.size(); ++i) {
            const Finding& finding = findings[order[i]];
            if (finding.span.start - from > kStretchBytes) {
                break;
            }
            double& score = best[rules.rules()[finding.rule].technique_index];
            if (scores[order[i]] > score) {
                innocent *= (1 - scores[order[i]]) / (1 - score);
                score = scores[order[i]];
            }
        }
        worst = std::max(worst, 1 - innocent);
    }
    return worst;
}

// A doubt about code ranks a text among those that are let through; it moves no verdict.
void add_doubt(Judgement& judgement) {
    if (judgement.attack < kMostDoubted) {
        const double doubted = 1 - (1 - judgement.attack) * (1 - kDoubtfulCode * judgement.doubt);
        judgement.attack = std::min(doubted, kMostDoubted);
    }
    judgement.score = std::max(judgement.attack, judgement.disclosure);
}

}  // namespace

double combined_score(const Evidence& evidence, SourceKind) {
    double innocent = 1 - evidence.rules;
    if (evidence.model) {
        innocent *= 1 - *evidence.model;
    }
    if (evidence.similarity) {
        const double nearness = std::clamp(*evidence.similarity, 0.0, 1.0);
        innocent *= 1 - kMemoryWeight * (1 + nearness) / 2;
    }
    return std::clamp(1 - innocent, 0.0, 1.0);
}

Judgement judge(const RuleSet& rules, const Analysis& analysis, const JudgeContext& context) {
    Judgement judgement;
    for (const Finding& finding : analysis.findings) {
        const Rule& rule = rules.rules()[finding.rule];
        if (is_doubt(rule, finding)) {
            judgement.scores.push_back(0);
            judgement.doubt = std::max(judgement.doubt, finding.confidence);
            continue;
        }
        const ViewKind view = analysis.views.all()[finding.view].kind;
        judgement.scores.push_back(score_of(rule, finding, view, context));
        if (!is_attack(rule.category)) {
            judgement.disclosure = std::max(judgement.disclosure, judgement.scores.back());
        }
    }
    judgement.rules = worst_stretch(rules, analysis.findings, judgement.scores,
                                    [](const Rule& rule) { return is_attack(rule.category); });
    judgement.unlearned =
        worst_stretch(rules, analysis.findings, judgement.scores, [](const Rule& rule) {
            return rule.category == Category::code_execution ||
                   (is_attack(rule.category) && rule.origin == PackOrigin::user);
        });
    judgement.attack = judgement.rules;
    add_doubt(judgement);
    return judgement;
}

void add_evidence(Evidence evidence, SourceKind source_kind, Judgement& judgement) {
    const double eased = judgement.unlearned < kCertainCode ? kDoubtfulCode * judgement.unlearned
                                                            : judgement.unlearned;
    evidence.rules = evidence.model ? eased : judgement.rules;
    judgement.attack = combined_score(evidence, source_kind);
    add_doubt(judgement);
}

}  // namespace credence::guard
