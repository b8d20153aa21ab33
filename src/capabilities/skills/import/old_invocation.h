// A row as the former system left it, and what can be made of it. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "capabilities/skills/record/invocations.h"

namespace credence::skills {

// Whatever the file has; nothing was checked there.
struct OldInvocation {
    std::optional<std::string> skill_name;
    std::optional<std::string> invoked_at;
    std::optional<std::string> session_id;
    std::optional<std::string> workflow_path;
    bool completed = false;
    std::optional<double> duration_seconds;
    std::optional<std::string> user_query;
    std::optional<std::string> alternatives_considered;  // JSON
    std::optional<std::int64_t> selection_rank;
    std::optional<std::string> follow_up_actions;  // JSON
    std::optional<std::string> error_type;
    std::optional<std::string> embedding;  // 384 float32
    std::optional<std::string> workflow_phase;
    std::optional<std::string> workflow_step_id;
};

// What was put right or refused, by kind.
struct Mending {
    std::map<std::string, std::int64_t> mended;
    std::map<std::string, std::int64_t> reasons;
};

// The request that tracks it, with invoked_at_us; nullopt (counted in `reasons`) for a row without
// skill or time, or one of the future. `now_us`: what counts as future.
std::optional<TrackInvocation> mend(const OldInvocation& old, std::int64_t now_us,
                                    Mending& mending);

// What tells rows of a file from each other: same key, same invocation.
std::string row_key(const TrackInvocation& row);

}  // namespace credence::skills
