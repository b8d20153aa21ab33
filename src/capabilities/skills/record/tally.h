// What a batch adds to the figures that triggers keep of the log (skill_metrics, session_skills,
// skill_metrics_cache) and to the counters: added up first and written once a skill, which costs a
// third of firing three triggers a row. Rows written while hold_triggers() stands are not counted
// by the triggers; a plain INSERT always is.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/skills/record/invocation_rows.h"
#include "capabilities/skills/record/new_invocation.h"
#include "engine/store/database.h"

namespace credence::skills::record {

struct SkillTally {
    std::string_view skill_name;
    std::int64_t total = 0;
    std::int64_t completed = 0;
    std::int64_t timed = 0;
    double duration_seconds = 0;
    std::int64_t ranked = 0;
    std::int64_t rank_sum = 0;
    std::int64_t rated = 0;
    std::int64_t rating_sum = 0;
    std::int64_t first_at_us = 0;
    std::int64_t last_at_us = 0;
    std::int64_t last_hour = 0;  // began within the hour before they were recorded
    std::int64_t last_day = 0;
};

struct SessionTally {
    std::string_view session_id;
    std::string_view skill_name;
    std::int64_t count = 0;
};

// Texts are borrowed from the rows.
struct Tally {
    std::vector<SkillTally> skills;      // by name
    std::vector<SessionTally> sessions;  // by session and skill
    std::vector<invocation_rows::CounterChange> counters;
};

Tally tally_of(std::span<const NewInvocation> rows, std::int64_t now_us);
// The counters only; each once.
std::vector<invocation_rows::CounterChange> counts_of(std::span<const NewInvocation> rows);

}  // namespace credence::skills::record

namespace credence::skills::tally_rows {

// Until release_triggers() in the same transaction the triggers leave this tenant's rows alone.
Result<void> hold_triggers(store::Tx& tx, std::string_view tenant);
Result<void> release_triggers(store::Tx& tx, std::string_view tenant);

Result<void> add(store::Tx& tx, const record::Stamp& stamp, const record::Tally& tally);

}  // namespace credence::skills::tally_rows
