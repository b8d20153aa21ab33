// Statements on skill_session and what hangs on a session.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/skills/record/record_check.h"
#include "capabilities/skills/record/sessions.h"
#include "engine/store/database.h"

namespace credence::skills::session_rows {

// What a writer must know of a session.
struct Head {
    std::string name_space;
    std::optional<std::string> user_id;
    std::optional<std::int64_t> ended_at_us;
};

Result<std::optional<Head>> head(store::Tx& tx, std::string_view tenant,
                                 std::string_view session_id);
// In that namespace only.
Result<std::optional<Session>> find(store::Tx& tx, std::string_view tenant,
                                    std::string_view name_space, std::string_view session_id);

Result<void> insert(store::Tx& tx, std::string_view tenant, std::string_view name_space,
                    const Session& session);
Result<void> end(store::Tx& tx, std::string_view tenant, const Session& session);

struct Page {
    std::string name_space;
    std::optional<bool> active;
    std::optional<std::string> project_path;
    std::optional<record::PageCursor> after;
    std::int64_t limit = 0;
};
// Newest first, those that began together by id.
Result<std::vector<Session>> list(store::Tx& tx, std::string_view tenant, const Page& page);

// Everything but `session` itself.
// Sessions of a removed namespace become nobody's: one that gets its name later does not see them,
// and what they add up to stays the tenant's. `mark` tells removals of one name apart.
Result<void> leave_namespace(store::Tx& tx, std::string_view tenant, std::string_view name_space,
                             std::int64_t mark);
Result<SessionSummary> summary(store::Tx& tx, std::string_view tenant, Session session);

}  // namespace credence::skills::session_rows
