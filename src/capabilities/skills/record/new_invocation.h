// An invocation on its way into the log: checked, its user hashed, its query masked. Made outside
// the transaction that stores it, since that is what everybody waits for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shape.h"
#include "capabilities/skills/record/invocations.h"
#include "capabilities/skills/skills_parts.h"

namespace credence::skills::record {

// Also the draft of an open invocation, as JSON.
struct NewInvocation {
    std::string session_id;
    std::string skill_name;
    std::int64_t invoked_at_us = 0;
    std::optional<std::string> user_id;  // keyed hash; else the session's
    std::optional<std::string> workflow_path;
    bool completed = false;
    std::optional<double> duration_seconds;
    std::optional<std::string> user_query;               // masked
    std::optional<std::string> alternatives_considered;  // a JSON list
    std::optional<std::int64_t> selection_rank;
    std::vector<std::string> follow_ups;           // each once
    std::optional<std::string> follow_up_actions;  // the JSON list, as told
    std::optional<std::string> error_type;
    std::optional<std::int64_t> rating;
    std::optional<std::string> workflow_phase;
    std::optional<std::string> workflow_step_id;
    std::optional<std::string> embedding;  // embedding_text.h
};
void describe(Describe<NewInvocation>&);

// The keyed hash of a user of the tenant. Code::unavailable without a key.
Result<std::optional<std::string>> hash_user(const SkillsParts& parts, std::string_view tenant,
                                             const std::optional<std::string>& user_id);

// Turns requests of one tenant, at one moment, into rows. Errors name the request's field.
class Intake {
public:
    Intake(const SkillsParts& parts, std::string_view tenant, std::int64_t now_us)
        : parts_(parts), tenant_(tenant), now_us_(now_us) {}

    Result<NewInvocation> take(const TrackInvocation& request) const;
    Result<NewInvocation> take(const BeginInvocation& request) const;
    // How it went, into a row that knows the rest.
    Result<void> complete(const CompleteInvocation& request, NewInvocation& row) const;

private:
    Result<void> take_start(const BeginInvocation& request, NewInvocation& row) const;

    const SkillsParts& parts_;
    std::string_view tenant_;
    std::int64_t now_us_;
};

}  // namespace credence::skills::record
