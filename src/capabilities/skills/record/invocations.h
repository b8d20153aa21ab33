// Invocations: one use of one skill in a session, and how it went. The log of them is what every
// figure of the module is made from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/skills_parts.h"

namespace credence::skills {

inline constexpr std::size_t kMaxPathBytes = 500;
inline constexpr std::size_t kMaxPhaseBytes = 64;
inline constexpr std::size_t kMaxQueryBytes = 16'384;     // as it arrives
inline constexpr std::size_t kMaxErrorBytes = 4'096;      // as it arrives
inline constexpr std::size_t kMaxErrorBytesStored = 500;  // cut at a character
inline constexpr std::size_t kMaxAlternatives = 64;       // of one invocation
inline constexpr std::size_t kMaxFollowUps = 32;          // of one invocation
inline constexpr std::size_t kMaxBatch = 10'000;          // invocations of one call
inline constexpr std::size_t kEmbeddingNumbers = 384;
inline constexpr double kMaxDurationSeconds = 30.0 * 86'400;
inline constexpr std::int64_t kMaxSelectionRank = 1'000'000;
inline constexpr std::int64_t kMaxOpenInvocations = 1'000;  // of one session

struct TrackInvocation {
    std::string session_id;
    std::string skill_name;
    bool completed = false;
    std::optional<double> duration_seconds;
    std::optional<std::int64_t> invoked_at_us;
    std::optional<std::string> workflow_path;
    std::optional<std::string> user_query;
    std::vector<std::string> alternatives_considered;
    std::optional<std::int64_t> selection_rank;
    std::vector<std::string> follow_up_actions;
    std::optional<std::string> error_type;
    std::optional<std::int64_t> rating;
    std::optional<std::string> workflow_phase;
    std::optional<std::string> workflow_step_id;
    std::optional<std::string> user_id;
    std::optional<std::vector<double>> embedding;
};
void describe(Describe<TrackInvocation>&);

struct Tracked {
    std::int64_t invocation_id = 0;
};
void describe(Describe<Tracked>&);

struct TrackInvocations {
    std::vector<TrackInvocation> items;
};
void describe(Describe<TrackInvocations>&);

struct TrackedBatch {
    std::int64_t recorded = 0;
    std::vector<std::int64_t> invocation_ids;  // in the order of the items
};
void describe(Describe<TrackedBatch>&);

// What is known when a skill starts; the rest comes with CompleteInvocation.
struct BeginInvocation {
    std::string session_id;
    std::string skill_name;
    std::optional<std::int64_t> invoked_at_us;
    std::optional<std::string> workflow_path;
    std::optional<std::string> user_query;
    std::vector<std::string> alternatives_considered;
    std::optional<std::int64_t> selection_rank;
    std::optional<std::string> workflow_phase;
    std::optional<std::string> workflow_step_id;
    std::optional<std::string> user_id;
    std::optional<std::vector<double>> embedding;
};
void describe(Describe<BeginInvocation>&);

struct OpenInvocation {
    std::string handle;
    std::string session_id;
    std::string skill_name;
    std::int64_t started_at_us = 0;
};
void describe(Describe<OpenInvocation>&);

// Works once for a handle; after that, and after its session ended, Code::not_found.
struct CompleteInvocation {
    std::string handle;
    bool completed = false;
    std::optional<double> duration_seconds;
    std::optional<std::string> error_type;
    std::vector<std::string> follow_up_actions;
    std::optional<std::int64_t> rating;
};
void describe(Describe<CompleteInvocation>&);

struct InvocationRef {
    std::int64_t invocation_id = 0;
};
void describe(Describe<InvocationRef>&);

struct Invocation {
    std::int64_t invocation_id = 0;
    std::string session_id;
    std::string skill_name;
    std::int64_t invoked_at_us = 0;
    bool completed = false;
    std::optional<double> duration_seconds;
    std::optional<std::string> workflow_path;
    std::optional<std::string> user_query;  // masked
    std::vector<std::string> alternatives_considered;
    std::optional<std::int64_t> selection_rank;
    std::vector<std::string> follow_up_actions;
    std::optional<std::string> error_type;
    std::optional<std::int64_t> rating;
    std::optional<std::string> workflow_phase;
    std::optional<std::string> workflow_step_id;
    std::optional<std::string> user_id;  // keyed hash
    bool has_embedding = false;
    std::int64_t created_at_us = 0;
};
void describe(Describe<Invocation>&);

// One of session_id and skill_name at least. Of a session oldest first, of a skill newest first.
struct ListInvocations {
    std::optional<std::string> session_id;
    std::optional<std::string> skill_name;
    std::int64_t limit = 100;
    std::optional<std::string> cursor;
};
void describe(Describe<ListInvocations>&);

struct InvocationPage {
    std::vector<Invocation> invocations;
    std::optional<std::string> next_cursor;
};
void describe(Describe<InvocationPage>&);

}  // namespace credence::skills
