// A pattern, and what is asked about it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/shape.h"
#include "capabilities/patterns/search/search.h"

namespace credence::patterns {

using UseId = Id<struct PatternUseTag>;
using PromotionId = Id<struct PatternPromotionTag>;

inline constexpr double kMaxExecutionTimeMs = 604'800'000;  // a week
inline constexpr std::int64_t kMaxPage = 200;
inline constexpr std::int64_t kMaxSharedAgents = 1000;
inline constexpr std::size_t kMaxBatchItems = 1000;
inline constexpr std::size_t kMaxAgentIdBytes = 64;
inline constexpr std::size_t kMaxQueryBytes = 4096;

// Reusable knowledge of an agent, with what became of it. Counts: usage_count = success_count +
// failure_count + unknown_count. Only verified or human-confirmed uses are successes or failures;
// what users say of themselves is counted apart and moves nothing.
struct Pattern {
    PatternId pattern_id;
    std::string pattern_name;
    std::string category;
    std::optional<std::string> subcategory;
    std::optional<std::string> agent_id;  // owner; nothing: the system's
    std::string name_space;
    AccessLevel access_level = AccessLevel::private_;
    RawJson pattern_data;
    double learning_weight = 1;
    std::optional<double> complexity_score;
    std::string version;
    std::optional<std::string> parent_pattern_id;
    std::optional<std::string> superseded_by;     // the next version
    std::vector<std::string> shared_with_agents;  // shown to those who may change it
    std::int64_t created_at_us = 0;
    std::int64_t updated_at_us = 0;
    std::optional<std::int64_t> archived_at_us;
    std::int64_t usage_count = 0;
    std::int64_t success_count = 0;
    std::int64_t failure_count = 0;
    std::int64_t unknown_count = 0;
    std::int64_t reported_success_count = 0;
    std::int64_t reported_failure_count = 0;
    std::optional<double> success_rate;  // success / (success + failure)
    double success_rate_low = 0;         // Wilson, 95 %
    double success_rate_high = 1;
    double confidence = 0;            // credible success, see patterns_math.h
    double evidence_n = 0;            // outcomes behind it, after caps and decay
    std::int64_t distinct_users = 0;  // whose outcomes count
    std::optional<double> avg_execution_time_ms;
    std::optional<double> p50_execution_time_ms;
    std::optional<double> p95_execution_time_ms;
    std::optional<std::int64_t> last_used_at_us;
};
void describe(Describe<Pattern>&);

struct CreatePattern {
    std::string pattern_name;
    std::string category;
    RawJson pattern_data;
    std::optional<std::string> agent_id;
    std::optional<std::string> subcategory;
    AccessLevel access_level = AccessLevel::private_;
    std::vector<std::string> shared_with_agents;
    double learning_weight = 1;
    std::optional<double> complexity_score;
};
void describe(Describe<CreatePattern>&);

struct BatchCreate {
    std::optional<std::string> agent_id;  // of items that name none
    std::vector<RawJson> items;           // each a CreatePattern
};
void describe(Describe<BatchCreate>&);

struct CreatedPatterns {
    std::vector<PatternId> pattern_ids;  // in the order of the items
};
void describe(Describe<CreatedPatterns>&);

struct LearnPattern {
    std::string pattern_name;
    std::string pattern_content;
    std::string category;
    std::optional<std::string> agent_id;
    std::optional<std::string> subcategory;
    std::vector<std::string> examples;
    std::map<std::string, RawJson> metadata;
    AccessLevel access_level = AccessLevel::private_;
};
void describe(Describe<LearnPattern>&);

struct LearnedPattern {
    PatternId pattern_id;
    std::string pattern_name;
    std::string category;
    double confidence = 0;
    std::int64_t examples_count = 0;
    std::string version;
    std::int64_t stored_at_us = 0;
};
void describe(Describe<LearnedPattern>&);

// One pattern, as seen by an agent. Also for delete, which wants the owner or patterns:admin.
struct PatternRef {
    PatternId pattern_id;
    std::optional<std::string> agent_id;
};
void describe(Describe<PatternRef>&);

// What is left out stays.
struct UpdatePattern {
    PatternId pattern_id;
    std::optional<std::string> agent_id;
    std::optional<RawJson> pattern_data;
    std::optional<double> learning_weight;
    std::optional<double> complexity_score;
    std::optional<AccessLevel> access_level;
    std::optional<std::vector<std::string>> shared_with_agents;
    std::optional<bool> archived;
};
void describe(Describe<UpdatePattern>&);

struct SharePattern {
    PatternId pattern_id;
    std::optional<std::string> agent_id;
    std::string with_agent_id;
};
void describe(Describe<SharePattern>&);

// Those of the owner, best first.
struct ListPatterns {
    std::optional<std::string> agent_id;
    std::optional<std::string> category;
    std::optional<AccessLevel> access_level;
    bool include_archived = false;
    std::string after;
    std::int64_t limit = 50;
};
void describe(Describe<ListPatterns>&);

struct SearchPatterns {
    std::optional<std::string> agent_id;
    std::string query_text;
    std::optional<std::string> category;
    std::optional<std::string> subcategory;
    std::vector<AccessLevel> access_levels;
    std::optional<std::string> owner_agent_id;
    double min_success_rate = 0;
    std::int64_t min_usage_count = 0;
    std::string after;
    std::int64_t limit = 50;
};
void describe(Describe<SearchPatterns>&);

struct FoundPattern {
    Pattern pattern;
    std::optional<double> relevance;  // with query_text
    std::optional<double> similarity;
};
void describe(Describe<FoundPattern>&);

struct PatternPage {
    std::vector<FoundPattern> patterns;
    std::optional<std::string> next;
};
void describe(Describe<PatternPage>&);

struct CreateVersion {
    PatternId pattern_id;
    std::optional<std::string> agent_id;
    RawJson pattern_data;
    std::optional<std::string> version;
};
void describe(Describe<CreateVersion>&);

struct EvolvePattern {
    PatternId pattern_id;
    std::optional<std::string> agent_id;
    RawJson evolution_data;
    std::optional<bool> success_feedback;
    std::optional<std::string> notes;
};
void describe(Describe<EvolvePattern>&);

struct VersionList {
    std::vector<Pattern> versions;  // newest first
};
void describe(Describe<VersionList>&);

enum class UseOutcome : std::uint8_t { unknown, success, failure };
// Who says so. Only the last two move confidence.
enum class OutcomeSource : std::uint8_t { none, reported, verified, confirmed };

struct UsePattern {
    PatternId pattern_id;
    std::string agent_id;
    std::optional<double> execution_time_ms;
    std::optional<bool> success;
    std::optional<RawJson> context_data;
};
void describe(Describe<UsePattern>&);

struct PatternUse {
    UseId use_id;
    PatternId pattern_id;
    std::string agent_id;
    std::int64_t used_at_us = 0;
    std::optional<double> execution_time_ms;
    UseOutcome outcome = UseOutcome::unknown;
    OutcomeSource source = OutcomeSource::none;
    std::optional<std::string> reviewer;
    double confidence = 0;  // of the pattern, now
};
void describe(Describe<PatternUse>&);

struct ConfirmUse {
    UseId use_id;
    bool success = false;
};
void describe(Describe<ConfirmUse>&);

// Events, in the transaction of the change. Without names, so that a private pattern stays private.
struct PatternCreated {
    PatternId pattern_id;
    std::string name_space;
    std::string version;
};
void describe(Describe<PatternCreated>&);

struct PatternUpdated {
    PatternId pattern_id;
    std::string name_space;
};
void describe(Describe<PatternUpdated>&);

struct PatternDeleted {
    PatternId pattern_id;
    std::string name_space;
    std::optional<std::string> merged_into;
};
void describe(Describe<PatternDeleted>&);

struct PatternShared {
    PatternId pattern_id;
    std::string name_space;
    std::string agent_id;
};
void describe(Describe<PatternShared>&);

struct PatternRevoked {
    PatternId pattern_id;
    std::string name_space;
    std::string agent_id;
};
void describe(Describe<PatternRevoked>&);

struct PatternUsed {
    PatternId pattern_id;
    UseId use_id;
    std::string name_space;  // of the user
    std::string agent_id;
    UseOutcome outcome = UseOutcome::unknown;
    OutcomeSource source = OutcomeSource::none;
};
void describe(Describe<PatternUsed>&);

struct PatternPromoted {
    PromotionId promotion_id;
    PatternId pattern_id;
    std::string name_space;
};
void describe(Describe<PatternPromoted>&);

}  // namespace credence::patterns
