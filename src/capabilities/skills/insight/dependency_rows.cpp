#include "capabilities/skills/insight/dependency_rows.h"

namespace credence::skills::dependency_rows {

void describe(Describe<Declared>& d) {
    d.field<&Declared::other>("");
    d.field<&Declared::co_occurrence_count>("");
    d.field<&Declared::declared_lift>("");
}

Result<std::vector<Declared>> declared_of(store::Tx& tx, std::string_view tenant,
                                          std::string_view skill_name, std::int64_t limit) {
    return TRY(tx.query("SELECT skill_b AS other, co_occurrence_count, declared_lift "
                        "FROM skill_dependencies WHERE tenant = $1 AND skill_a = $2 "
                        "AND declared_lift IS NOT NULL UNION ALL "
                        "SELECT skill_a AS other, co_occurrence_count, declared_lift "
                        "FROM skill_dependencies WHERE tenant = $1 AND skill_b = $2 "
                        "AND declared_lift IS NOT NULL "
                        "ORDER BY declared_lift DESC, other LIMIT $3",
                        tenant, skill_name, limit))
        .as<Declared>();
}

}  // namespace credence::skills::dependency_rows
