// The SQL behind phase transitions. The tenant comes first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/skills/insight/phases.h"
#include "engine/store/database.h"

namespace credence::skills {

void describe(Describe<PhaseStep>&);

namespace phase_rows {

// Whether the namespace has the session.
Result<bool> has_session(store::Tx& tx, std::string_view tenant, std::string_view name_space,
                         std::string_view session_id);

// Ids, the newest session first.
Result<std::vector<std::string>> newest_sessions(store::Tx& tx, std::string_view tenant,
                                                 std::int64_t limit);

// The session's invocations that name a phase, in the order of time and id.
Result<std::vector<PhaseStep>> steps_of(store::Tx& tx, std::string_view tenant,
                                        std::string_view session_id, std::int64_t limit);

}  // namespace phase_rows
}  // namespace credence::skills
