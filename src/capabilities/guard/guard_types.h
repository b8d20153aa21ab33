// What the operations of the guard beside scan take and give.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/guard/feedback.h"
#include "capabilities/guard/guard_settings.h"
#include "capabilities/guard/scan.h"
#include "capabilities/guard/scan_stats.h"
#include "capabilities/guard/vault/masks.h"

namespace credence::guard {

inline constexpr std::size_t kMaxVaultId = 128;

// --- rules and packs ---

struct ListRules {
    std::optional<Category> category;
};
void describe(Describe<ListRules>&);

struct RuleInfo {
    std::string id;
    Category category = Category::prompt_injection;
    std::string technique;
    Severity severity = Severity::low;
    double score = 0;
    std::vector<std::string> languages;
    std::string pack;
    std::string version;
};
void describe(Describe<RuleInfo>&);

struct RuleList {
    std::string version;
    std::vector<RuleInfo> rules;
};
void describe(Describe<RuleList>&);

struct Pack {
    std::string name;
    std::string version;
    bool shipped = true;
    bool enabled = true;
    std::int64_t rules = 0;
};
void describe(Describe<Pack>&);

struct PackList {
    std::string version;
    std::string digest;
    std::vector<Pack> packs;
    std::vector<std::string> errors;
    std::optional<bool> changed;
};
void describe(Describe<PackList>&);

// --- batches ---

struct BatchItem {
    std::optional<std::string> id;
    std::string text;
    std::optional<Direction> direction;
    std::optional<SourceKind> source_kind;
};
void describe(Describe<BatchItem>&);

struct BatchOptions {
    std::optional<Mode> mode;
    std::optional<double> threshold;
    Direction direction = Direction::input;
    SourceKind source_kind = SourceKind::user;
};
void describe(Describe<BatchOptions>&);

struct ScanBatch {
    std::vector<BatchItem> items;
    std::optional<BatchOptions> options;
};
void describe(Describe<ScanBatch>&);

struct ItemError {
    std::string code;
    std::string message;
    std::string field;
};
void describe(Describe<ItemError>&);

struct BatchResult {
    std::int64_t index = 0;
    std::optional<std::string> id;
    std::optional<std::string> scan_id;
    std::optional<Verdict> verdict;
    std::optional<double> score;
    std::optional<double> attack_score;
    std::vector<Threat> threats;
    std::optional<std::string> explanation;
    std::optional<ItemError> error;
};
void describe(Describe<BatchResult>&);

struct BatchTotals {
    std::map<std::string, std::int64_t> verdicts;
    std::map<std::string, std::int64_t> categories;
    std::map<std::string, std::int64_t> severities;
    std::map<std::string, std::int64_t> channels;
    std::int64_t errors = 0;
};
void describe(Describe<BatchTotals>&);

struct BatchReport {
    std::int64_t n = 0;
    std::vector<BatchResult> results;
    BatchTotals totals;
    std::int64_t threads = 1;
    std::int64_t elapsed_us = 0;
    std::string rules_version;
    std::optional<std::string> model_version;
};
void describe(Describe<BatchReport>&);

// --- cleaning a text ---

struct Sanitise {
    std::string text;
    Direction direction = Direction::output;
    SourceKind source_kind = SourceKind::assistant;
    std::optional<Mode> mode;
    std::optional<std::string> vault_id;
    MaskFormat style = MaskFormat::number;
};
void describe(Describe<Sanitise>&);

struct CutInfo {
    std::string instead;
    Category category = Category::pii;
    std::optional<std::string> detector;
    std::optional<Span> span;
};
void describe(Describe<CutInfo>&);

struct SanitisedText {
    std::string text;
    bool changed = false;
    Verdict verdict = Verdict::allow;
    double score = 0;
    std::int64_t masked = 0;
    std::int64_t removed = 0;
    std::int64_t invisible_bytes = 0;
    std::vector<CutInfo> cuts;
    bool collapsed = false;
    std::optional<std::string> vault_id;
};
void describe(Describe<SanitisedText>&);

struct Unmask {
    std::string text;
    std::string vault_id;
    bool json = false;
};
void describe(Describe<Unmask>&);

struct UnmaskedText {
    std::string text;
    std::int64_t restored = 0;
    std::int64_t unknown = 0;
};
void describe(Describe<UnmaskedText>&);

struct EraseVault {
    std::string vault_id;
};
void describe(Describe<EraseVault>&);

struct ErasedVault {
    std::int64_t values = 0;
};
void describe(Describe<ErasedVault>&);

// --- why ---

struct ExplainedView {
    std::string name;
    std::int64_t bytes = 0;
    std::string beginning;
};
void describe(Describe<ExplainedView>&);

struct ExplainedFinding {
    std::string rule;
    std::string view;
    Span span;
    std::string excerpt;
    double weight = 0;
    double score = 0;
    bool quoted = false;
    std::vector<std::string> marks;
};
void describe(Describe<ExplainedFinding>&);

struct Explanation {
    ScanResult scan;
    std::vector<std::string> steps;
    std::vector<ExplainedView> views;
    std::vector<ExplainedFinding> findings;
};
void describe(Describe<Explanation>&);

// --- figures ---

struct Stats {
    std::int64_t window_minutes = 60;
};
void describe(Describe<Stats>&);

// A share of successes with its 95 % interval.
struct Share {
    double value = 0;
    std::int64_t n = 0;
    std::int64_t successes = 0;
    double low = 0;
    double high = 1;
    std::string method = "wilson_95";
};
void describe(Describe<Share>&);
Share share_with_interval(std::int64_t successes, std::int64_t n);

struct GuardStats {
    std::int64_t window_minutes = 60;
    ScanCounts scans;
    Share cache_hits;
    std::int64_t cache_size = 0;
    FeedbackCounts feedback;
    Share feedback_precision;
    std::int64_t detections_dropped = 0;
    Features features;
    Mode mode = Mode::unified;
    std::string policy_version;
    std::string rules_version;
    std::string rules_digest;
    std::optional<std::string> model_version;
};
void describe(Describe<GuardStats>&);

// --- short answers ---

struct IsSafe {
    std::string text;
    Direction direction = Direction::input;
    SourceKind source_kind = SourceKind::user;
};
void describe(Describe<IsSafe>&);

struct Safety {
    bool safe = true;
    Verdict verdict = Verdict::allow;
    double score = 0;
    std::string explanation;
};
void describe(Describe<Safety>&);

struct HasPii {
    std::string text;
};
void describe(Describe<HasPii>&);

struct PiiFound {
    bool has_pii = false;
    bool has_secrets = false;
    std::map<std::string, std::int64_t> kinds;
};
void describe(Describe<PiiFound>&);

}  // namespace credence::guard
