// Why a text is judged as it is, step by step.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "base/text.h"
#include "capabilities/guard/guard.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxExcerpt = 120;
constexpr std::size_t kMaxFindingsTold = 64;
constexpr std::size_t kMaxWindowsTold = 3;
constexpr std::array<std::string_view, kMarks> kMarkNames = {"discussion", "negation", "addressee",
                                                             "urgency"};

std::string excerpt(std::string_view text, std::size_t start, std::size_t end) {
    start = std::min(start, text.size());
    end = std::min({end, text.size(), start + kMaxExcerpt});
    return to_valid_utf8(text.substr(start, end - start));
}

// Values of personal data are not repeated: an explanation is read by more people than the text.
std::vector<ExplainedView> views_of(const Views& views, bool holds_values) {
    std::vector<ExplainedView> out;
    for (std::size_t i = 0; i < views.all().size(); ++i) {
        const std::string& text = views.all()[i].normalised.text;
        out.push_back({views.name(i), static_cast<std::int64_t>(text.size()),
                       holds_values ? "" : excerpt(text, 0, kMaxExcerpt)});
    }
    return out;
}

std::vector<ExplainedFinding> findings_of(std::string_view text, const Inspection& inspection,
                                          SourceKind channel) {
    std::vector<ExplainedFinding> out;
    for (std::size_t i = 0; i < inspection.analysis.findings.size(); ++i) {
        const Finding& finding = inspection.analysis.findings[i];
        const Rule& rule = inspection.rules->rules()[finding.rule];
        ExplainedFinding told;
        told.rule = rule.id;
        told.view = inspection.analysis.views.name(finding.view);
        told.span = {static_cast<std::int64_t>(finding.span.start),
                     static_cast<std::int64_t>(finding.span.end)};
        const bool is_value = rule.category == Category::pii || rule.category == Category::secrets;
        told.excerpt = is_value ? "" : excerpt(text, finding.span.start, finding.span.end);
        told.weight = rule.score_in(channel);
        told.score = inspection.judgement.scores[i];
        told.quoted = finding.quoted;
        for (std::size_t mark = 0; mark < kMarks; ++mark) {
            if (((finding.marks >> mark) & 1U) != 0) {
                told.marks.emplace_back(kMarkNames[mark]);
            }
        }
        out.push_back(std::move(told));
    }
    std::ranges::stable_sort(out, std::ranges::greater(), &ExplainedFinding::score);
    if (out.size() > kMaxFindingsTold) {
        out.resize(kMaxFindingsTold);
    }
    return out;
}

std::string discounts_of(const ExplainedFinding& finding) {
    std::string out;
    if (finding.quoted) {
        out += ", quoted";
    }
    for (const std::string& mark : finding.marks) {
        out += ", near words of " + mark;
    }
    return out;
}

std::vector<std::string> steps_of(const Scan& request, const Scanned& scanned,
                                  const Explanation& told,
                                  const std::vector<ModelWindow>& windows) {
    const ScanResult& result = scanned.result;
    std::vector<std::string> steps;
    std::string views;
    for (const ExplainedView& view : told.views) {
        views += (views.empty() ? "" : ", ") + view.name;
    }
    steps.push_back(fmt::format("Read {} bytes as {} {}, in {} readings: {}.", request.text.size(),
                                enumerator_of(request.source_kind),
                                enumerator_of(request.direction), told.views.size(), views));
    for (const ExplainedFinding& finding : told.findings) {
        steps.push_back(
            fmt::format("Rule {} fired on bytes {} to {} ({}): weight {:.3f}{}, "
                        "counts {:.3f}.",
                        finding.rule, finding.span.start, finding.span.end, finding.view,
                        finding.weight, discounts_of(finding), finding.score));
    }
    steps.push_back(
        fmt::format("Rules together believe {:.3f} in an attack and {:.3f} in secrets "
                    "or personal data.",
                    scanned.inspection.judgement.rules, scanned.inspection.judgement.disclosure));
    if (result.model) {
        steps.push_back(
            fmt::format("The model {} believes {:.3f}, most of all for bytes {} to {} "
                        "({}).",
                        result.model->version, result.model->score, result.model->span.start,
                        result.model->span.end, result.model->view));
        for (const ModelWindow& window : windows) {
            steps.push_back(fmt::format("Bytes {} to {} ({}) speak for it with {:+.2f}.",
                                        window.span.start, window.span.end,
                                        scanned.inspection.analysis.views.name(window.view),
                                        window.logit));
        }
    } else {
        steps.emplace_back("The learned model was not asked.");
    }
    steps.push_back(result.memory
                        ? fmt::format("The nearest known threat is {}, similarity {:.3f}.",
                                      result.memory->threat_id, result.memory->similarity)
                        : std::string("No known threat is near."));
    steps.push_back(fmt::format("Taken together: {:.3f} for an attack.", result.attack_score));
    steps.push_back(result.decision.explanation);
    return steps;
}

}  // namespace

Result<Explanation> Guard::explain(const Context& context, const Scan& request) const {
    Scanned scanned = TRY(scanner_.scan(context, request));
    Explanation told;
    told.views =
        views_of(scanned.inspection.analysis.views, scanned.inspection.judgement.disclosure > 0);
    told.findings = findings_of(request.text, scanned.inspection, request.source_kind);
    std::vector<ModelWindow> windows;
    if (scanned.inspection.model) {
        const Inspection& seen = scanned.inspection;
        windows = parts_.model->windows(
            {*seen.rules, seen.analysis, request.text, request.source_kind}, kMaxWindowsTold);
    }
    told.steps = steps_of(request, scanned, told, windows);
    told.scan = std::move(scanned.result);
    round_scores(told.scan);
    for (ExplainedFinding& finding : told.findings) {
        constexpr double kDigits = 1e6;
        finding.score = std::round(finding.score * kDigits) / kDigits;
    }
    return told;
}

}  // namespace credence::guard
