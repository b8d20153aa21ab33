// Texts made safe to pass on, and back.
#include <algorithm>

#include "capabilities/guard/guard.h"
#include "capabilities/guard/pii/pii.h"
#include "capabilities/guard/vault/masker.h"
#include "capabilities/guard/vault/sanitise.h"
#include "capabilities/guard/vault/unmask.h"

namespace credence::guard {

namespace {

// Values first: all of them, however many; a scan lists only some.
void add_values(std::string_view text, const Inspection& inspection, std::vector<Cut>& cuts) {
    PiiOptions options;
    options.max_found = kMaxPiiFound;
    std::vector<Detected> found;
    find_pii(text, options, found);
    for (const Detected& each : found) {
        cuts.push_back({each.span, CutAction::mask, each.detector, Category::pii});
    }
    // Secrets that rules know and finders do not, and values inside encoded parts.
    for (const Finding& finding : inspection.analysis.findings) {
        const Rule& rule = inspection.rules->rules()[finding.rule];
        if (!is_attack(rule.category)) {
            cuts.push_back({finding.span, CutAction::mask, rule.detector, rule.category});
        }
    }
}

// What the policy would not simply allow.
void add_attacks(std::string_view text, const Scan& request, const Scanned& scanned,
                 std::vector<Cut>& cuts) {
    const Inspection& inspection = scanned.inspection;
    const auto decided = [&](const Concern& concern) {
        return decide(*scanned.policy, {concern}, request.source_kind, request.direction).verdict;
    };
    bool any = false;
    for (std::size_t i = 0; i < inspection.analysis.findings.size(); ++i) {
        const Finding& finding = inspection.analysis.findings[i];
        const Rule& rule = inspection.rules->rules()[finding.rule];
        const double score = std::min(inspection.judgement.scores[i], inspection.judgement.attack);
        if (is_attack(rule.category) &&
            decided({rule.category, rule.severity, score}) != Verdict::allow) {
            cuts.push_back(
                {finding.span, CutAction::remove_sentence, Detector::none, rule.category});
            any = true;
        }
    }
    const auto& concern = scanned.result.decision;
    if (any || !concern.category || !is_attack(*concern.category)) {
        return;
    }
    // Nothing small is to blame: the part that the model fears most, or else all of it.
    const bool has_window = inspection.model && inspection.model->span.end > 0;
    const ByteSpan span = has_window ? inspection.model->span : ByteSpan{0, text.size()};
    cuts.push_back({span, CutAction::remove, Detector::none, *concern.category});
}

CutInfo told(const CutMade& cut) {
    CutInfo out;
    out.instead = cut.instead;
    out.category = cut.category;
    if (cut.action == CutAction::mask) {
        const PiiKind* kind = pii_kind(cut.detector);
        const bool secret = kind == nullptr || kind->group == PiiGroup::secret;
        out.category = secret ? Category::secrets : Category::pii;
        if (kind != nullptr) {
            out.detector = std::string(kind->name);
        }
    }
    if (cut.span) {
        out.span = Span{static_cast<std::int64_t>(cut.span->start),
                        static_cast<std::int64_t>(cut.span->end)};
    }
    return out;
}

SanitisedText told(const Sanitise& request, const ScanResult& first, Sanitised done) {
    SanitisedText out;
    out.changed = done.text != request.text;
    out.text = std::move(done.text);
    out.verdict = first.verdict;
    out.score = first.score;
    out.masked = done.masked;
    out.removed = done.removed;
    out.invisible_bytes = static_cast<std::int64_t>(done.invisible_bytes);
    for (const CutMade& cut : done.cuts) {
        out.cuts.push_back(told(cut));
    }
    out.collapsed = done.collapsed;
    out.vault_id = request.vault_id;
    return out;
}

}  // namespace

Result<const VaultStore*> Guard::vaults() const {
    if (vaults_ == nullptr) {
        return fail(Code::unavailable, "vaults need a store");
    }
    return vaults_.get();
}

Result<SanitisedText> Guard::sanitise(const Context& context, const Sanitise& request) const {
    if (request.text.size() > kMaxScanBytes) {
        return fail(Code::too_large, "a text to sanitise holds at most 1 MiB", "text");
    }
    if (parts_.random == nullptr) {
        return fail(Code::unavailable, "masks need a source of chance");
    }
    Scan scan;
    scan.direction = request.direction;
    scan.source_kind = request.source_kind;
    scan.mode = request.mode;
    std::optional<ScanResult> first;
    const CutFinder finder = [&](std::string_view text) -> Result<std::vector<Cut>> {
        scan.text = std::string(text);
        const Scanned scanned = TRY(scanner_.scan(context, scan));
        if (!first) {
            first = scanned.result;
        }
        std::vector<Cut> cuts;
        add_values(text, scanned.inspection, cuts);
        add_attacks(text, scan, scanned, cuts);
        return cuts;
    };
    Result<Sanitised> done = fail(Code::internal, "nothing was sanitised");
    if (request.vault_id) {
        if (request.style == MaskFormat::redact) {
            return fail(Code::invalid, "a vault keeps masks of style number or hash", "style");
        }
        SealValues settings;
        settings.vault_id = *request.vault_id;
        settings.format = request.style;
        VaultMasks source(*TRY(vaults()), context, std::move(settings));
        done = guard::sanitise(request.text, finder, source);
    } else {
        Masker source(request.style, *parts_.random);
        done = guard::sanitise(request.text, finder, source);
    }
    Sanitised sanitised = TRY(std::move(done));
    if (!first) {
        scan.text = request.text;
        first = TRY(scanner_.scan(context, scan)).result;
    }
    round_scores(*first);
    return told(request, *first, std::move(sanitised));
}

Result<UnmaskedText> Guard::unmask(const Context& context, const Unmask& request) const {
    const VaultStore* vaults = TRY(this->vaults());
    const auto masks = masks_in(request.text, VaultStore::kMaxItems);
    OpenedMasks opened = TRY(vaults->open_masks(context, request.vault_id, masks));
    const Unmasked done = TRY(guard::unmask(request.text, lookup_in(std::move(opened.values)),
                                            request.json ? UnmaskInto::json : UnmaskInto::text));
    return UnmaskedText{done.text, done.restored, done.unknown};
}

Result<ErasedVault> Guard::erase_vault(const Context& context, const EraseVault& request) {
    return ErasedVault{TRY(TRY(vaults())->erase(context, request.vault_id))};
}

}  // namespace credence::guard
