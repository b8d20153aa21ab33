#include "capabilities/guard/guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "capabilities/guard/memory/memory.h"

namespace credence::guard {

namespace {

std::function<std::shared_ptr<const RuleSet>()> source_of(const GuardParts& parts) {
    CHECK((parts.packs != nullptr) != (parts.rules != nullptr), "packs or rules");
    if (parts.packs != nullptr) {
        return [packs = parts.packs] { return packs->rules(); };
    }
    return [rules = parts.rules] { return rules; };
}

GuardParts plain_parts(std::unique_ptr<RuleSet> rules, const GuardSettings& settings,
                       const Clock& clock, Metrics& metrics) {
    GuardParts parts{settings, clock, metrics};
    parts.rules = std::move(rules);
    return parts;
}

CacheLimits cache_limits(const GuardSettings& settings) {
    CacheLimits limits;
    limits.max_entries = static_cast<std::size_t>(settings.cache_entries);
    return limits;
}

Counter* feedback_counter(Metrics& metrics, const char* label) {
    return &metrics.counter("credence_guard_feedback_total", "Verdicts that people judged",
                            {{"label", label}});
}

}  // namespace

Guard::Guard(std::unique_ptr<RuleSet> rules, const GuardSettings& settings, const Clock& clock,
             Metrics& metrics)
    : Guard(plain_parts(std::move(rules), settings, clock, metrics)) {}

Guard::Guard(const GuardParts& parts)
    : parts_(parts),
      settings_(parts.settings),
      clock_(parts.clock),
      rules_{source_of(parts)},
      stats_(parts.clock, parts.metrics),
      policies_(std::make_unique<Policies>(
          parts.database, parts.clock,
          default_policy(parts.settings.flag_threshold, parts.settings.block_threshold))),
      switches_(std::make_unique<Switches>(parts.database, parts.packs, parts.clock,
                                           features_of(parts.settings))),
      detections_(parts.database == nullptr
                      ? nullptr
                      : std::make_unique<Detections>(*parts.database, parts.clock, parts.metrics)),
      cache_(cache_limits(parts.settings), parts.clock),
      feedback_counters_{
          {Label::true_positive, feedback_counter(parts.metrics, "true_positive")},
          {Label::false_positive, feedback_counter(parts.metrics, "false_positive")},
          {Label::false_negative, feedback_counter(parts.metrics, "false_negative")}},
      scanner_(scanner_parts(parts)) {
    parts.metrics.gauge_function("credence_guard_cache_size", "Results kept by the cache",
                                 [this] { return static_cast<double>(cache_.counts().size); });
}

ScannerParts Guard::scanner_parts(const GuardParts& parts) const {
    ScannerParts out;
    out.rules = rules_.get;
    out.model = parts.model;
    if (parts.memory != nullptr) {
        out.memory = [memory = parts.memory](const Context& context, std::string_view normalised) {
            return memory->nearest(context.tenant, context.name_space, normalised);
        };
    }
    if (parts.reads_media) {
        out.read_media = [reader = parts.reader](std::string_view file) {
            return read_media(file, reader);
        };
    }
    out.policy = [this](const Context& context) { return policies_->in_force(context); };
    out.features = [this] { return switches_->features(); };
    out.clock = &parts.clock;
    out.settings = parts.settings;
    return out;
}

Result<void> Guard::start() {
    if (parts_.random != nullptr) {
        key_ =
            parts_.data_directory.empty()
                ? VaultKey::ephemeral(*parts_.random)
                : TRY(VaultKey::open(parts_.data_directory + "/guard-vault.key", *parts_.random));
        if (parts_.database != nullptr) {
            vaults_ = std::make_unique<VaultStore>(
                VaultParts{*parts_.database, clock_, *parts_.random, *key_});
        }
    }
    return refresh();
}

Result<void> Guard::refresh() {
    TRY(policies_->refresh());
    return switches_->refresh();
}

Result<void> Guard::flush() {
    return detections_ == nullptr ? Result<void>() : detections_->flush();
}

Result<void> Guard::upkeep() {
    constexpr std::int64_t kMaxErased = 10'000;
    if (detections_ != nullptr) {
        TRY(detections_->prune(settings_.retention_days));
    }
    if (vaults_ != nullptr) {
        TRY(vaults_->erase_expired(kMaxErased));
    }
    return {};
}

Result<ScanResult> Guard::judge_text(const Scan& request) const {
    return TRY(scanner_.scan({}, request)).result;
}

std::string Guard::digest_of(const Context& context, std::string_view text) const {
    return key_ ? key_->tag({"text", context.tenant, text}) : std::string();
}

// Texts that are read by rules alone are scanned faster than looked up; files are too large.
std::optional<ResultKey> Guard::cache_key(const Context& context, const Scan& request) const {
    const Features features = switches_->features();
    const Mode mode = scanner_.mode_of(request);
    const bool wanted =
        features.cache && settings_.cache_entries > 0 && !request.media && mode != Mode::text_only;
    if (!wanted) {
        return std::nullopt;
    }
    const auto rules = rules_.get();
    const auto policy = policies_->in_force(context);
    const bool has_threshold = request.options && request.options->threshold;
    const std::string options = fmt::format(
        "{} {} {} {} {} {}", has_threshold ? fmt::format("{}", *request.options->threshold) : "-",
        request.include_normalised, features.neuro_symbolic, features.memory,
        request.task.has_value(), request.task.value_or(""));
    ResultSource source;
    source.text = request.text;
    source.tenant = context.tenant;
    source.name_space = context.name_space;
    source.channel = request.source_kind;
    source.direction = request.direction;
    source.mode = mode;
    source.rule_digest = rules->digest();
    source.model_version = parts_.model == nullptr ? std::string_view() : parts_.model->version();
    source.memory_generation = parts_.memory == nullptr
                                   ? 0
                                   : parts_.memory->generation(context.tenant, context.name_space);
    source.policy_digest = policy->version;
    source.options = options;
    return result_key(source);
}

Result<ScanResult> Guard::scan_cached(const Context& context, const Scan& request) const {
    const std::int64_t started_us = clock_.steady_us();
    const auto key = cache_key(context, request);
    if (!key) {
        return TRY(scanner_.scan(context, request)).result;
    }
    if (const auto known = cache_.get(*key)) {
        ScanResult result = *known;
        if (request.include_text) {
            result.text = request.text;
        }
        result.cached = true;
        result.times = ScanTimes();
        result.times.total_us = result.elapsed_us = clock_.steady_us() - started_us;
        return result;
    }
    ScanResult result = TRY(scanner_.scan(context, request)).result;
    // Rules, policy or memory may have changed meanwhile: what was found goes with neither key.
    if (cache_key(context, request) == key) {
        ScanResult kept = result;
        kept.text.reset();
        cache_.put(*key, std::move(kept));
    }
    return result;
}

// Everything that is remembered of a scan.
void Guard::note(const Context& context, const Scan& request, const ScanResult& result) const {
    stats_.record(context.tenant, result, request.source_kind);
    if (detections_ == nullptr || !settings_.audit || result.verdict == Verdict::allow) {
        return;
    }
    DetectionOf row{context.tenant, context.name_space, context.actor, {}};
    Detection& detection = row.detection;
    detection.scan_id = result.scan_id;
    detection.at_us = clock_.now_us();
    detection.actor = context.actor;
    detection.verdict = result.verdict;
    detection.score = result.score;
    for (const Threat& threat : result.threats) {
        const auto known = std::ranges::find(detection.categories, threat.category);
        if (known == detection.categories.end()) {
            detection.categories.push_back(threat.category);
        }
        const bool listed =
            std::ranges::find(detection.rules, threat.rule) != detection.rules.end();
        if (!listed && detection.rules.size() < Detections::kMaxRules) {
            detection.rules.push_back(threat.rule);
        }
    }
    if (detection.categories.empty() && result.decision.category) {
        detection.categories.push_back(*result.decision.category);
    }
    detection.text_digest = digest_of(context, request.text);
    detection.bytes = static_cast<std::int64_t>(request.text.size());
    detection.direction = request.direction;
    detection.source_kind = request.source_kind;
    detection.request_id = context.request_id.to_string();
    if (settings_.store_text) {
        detection.text = request.text;
    }
    detections_->record(std::move(row));
}

Result<ScanResult> Guard::counted_scan(const Context& context, const Scan& request) const {
    ScanResult result = TRY(scan_cached(context, request));
    if (parts_.ids != nullptr) {
        result.scan_id = format_uuid(parts_.ids->make_bytes());
    }
    note(context, request, result);
    round_scores(result);
    return result;
}

Result<ScanResult> Guard::scan(const Context& context, const Scan& request) const {
    return counted_scan(context, request);
}

Result<Safety> Guard::is_safe(const Context& context, const IsSafe& request) const {
    Scan scan;
    scan.text = request.text;
    scan.direction = request.direction;
    scan.source_kind = request.source_kind;
    const ScanResult result = TRY(counted_scan(context, scan));
    return Safety{result.verdict == Verdict::allow, result.verdict, result.score,
                  result.decision.explanation};
}

Result<PolicyInForce> Guard::get_policy(const Context& context, const GetPolicy& request) const {
    return policies_->get(context, request);
}

Result<PolicyInForce> Guard::set_policy(const Context& context, const SetPolicy& request) {
    return policies_->set(context, request);
}

Result<Features> Guard::set_features(const Context& context, const SetFeatures& request) {
    return switches_->set(context, request);
}

}  // namespace credence::guard
