#include "capabilities/guard/scanner.h"
#include "capabilities/guard/context/canary.h"
#include "capabilities/guard/context/departure.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <tuple>

#include "capabilities/guard/pii/pii_kinds.h"

namespace credence::guard {

namespace {

constexpr double kLeakScore = 0.95;  // of a canary that is said

constexpr std::int64_t kNsPerUs = 1000;

Span span_of(const ByteSpan& span) {
    return {static_cast<std::int64_t>(span.start), static_cast<std::int64_t>(span.end)};
}

std::vector<Threat> threats_of(const Inspection& inspection) {
    std::vector<Threat> threats;
    threats.reserve(inspection.analysis.findings.size());
    for (std::size_t i = 0; i < inspection.analysis.findings.size(); ++i) {
        const Finding& finding = inspection.analysis.findings[i];
        const Rule& rule = inspection.rules->rules()[finding.rule];
        if (is_doubt(rule, finding)) {
            continue;
        }
        Threat threat;
        threat.category = rule.category;
        threat.technique = rule.technique;
        threat.severity = rule.severity;
        threat.score = inspection.judgement.scores[i];
        threat.span = span_of(finding.span);
        threat.rule = rule.id;
        threat.view = inspection.analysis.views.name(finding.view);
        if (const PiiKind* kind = pii_kind(rule.detector); kind != nullptr) {
            threat.detector = std::string(kind->name);
        }
        threats.push_back(std::move(threat));
    }
    return threats;
}

// Strongest first; the same rule on the same bytes, seen in two views, is one threat.
std::vector<Threat> distinct(std::vector<Threat> threats) {
    // Ties in the order of the text, so that the answer is the same everywhere.
    std::sort(threats.begin(), threats.end(), [](const Threat& a, const Threat& b) {
        return std::tie(b.score, a.where, a.span.start, a.span.end, a.rule, a.view) <
               std::tie(a.score, b.where, b.span.start, b.span.end, b.rule, b.view);
    });
    std::vector<Threat> kept;
    for (Threat& threat : threats) {
        const bool known = std::any_of(kept.begin(), kept.end(), [&](const Threat& other) {
            return other.rule == threat.rule && other.where == threat.where &&
                   other.span.start < threat.span.end && threat.span.start < other.span.end;
        });
        if (!known) {
            kept.push_back(std::move(threat));
        }
        if (kept.size() == kMaxThreats) {
            break;
        }
    }
    return kept;
}

// Each finding, and the text as a whole: that several small things add up is no one's finding. No
// single attack on instructions is believed more than the whole, which knows the model's opinion.
void add_concerns(const Inspection& inspection, std::vector<Concern>& concerns) {
    Concern whole{Category::prompt_injection, Severity::high, inspection.judgement.attack};
    if (inspection.memory) {
        whole.category = inspection.memory->category;
    }
    double strongest = 0;
    for (std::size_t i = 0; i < inspection.analysis.findings.size(); ++i) {
        const Rule& rule = inspection.rules->rules()[inspection.analysis.findings[i].rule];
        const double score = inspection.judgement.scores[i];
        if (!is_attack(rule.category)) {
            concerns.push_back({rule.category, rule.severity, score});
            continue;
        }
        // Harmful code is not what the model judges.
        const bool code = rule.category == Category::code_execution;
        concerns.push_back(
            {rule.category, rule.severity, code ? score : std::min(score, whole.score)});
        if (score > strongest) {
            strongest = score;
            whole.category = rule.category;
        }
    }
    if (whole.score > 0) {
        concerns.push_back(whole);
    }
}

PolicyDecision decision_of(const Scanned& scanned) {
    PolicyDecision out;
    out.policy_version = scanned.policy->version;
    if (scanned.decision.concern < 0) {
        out.explanation = "No rule of the policy applies.";
        return out;
    }
    const Concern& concern = scanned.concerns[static_cast<std::size_t>(scanned.decision.concern)];
    const auto rule =
        std::ranges::find(scanned.policy->rules, scanned.decision.rule, &PolicyRule::name);
    out.rule = scanned.decision.rule;
    out.category = concern.category;
    out.severity = concern.severity;
    out.score = concern.score;
    out.threshold = rule->least_score;
    out.explanation =
        fmt::format("Policy rule {} says {}: {} ({}) scored {:.3f}, at or above {:.3f}.",
                    rule->name, enumerator_of(rule->action), enumerator_of(concern.category),
                    enumerator_of(concern.severity), concern.score, rule->least_score);
    return out;
}

Result<std::string> decode_base64(const std::string& text) {
    std::string out(text.size() / 4 * 3 + 3, '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    const int wrong =
        ::sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                            text.size(), "\r\n ", &size, &end, sodium_base64_VARIANT_ORIGINAL);
    if (wrong != 0 || end != text.data() + text.size()) {
        return fail(Code::invalid, "must be base64", "media.content");
    }
    out.resize(size);
    return out;
}

void add_model(const Inspection& inspection, const Model* model, ScanResult& result) {
    if (inspection.model) {
        result.model =
            ModelEvidence{inspection.model->score, span_of(inspection.model->span),
                          inspection.analysis.views.name(inspection.model->view), model->version()};
        result.model_version = model->version();
    }
    if (const auto& match = inspection.memory) {
        result.memory = MemoryEvidence{match->threat_id, match->similarity, match->category,
                                       match->severity, match->source};
    }
}

// A threat that is none of the rules'.
void add_threat(Threat threat, Scanned& scanned) {
    ScanResult& result = scanned.result;
    scanned.concerns.push_back({threat.category, threat.severity, threat.score});
    result.score = std::max(result.score, threat.score);
    result.attack_score = std::max(result.attack_score, threat.score);
    result.threats.push_back(std::move(threat));
}

}  // namespace

Mode Scanner::mode_of(const Scan& request) const {
    const Mode mode = request.mode.value_or(parts_.settings.mode);
    const Features features = parts_.features();
    if (mode != Mode::text_only && !features.neuro_symbolic && !features.memory &&
        !features.multimodal) {
        return Mode::text_only;
    }
    return mode;
}

Result<Inspection> Scanner::inspect(const Context& context, const Inspect& request) const {
    const Features features = parts_.features();
    InspectorParts parts;
    parts.rules = parts_.rules;
    parts.model = features.neuro_symbolic ? parts_.model : nullptr;
    if (parts_.memory && features.memory && request.mode == Mode::unified) {
        parts.memory = [this, &context](std::string_view normalised) {
            return parts_.memory(context, normalised);
        };
    }
    parts.clock = parts_.clock;
    parts.limits.max_depth = static_cast<int>(parts_.settings.max_depth);
    parts.limits.max_derived_bytes = static_cast<std::size_t>(parts_.settings.max_decoded_bytes);
    return Inspector(std::move(parts)).inspect(request);
}

Result<void> Scanner::add_media(const Context& context, const Scan& request,
                                Scanned& scanned) const {
    ScanResult& result = scanned.result;
    if (result.mode != Mode::unified || !parts_.features().multimodal) {
        return fail(Code::unsupported, "attached files are read in mode unified only", "media");
    }
    if (!parts_.read_media) {
        return fail(Code::unsupported, "attached files are not read here", "media");
    }
    const std::int64_t started_us = parts_.clock->steady_us();
    const std::string file = TRY(decode_base64(request.media->content));
    const MediaReport report = TRY(parts_.read_media(file));
    MediaEvidence evidence{request.media->name, report.format,   {}, {},
                           report.unread,       report.truncated};
    for (const MediaNote& note : report.notes) {
        evidence.notes.push_back({note.what, note.detail});
    }
    for (const MediaPart& part : report.parts) {
        // A file is data: orders in it are nobody's.
        Inspect inspect{part.text, request.direction, SourceKind::document, result.mode, {}};
        const Inspection inspection = TRY(this->inspect(context, inspect));
        evidence.parts.push_back(
            {part.where, static_cast<std::int64_t>(part.text.size()), inspection.judgement.score});
        for (Threat& threat : threats_of(inspection)) {
            threat.where = part.where;
            threat.span = span_of(part.span);
            result.threats.push_back(std::move(threat));
        }
        add_concerns(inspection, scanned.concerns);
        result.score = std::max(result.score, inspection.judgement.score);
        result.attack_score = std::max(result.attack_score, inspection.judgement.attack);
        result.truncated = result.truncated || inspection.analysis.truncated;
    }
    result.media = std::move(evidence);
    result.times.media_us = parts_.clock->steady_us() - started_us;
    return {};
}

// An order in data that the user's task does not speak of.
void Scanner::add_departure(const Scan& request, Scanned& scanned) const {
    const Inspection& inspection = scanned.inspection;
    const auto found = departure(*inspection.rules, inspection.analysis, request.task.value_or(""),
                                 request.source_kind);
    if (!found) {
        return;
    }
    Threat threat;
    threat.category = Category::prompt_injection;
    threat.technique = Departure::kTechnique;
    threat.severity = found->severity;
    threat.score = found->score;
    threat.span = span_of(found->span);
    threat.rule = Departure::kRule;
    threat.view = inspection.analysis.views.name(found->view);
    add_threat(std::move(threat), scanned);
}

// Whoever says a canary has read what he should not.
void Scanner::add_leaks(const Context& context, const Scan& request, Scanned& scanned) const {
    if (canary_ == nullptr || request.direction != Direction::output ||
        !canary_->watches(context)) {
        return;
    }
    for (const CanaryLeak& leak :
         canary_->leaks_in(context, request.text, scanned.inspection.analysis.views)) {
        Threat threat;
        threat.category = Category::prompt_leak;
        threat.technique = "canary_leak";
        threat.severity = Severity::critical;
        threat.score = kLeakScore;
        threat.span = {leak.span.start, leak.span.end};
        threat.rule = "context.canary";
        threat.view = "plain";
        add_threat(std::move(threat), scanned);
    }
}

Result<Scanned> Scanner::scan(const Context& context, const Scan& request) const {
    if (request.text.size() > kMaxScanBytes) {
        return fail(Code::too_large, "a text to scan holds at most 1 MiB", "text");
    }
    const std::int64_t started_us = parts_.clock->steady_us();
    Inspect inspect{request.text, request.direction, request.source_kind, mode_of(request), {}};
    if (request.task) {
        inspect.task = *request.task;
    }
    Scanned scanned{TRY(this->inspect(context, inspect)), parts_.policy(context), {}, {}, {}};
    const Inspection& inspection = scanned.inspection;
    if (request.options && request.options->threshold) {
        scanned.policy = std::make_shared<const Policy>(
            with_threshold(*scanned.policy, *request.options->threshold));
    }
    ScanResult& result = scanned.result;
    result.mode = inspect.mode;
    result.score = inspection.judgement.score;
    result.attack_score = inspection.judgement.attack;
    result.threats = threats_of(inspection);
    result.truncated = inspection.analysis.truncated;
    result.rules_version = inspection.rules->version();
    add_model(inspection, parts_.model, result);
    if (request.include_normalised) {
        result.normalised = inspection.analysis.views.all()[0].normalised.text;
    }
    if (request.include_text) {
        result.text = request.text;
    }
    add_concerns(inspection, scanned.concerns);
    add_departure(request, scanned);
    add_leaks(context, request, scanned);
    if (request.media) {
        TRY(add_media(context, request, scanned));
    }
    result.threats = distinct(std::move(result.threats));
    scanned.decision =
        decide(*scanned.policy, scanned.concerns, request.source_kind, request.direction);
    result.verdict = scanned.decision.verdict;
    result.decision = decision_of(scanned);
    result.times.rules_us = inspection.times.rules_ns / kNsPerUs;
    result.times.model_us = inspection.times.model_ns / kNsPerUs;
    result.times.memory_us = inspection.times.memory_ns / kNsPerUs;
    result.times.total_us = parts_.clock->steady_us() - started_us;
    result.elapsed_us = result.times.total_us;
    return scanned;
}

}  // namespace credence::guard
