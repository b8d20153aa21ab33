#include "capabilities/skills/insight/phase_rows.h"

namespace credence::skills {

void describe(Describe<PhaseStep>& d) {
    d.field<&PhaseStep::session_id>("");
    d.field<&PhaseStep::workflow_phase>("");
    d.field<&PhaseStep::skill_name>("");
    d.field<&PhaseStep::invoked_at_us>("");
}

namespace phase_rows {

Result<bool> has_session(store::Tx& tx, std::string_view tenant, std::string_view name_space,
                         std::string_view session_id) {
    return !TRY(tx.query("SELECT 1 FROM skill_session WHERE tenant = $1 AND session_id = $2 "
                         "AND name_space = $3",
                         tenant, session_id, name_space))
                .empty();
}

Result<std::vector<std::string>> newest_sessions(store::Tx& tx, std::string_view tenant,
                                                 std::int64_t limit) {
    const auto rows =
        TRY(tx.query("SELECT session_id FROM skill_session WHERE tenant = $1 "
                     "ORDER BY started_at_us DESC, session_id DESC LIMIT $2",
                     tenant, limit));
    std::vector<std::string> out;
    out.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        out.push_back(rows.text(i, 0));
    }
    return out;
}

Result<std::vector<PhaseStep>> steps_of(store::Tx& tx, std::string_view tenant,
                                        std::string_view session_id, std::int64_t limit) {
    // A condition on the phase would make SQLite take the index by phase, and read them all.
    auto steps = TRY(TRY(tx.query("SELECT session_id, COALESCE(workflow_phase, '') AS "
                                  "workflow_phase, skill_name, invoked_at_us "
                                  "FROM skill_invocation WHERE tenant = $1 AND session_id = $2 "
                                  "ORDER BY invoked_at_us, id LIMIT $3",
                                  tenant, session_id, limit))
                         .as<PhaseStep>());
    std::erase_if(steps, [](const PhaseStep& step) { return step.workflow_phase.empty(); });
    return steps;
}

}  // namespace phase_rows
}  // namespace credence::skills
