// Rules, packs and figures of the guard.
#include "base/text.h"
#include "capabilities/guard/guard.h"
#include "capabilities/guard/pii/pii.h"

namespace credence::guard {

Result<RuleList> Guard::rules(const Context&, const ListRules& request) const {
    const auto rules = rules_.get();
    RuleList list;
    list.version = rules->version();
    for (const Rule& rule : rules->rules()) {
        if (rule.signal || (request.category && *request.category != rule.category)) {
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

PackList Guard::pack_list() const {
    const auto rules = rules_.get();
    PackList list;
    list.version = rules->version();
    list.digest = rules->digest();
    if (parts_.packs == nullptr) {
        return list;
    }
    for (const PackInfo& pack : parts_.packs->packs()) {
        list.packs.push_back({pack.name, pack.version, pack.origin == PackOrigin::shipped,
                              pack.enabled, pack.rules});
    }
    list.errors = parts_.packs->errors();
    return list;
}

Result<PackList> Guard::packs(const Context&, const Empty&) const {
    return pack_list();
}

Result<PackList> Guard::reload_packs(const Context& context, const Empty&) {
    TRY(check_operator(context));
    if (parts_.packs == nullptr) {
        return fail(Code::unavailable, "there are no packs to read");
    }
    const bool changed = TRY(parts_.packs->reload());
    PackList list = pack_list();
    list.changed = changed;
    return list;
}

Result<PackList> Guard::set_pack(const Context& context, const SetPack& request) {
    TRY(switches_->set_pack(context, request));
    return pack_list();
}

Result<PiiFound> Guard::has_pii(const Context&, const HasPii& request) const {
    PiiOptions options;
    options.max_found = kMaxPiiFound;
    std::vector<Detected> found;
    find_pii(request.text, options, found);
    PiiFound out;
    for (const Detected& each : found) {
        const PiiKind* kind = pii_kind(each.detector);
        if (kind == nullptr) {
            continue;
        }
        const bool secret = kind->group == PiiGroup::secret;
        out.has_secrets = out.has_secrets || secret;
        out.has_pii = out.has_pii || !secret;
        ++out.kinds[std::string(kind->name)];
    }
    return out;
}

Share share_with_interval(std::int64_t successes, std::int64_t n) {
    const stats::Interval interval = stats::wilson_95(successes, n);
    Share share;
    share.n = n;
    share.successes = successes;
    share.value = n == 0 ? 0 : static_cast<double>(successes) / static_cast<double>(n);
    share.low = interval.low;
    share.high = interval.high;
    return share;
}

Result<GuardStats> Guard::stats(const Context& context, const Stats& request) const {
    GuardStats out;
    out.window_minutes = request.window_minutes;
    out.scans = stats_.counts(context.tenant, request.window_minutes);
    out.cache_hits = share_with_interval(out.scans.cached, out.scans.scans);
    out.cache_size = static_cast<std::int64_t>(cache_.counts().size);
    if (parts_.database != nullptr) {
        out.feedback = TRY(parts_.database->read(
            [&](store::Tx& tx) { return feedback_rows::count(tx, context); }));
        out.detections_dropped = static_cast<std::int64_t>(detections_->dropped());
    }
    out.feedback_precision = share_with_interval(
        out.feedback.true_positive, out.feedback.true_positive + out.feedback.false_positive);
    out.features = switches_->features();
    out.mode = settings_.mode;
    out.policy_version = policies_->in_force(context)->version;
    const auto rules = rules_.get();
    out.rules_version = rules->version();
    out.rules_digest = rules->digest();
    if (parts_.model != nullptr) {
        out.model_version = parts_.model->version();
    }
    return out;
}

}  // namespace credence::guard
