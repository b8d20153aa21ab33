// What a scan is asked and what it answers: the words of guard.scan and of everything built on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/guard/kinds.h"
#include "capabilities/guard/policy.h"

namespace credence::guard {

inline constexpr std::size_t kMaxScanBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxTaskBytes = std::size_t{16} << 10;
inline constexpr std::size_t kMaxThreats = 64;  // listed in one result, gravest first
inline constexpr std::size_t kMaxBatchItems = 10'000;
inline constexpr std::size_t kMaxMediaBase64 = (std::size_t{16} << 20) / 3 * 4 + 8;

struct ScanOptions {
    std::optional<double> threshold;
};
void describe(Describe<ScanOptions>&);

struct MediaFile {
    std::string name;
    std::string content;  // base64
};
void describe(Describe<MediaFile>&);

struct Scan {
    std::string text;
    Direction direction = Direction::input;
    SourceKind source_kind = SourceKind::user;
    std::optional<Mode> mode;
    std::optional<std::string> task;
    std::optional<ScanOptions> options;
    bool include_normalised = false;
    bool include_text = false;
    std::optional<MediaFile> media;
};
void describe(Describe<Scan>&);

struct Span {
    std::int64_t start = 0;
    std::int64_t end = 0;
};
void describe(Describe<Span>&);

struct Threat {
    Category category = Category::prompt_injection;
    std::string technique;
    Severity severity = Severity::low;
    double score = 0;
    Span span;
    std::string rule;
    std::string view;
    std::optional<std::string> detector;
    std::optional<std::string> where;
};
void describe(Describe<Threat>&);

struct ModelEvidence {
    double score = 0;
    Span span;
    std::string view;
    std::string version;
};
void describe(Describe<ModelEvidence>&);

struct MemoryEvidence {
    std::string threat_id;
    double similarity = 0;
    Category category = Category::prompt_injection;
    Severity severity = Severity::low;
    std::string source;
};
void describe(Describe<MemoryEvidence>&);

struct MediaPartInfo {
    std::string where;
    std::int64_t bytes = 0;
    double score = 0;
};
void describe(Describe<MediaPartInfo>&);

struct MediaNoteInfo {
    std::string what;
    std::string detail;
};
void describe(Describe<MediaNoteInfo>&);

struct MediaEvidence {
    std::string name;
    std::string format;
    std::vector<MediaPartInfo> parts;
    std::vector<MediaNoteInfo> notes;
    std::vector<std::string> unread;
    bool truncated = false;
};
void describe(Describe<MediaEvidence>&);

struct ScanTimes {
    std::int64_t rules_us = 0;
    std::int64_t model_us = 0;
    std::int64_t memory_us = 0;
    std::int64_t media_us = 0;
    std::int64_t total_us = 0;
};
void describe(Describe<ScanTimes>&);

// Why the verdict is what it is.
struct PolicyDecision {
    std::string policy_version;
    std::optional<std::string> rule;
    std::optional<Category> category;
    std::optional<Severity> severity;
    std::optional<double> score;
    std::optional<double> threshold;
    std::string explanation;
};
void describe(Describe<PolicyDecision>&);

struct ScanResult {
    std::string scan_id;
    Verdict verdict = Verdict::allow;
    double score = 0;
    double attack_score = 0;
    std::vector<Threat> threats;
    PolicyDecision decision;
    std::optional<ModelEvidence> model;
    std::optional<MemoryEvidence> memory;
    std::optional<MediaEvidence> media;
    std::optional<std::string> normalised;
    std::optional<std::string> text;
    Mode mode = Mode::unified;
    std::int64_t elapsed_us = 0;
    ScanTimes times;
    bool truncated = false;
    bool cached = false;
    std::string rules_version;
    std::optional<std::string> model_version;
};
void describe(Describe<ScanResult>&);

// Scores of every kind to six digits, for answers.
void round_scores(ScanResult& result);

}  // namespace credence::guard
