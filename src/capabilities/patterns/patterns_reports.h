// What is concluded from patterns and their uses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capabilities/patterns/patterns_types.h"

namespace credence::patterns {

struct ApplyPattern {
    std::string pattern_query;
    std::string agent_id;
    std::optional<RawJson> context;
    std::int64_t max_patterns = 5;
    std::optional<double> min_similarity;
    bool take = false;
};
void describe(Describe<ApplyPattern>&);

struct AppliedPattern {
    Pattern pattern;
    double score = 0;  // 0.6 * relevance + 0.4 * confidence
    double relevance = 0;
    double similarity = 0;
    std::string guidance;
    std::optional<std::string> use_id;  // of the use that was recorded, when taken
};
void describe(Describe<AppliedPattern>&);

struct AppliedPatterns {
    std::vector<AppliedPattern> patterns;  // best first
};
void describe(Describe<AppliedPatterns>&);

struct RecommendPatterns {
    std::string agent_id;
    std::optional<std::string> category;
    std::optional<RawJson> context_data;
    std::int64_t limit = 10;
};
void describe(Describe<RecommendPatterns>&);

// score = relevance * (credible_success + exploration) + history
struct Recommendation {
    Pattern pattern;
    double score = 0;
    double relevance = 1;
    double credible_success = 0;
    double exploration = 0;
    double history = 0;  // [-0.2, 0.2], of the agent's own uses
};
void describe(Describe<Recommendation>&);

struct Recommendations {
    std::vector<Recommendation> recommendations;  // best first
};
void describe(Describe<Recommendations>&);

struct GetPatternAnalytics {
    std::optional<std::string> agent_id;
    std::optional<std::string> category;
    std::int64_t days = 30;
};
void describe(Describe<GetPatternAnalytics>&);

struct CategoryCount {
    std::string category;
    std::int64_t count = 0;
};
void describe(Describe<CategoryCount>&);

struct TopPattern {
    PatternId pattern_id;
    std::string pattern_name;
    std::int64_t usage_count = 0;
    std::optional<double> success_rate;
    double confidence = 0;
};
void describe(Describe<TopPattern>&);

struct DayUsage {
    std::string day;  // "2025-01-31", UTC
    std::int64_t usage_count = 0;
};
void describe(Describe<DayUsage>&);

struct SuccessStatistics {
    std::int64_t patterns = 0;  // with at least one labelled use
    double avg = 0;
    double min = 0;
    double max = 0;
    double stddev = 0;
};
void describe(Describe<SuccessStatistics>&);

struct ConfidenceDistribution {
    std::int64_t high = 0;    // from 0.8
    std::int64_t medium = 0;  // from 0.6
    std::int64_t low = 0;
};
void describe(Describe<ConfidenceDistribution>&);

// Of the patterns of the namespace: the agent's own; without agent the public and system ones, with
// patterns:admin all. Archived and superseded patterns are not counted, their uses are.
struct PatternAnalytics {
    std::int64_t total_patterns = 0;
    std::int64_t total_usage = 0;  // of these patterns, ever
    std::vector<CategoryCount> category_distribution;
    std::vector<TopPattern> top_patterns;
    std::vector<DayUsage> recent_usage;  // oldest first; days without use are left out
    SuccessStatistics success_statistics;
    ConfidenceDistribution confidence_distribution;
    std::vector<std::string> gaps;  // categories with fewer than three patterns
};
void describe(Describe<PatternAnalytics>&);

struct Reliability {
    PatternId pattern_id;
    std::string pattern_name;
    bool is_reliable = false;
    double reliability_score = 0;  // confidence
    std::int64_t usage_count = 0;
    std::int64_t labelled_count = 0;
    std::optional<double> success_rate;
    std::int64_t distinct_users = 0;
    AccessLevel access_level = AccessLevel::private_;
    bool eligible_for_trust = false;  // others than its owner can use it
    bool has_sufficient_usage = false;
    double min_confidence = 0;  // what the settings ask for
    std::int64_t min_uses = 0;
    std::int64_t min_users = 0;
    std::string recommendation;
};
void describe(Describe<Reliability>&);

struct FindDuplicates {
    std::optional<std::string> agent_id;
    std::optional<std::string> category;
    std::optional<double> threshold;
    std::int64_t limit = 50;
};
void describe(Describe<FindDuplicates>&);

struct DuplicatePair {
    PatternId pattern_id;
    std::string pattern_name;
    PatternId other_pattern_id;
    std::string other_pattern_name;
    double similarity = 0;
    double name_similarity = 0;
};
void describe(Describe<DuplicatePair>&);

struct DuplicatePairs {
    std::vector<DuplicatePair> pairs;  // most alike first
    std::int64_t examined = 0;
    bool truncated = false;  // there were more patterns than are examined
};
void describe(Describe<DuplicatePairs>&);

struct MergePatterns {
    PatternId pattern_id;
    PatternId into_pattern_id;
    std::optional<std::string> agent_id;
};
void describe(Describe<MergePatterns>&);

struct FindMature {
    std::optional<std::string> agent_id;
    std::optional<std::string> category;
    std::int64_t limit = 20;
};
void describe(Describe<FindMature>&);

struct MaturePattern {
    Pattern pattern;
    std::optional<std::string> promotion_id;  // when it was promoted already
};
void describe(Describe<MaturePattern>&);

struct MaturePatterns {
    std::vector<MaturePattern> patterns;
    double min_confidence = 0;
    std::int64_t min_uses = 0;
    std::int64_t min_users = 0;
};
void describe(Describe<MaturePatterns>&);

struct PromotePattern {
    PatternId pattern_id;
    std::optional<std::string> agent_id;
    std::optional<std::string> note;
    bool dry_run = false;
};
void describe(Describe<PromotePattern>&);

struct Promotion {
    std::optional<std::string> promotion_id;  // not in a dry run
    PatternId pattern_id;
    std::string status;  // "proposed", or "possible" in a dry run
    std::string pattern_name;
    std::string version;
    double confidence = 0;
    std::int64_t labelled_count = 0;
    std::int64_t distinct_users = 0;
    double min_confidence = 0;
    std::int64_t min_uses = 0;
    std::int64_t min_users = 0;
    std::int64_t proposed_at_us = 0;
    std::string proposed_by;
};
void describe(Describe<Promotion>&);

struct SuggestOpportunities {
    std::optional<std::string> agent_id;
    std::int64_t limit = 10;
};
void describe(Describe<SuggestOpportunities>&);

enum class Priority : std::uint8_t { high, medium, low };

struct Opportunity {
    Priority priority = Priority::low;
    std::string kind;     // "few_patterns", "low_success", "unverified", "unused"
    std::string subject;  // category or pattern name
    std::optional<std::string> pattern_id;
    std::string reason;  // with the numbers
};
void describe(Describe<Opportunity>&);

struct Opportunities {
    std::vector<Opportunity> opportunities;  // most urgent first
};
void describe(Describe<Opportunities>&);

}  // namespace credence::patterns
