// Judges texts for attempts to subvert a model's instructions, for code meant to harm, and for
// secrets and personal data; explains, cleans, counts, and learns from what people confirm.
//
// A scan touches no store and does not keep the text: what is to be written is queued
// (detections.h). Policies, switches and known threats are in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/shape.h"
#include "capabilities/guard/detections.h"
#include "capabilities/guard/feedback.h"
#include "capabilities/guard/guard_settings.h"
#include "capabilities/guard/guard_types.h"
#include "capabilities/guard/memory/result_cache.h"
#include "capabilities/guard/policies.h"
#include "capabilities/guard/rules/rule_packs.h"
#include "capabilities/guard/scan.h"
#include "capabilities/guard/scan_stats.h"
#include "capabilities/guard/scanner.h"
#include "capabilities/guard/switches.h"
#include "capabilities/guard/vault/vault_store.h"
#include "stats/intervals.h"

namespace credence {
class Host;
}

namespace credence::guard {

class Memory;

inline constexpr std::size_t kMaxSamples = 200'000;

struct EvaluationText {
    std::string text;
    std::int64_t label = 0;
    std::string category;
    std::string source;
    std::optional<std::string> lang;
    std::optional<std::string> transform;
    std::optional<std::string> license;
};
void describe(Describe<EvaluationText>&);

enum class Positive : std::uint8_t { flag, block };

struct Evaluate {
    std::vector<EvaluationText> samples;
    Positive positive = Positive::flag;
};
void describe(Describe<Evaluate>&);

struct Confusion {
    std::int64_t true_positive = 0;
    std::int64_t false_negative = 0;
    std::int64_t false_positive = 0;
    std::int64_t true_negative = 0;
};
void describe(Describe<Confusion>&);

// One category or source. A figure without any sample of its kind is absent.
struct GroupResult {
    std::string name;
    std::int64_t n = 0;
    std::optional<Share> recall;
    std::optional<Share> false_positive_rate;
    Confusion confusion;
};
void describe(Describe<GroupResult>&);

struct Throughput {
    double texts_per_second = 0;
    std::int64_t median_us = 0;
    std::int64_t p95_us = 0;
};
void describe(Describe<Throughput>&);

struct Evaluation {
    std::int64_t n = 0;
    Share recall;
    Share false_positive_rate;
    Confusion confusion;
    std::optional<Share> harmful_requests_flagged;
    std::vector<GroupResult> categories;
    std::vector<GroupResult> sources;
    Throughput throughput;
    std::string rules_version;
};
void describe(Describe<Evaluation>&);

// What a guard works with; all outlive it. Only settings, clock, metrics and one of `packs` and
// `rules` are needed.
struct GuardParts {
    GuardSettings settings;
    const Clock& clock;
    Metrics& metrics;
    RulePacks* packs = nullptr;
    std::shared_ptr<const RuleSet> rules = nullptr;  // instead of packs
    const Model* model = nullptr;
    Memory* memory = nullptr;
    const OpticalReader* reader = nullptr;  // of text in pictures
    bool reads_media = false;
    store::Database* database = nullptr;
    IdMaker* ids = nullptr;
    Random* random = nullptr;
    std::string data_directory = {};  // of the vault's key; empty: it ends with the process
};

// Thread-safe.
class Guard {
public:
    static constexpr std::int64_t kFlushMs = 200;
    static constexpr std::int64_t kUpkeepMs = 600'000;

    explicit Guard(const GuardParts& parts);
    // Without a store, packs of one's own, model and memory: for tests and measurements.
    Guard(std::unique_ptr<RuleSet> rules, const GuardSettings& settings, const Clock& clock,
          Metrics& metrics);

    // Code::too_large above kMaxScanBytes. Linear.
    Result<ScanResult> scan(const Context& context, const Scan& request) const;
    // Errors of an item do not lose the others.
    Result<BatchReport> scan_batch(const Context& context, const ScanBatch& request) const;
    Result<Explanation> explain(const Context& context, const Scan& request) const;
    Result<SanitisedText> sanitise(const Context& context, const Sanitise& request) const;
    Result<UnmaskedText> unmask(const Context& context, const Unmask& request) const;
    Result<ErasedVault> erase_vault(const Context& context, const EraseVault& request);
    Result<Safety> is_safe(const Context& context, const IsSafe& request) const;
    Result<PiiFound> has_pii(const Context& context, const HasPii& request) const;

    Result<RuleList> rules(const Context& context, const ListRules& request) const;
    Result<PackList> packs(const Context& context, const Empty& request) const;
    Result<PackList> reload_packs(const Context& context, const Empty& request);
    Result<PackList> set_pack(const Context& context, const SetPack& request);

    Result<PolicyInForce> get_policy(const Context& context, const GetPolicy& request) const;
    Result<PolicyInForce> set_policy(const Context& context, const SetPolicy& request);
    Result<Features> set_features(const Context& context, const SetFeatures& request);

    Result<FeedbackEntry> feedback(const Context& context, const Feedback& request);
    Result<FeedbackList> list_feedback(const Context& context, const ListFeedback& request) const;
    Result<DetectionList> list_detections(const Context& context, const ListDetections& request);
    Result<GuardStats> stats(const Context& context, const Stats& request) const;

    // Scans every sample as a user's input. Code::cancelled past the context's deadline.
    Result<Evaluation> evaluate(const Context& context, const Evaluate& request) const;

    // Reads what the store knows and the vault's key. Before anything else.
    Result<void> start();
    // For schedules: changes of other processes; rows that wait; what is too old.
    Result<void> refresh();
    Result<void> flush();
    Result<void> upkeep();

    const Scanner& scanner() const { return scanner_; }
    // Looks for these canaries in every output. Before the first scan.
    void watch_for(const Canary& canary) { scanner_.watch_for(canary); }

private:
    // What `rules_->` means: the rules in force at that moment.
    struct RulesInForce {
        std::function<std::shared_ptr<const RuleSet>()> get;
        std::shared_ptr<const RuleSet> operator->() const { return get(); }
    };

    ScannerParts scanner_parts(const GuardParts& parts) const;
    // As scan(), with scores as they are, counted nowhere.
    Result<ScanResult> judge_text(const Scan& request) const;
    Result<ScanResult> scan_cached(const Context& context, const Scan& request) const;
    std::optional<ResultKey> cache_key(const Context& context, const Scan& request) const;
    Result<ScanResult> counted_scan(const Context& context, const Scan& request) const;
    void note(const Context& context, const Scan& request, const ScanResult& result) const;
    Result<FeedbackEntry> entry_of(const Context& context, const Feedback& request);
    Result<const VaultStore*> vaults() const;
    std::string digest_of(const Context& context, std::string_view text) const;
    PackList pack_list() const;

    GuardParts parts_;
    const GuardSettings settings_;
    const Clock& clock_;
    RulesInForce rules_;
    mutable ScanStats stats_;
    std::unique_ptr<Policies> policies_;
    std::unique_ptr<Switches> switches_;
    std::unique_ptr<Detections> detections_;  // null without a store
    std::unique_ptr<VaultStore> vaults_;      // null before start() and without a store
    std::optional<VaultKey> key_;
    mutable ResultCache<ScanResult> cache_;
    std::map<Label, Counter*> feedback_counters_;
    Scanner scanner_;
};

Result<void> install(Host& host);

}  // namespace credence::guard
