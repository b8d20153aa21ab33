// What the operations memory.* take and give.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/shape.h"
#include "capabilities/guard/kinds.h"
#include "capabilities/guard/memory/threat_memory.h"

namespace credence::guard {

using ThreatId = Id<struct ThreatTag>;

inline constexpr std::size_t kMaxThreatBytes = 64 * 1024;  // of a text to remember or to look for
inline constexpr std::size_t kMaxFeedItems = 10'000;       // of one import or export
inline constexpr std::size_t kMaxVectorBytes = 8 * 1024;   // of a vector as text
// A variant of a stored threat is at least so near: 780 of 800 variants are, 0 of 300 ordinary
// texts (memory_quality_test.cpp prints both with intervals).
inline constexpr double kDefaultSimilarity = 0.6;

// Section [guardmemory].
struct MemorySettings {
    std::int64_t dimension = static_cast<std::int64_t>(ThreatEmbedder::kDefaultDimension);
    double similarity = kDefaultSimilarity;
    std::int64_t max_threats = 200'000;
};
void describe(Describe<MemorySettings>&);

struct KnownThreat {
    ThreatId threat_id;
    Category category = Category::prompt_injection;
    Severity severity = Severity::high;
    std::string technique;
    std::string text_digest;
    std::string embedder;
    std::optional<std::string> sample;
    std::string source;
    std::string confirmed_by;
    std::int64_t detection_count = 0;
    std::int64_t first_seen_at_us = 0;
    std::int64_t last_seen_at_us = 0;
    std::int64_t created_at_us = 0;
    std::int64_t updated_at_us = 0;
};
void describe(Describe<KnownThreat>&);

struct FeedItem {
    std::optional<std::string> text;
    std::optional<std::string> vector;    // encode_vector of engine/vectors
    std::optional<std::string> embedder;  // of the vector; absent: ours
    Category category = Category::prompt_injection;
    Severity severity = Severity::high;
    std::string technique;
    std::string source;
};
void describe(Describe<FeedItem>&);

struct AddThreat {
    FeedItem threat;
    bool confirmed = false;
    bool keep_text = false;
};
void describe(Describe<AddThreat>&);

struct SearchThreats {
    std::optional<std::string> text;
    std::optional<std::string> vector;
    std::optional<Category> category;
    std::optional<Severity> least_severity;
    std::optional<std::string> source;
    double least_similarity = kDefaultSimilarity;
    std::int64_t limit = 10;
};
void describe(Describe<SearchThreats>&);

void describe(Describe<ThreatMatch>&);

struct ThreatMatches {
    std::vector<ThreatMatch> matches;
};
void describe(Describe<ThreatMatches>&);

struct GetThreat {
    ThreatId threat_id;
};
void describe(Describe<GetThreat>&);

struct ListThreats {
    std::optional<Category> category;
    std::optional<Severity> least_severity;
    std::optional<std::string> source;
    std::optional<ThreatId> after;
    std::int64_t limit = 100;
};
void describe(Describe<ListThreats>&);

struct ThreatList {
    std::vector<KnownThreat> threats;
    std::optional<ThreatId> next;
};
void describe(Describe<ThreatList>&);

struct DeletedThreat {
    ThreatId threat_id;
};
void describe(Describe<DeletedThreat>&);

struct ImportThreats {
    std::vector<FeedItem> items;
    bool confirmed = false;
    bool keep_text = false;
};
void describe(Describe<ImportThreats>&);

struct ImportedThreats {
    std::int64_t added = 0;
    std::int64_t updated = 0;
    std::string digest;
};
void describe(Describe<ImportedThreats>&);

struct ExportThreats {
    std::optional<Category> category;
    std::optional<Severity> least_severity;
    std::optional<std::string> source;
    std::optional<ThreatId> after;
    std::int64_t limit = 1'000;
};
void describe(Describe<ExportThreats>&);

struct ThreatFeed {
    std::vector<FeedItem> items;
    std::string digest;
    std::optional<ThreatId> next;
};
void describe(Describe<ThreatFeed>&);

struct MemoryStats {
    std::int64_t threats = 0;
    std::int64_t left_out = 0;
    std::int64_t detections = 0;
    std::int64_t generation = 0;
    std::string embedder;
    std::int64_t dimension = 0;
    double similarity = 0;
    std::int64_t in_graph = 0;
    std::int64_t tombstones = 0;
    std::int64_t rebuilds = 0;
};
void describe(Describe<MemoryStats>&);

}  // namespace credence::guard
