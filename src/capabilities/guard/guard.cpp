#include "capabilities/guard/guard.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "base/text.h"
#include "capabilities/guard/rules/analysis.h"
#include "capabilities/guard/judge.h"

namespace credence::guard {

namespace {

constexpr std::array<double, 12> kScanBuckets = {1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5,
                                                 1e-4, 2.5e-4, 1e-3, 5e-3, 2.5e-2, 0.1};

// Three digits: enough to read, and the same on every machine.
double rounded(double score) {
    return std::round(score * 1000) / 1000;
}

Counter& counter(Metrics& metrics, const char* verdict) {
    return metrics.counter("credence_guard_scans_total", "Texts scanned, by verdict",
                           {{"verdict", verdict}});
}

std::vector<Threat> threats_of(const RuleSet& rules, const Analysis& analysis,
                               const Judgement& judgement) {
    std::vector<Threat> threats;
    for (std::size_t i = 0; i < analysis.findings.size(); ++i) {
        const Finding& finding = analysis.findings[i];
        const Rule& rule = rules.rules()[finding.rule];
        Threat threat;
        threat.category = rule.category;
        threat.technique = rule.technique;
        threat.severity = rule.severity;
        threat.score = rounded(judgement.scores[i]);
        threat.span = {static_cast<std::int64_t>(finding.span.start),
                       static_cast<std::int64_t>(finding.span.end)};
        threat.rule = rule.id;
        threat.view = analysis.views.name(finding.view);
        threats.push_back(std::move(threat));
    }
    // Ties in the order of the text, so that the answer is the same everywhere.
    std::sort(threats.begin(), threats.end(), [](const Threat& a, const Threat& b) {
        return std::tie(b.score, a.span.start, a.span.end, a.rule, a.view) <
               std::tie(a.score, b.span.start, b.span.end, b.rule, b.view);
    });
    // The same rule on the same bytes, seen in two views, is one threat.
    std::vector<Threat> distinct;
    for (Threat& threat : threats) {
        const bool known = std::any_of(distinct.begin(), distinct.end(), [&](const Threat& other) {
            return other.rule == threat.rule && other.span.start < threat.span.end &&
                   threat.span.start < other.span.end;
        });
        if (!known && distinct.size() < kMaxThreats) {
            distinct.push_back(std::move(threat));
        }
    }
    return distinct;
}

}  // namespace

Guard::Guard(std::unique_ptr<RuleSet> rules, const GuardSettings& settings, const Clock& clock,
             Metrics& metrics)
    : rules_(std::move(rules)),
      settings_(settings),
      clock_(clock),
      scans_{&counter(metrics, "allow"), &counter(metrics, "flag"), &counter(metrics, "block")},
      scan_time_(metrics.histogram("credence_guard_scan_seconds", "Time to scan one text", {},
                                   kScanBuckets)) {}

Result<ScanResult> Guard::judge_text(const Scan& request) const {
    ViewLimits limits;
    limits.max_depth = static_cast<int>(settings_.max_depth);
    limits.max_derived_bytes = static_cast<std::size_t>(settings_.max_decoded_bytes);
    const Analysis analysis = TRY(analyse(*rules_, request.text, limits));
    const Judgement judgement =
        judge(*rules_, analysis, {request.direction, request.source_kind}, settings_);
    ScanResult result;
    result.verdict = judgement.verdict;
    result.score = rounded(judgement.score);
    result.threats = threats_of(*rules_, analysis, judgement);
    if (request.include_normalised) {
        result.normalised = analysis.views.all()[0].normalised.text;
    }
    result.truncated = analysis.truncated;
    return result;
}

Result<ScanResult> Guard::scan(const Context&, const Scan& request) const {
    if (request.text.size() > kMaxScanBytes) {
        return fail(Code::too_large, "a text to scan holds at most 1 MiB", "text");
    }
    const std::int64_t started_us = clock_.steady_us();
    ScanResult result = TRY(judge_text(request));
    result.elapsed_us = clock_.steady_us() - started_us;
    result.rules_version = rules_->version();
    scans_[static_cast<std::size_t>(result.verdict)]->add();
    scan_time_.observe_us(result.elapsed_us);
    return result;
}

Result<RuleList> Guard::rules(const Context&, const ListRules& request) const {
    RuleList list;
    list.version = rules_->version();
    for (const Rule& rule : rules_->rules()) {
        if (request.category && *request.category != rule.category) {
            continue;
        }
        RuleInfo info{rule.id, rule.category, rule.technique, rule.severity, rule.score,
                      {},      rule.pack,     rule.version};
        for (const std::string_view language : split(rule.languages, ',')) {
            if (!language.empty()) {
                info.languages.emplace_back(language);
            }
        }
        list.rules.push_back(std::move(info));
    }
    return list;
}

}  // namespace credence::guard
