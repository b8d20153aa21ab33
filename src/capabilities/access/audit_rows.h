// All SQL over audit and audit_head. The tenant comes first.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "capabilities/access/audit_chain.h"
#include "engine/store/database.h"

namespace credence::access::audit_rows {

Result<std::optional<AuditHead>> find_head(store::Tx& tx, std::string_view tenant);
// The entry and the head that tells of it.
Result<void> append(store::Tx& tx, std::string_view tenant, const AuditRecord& record);

// At most `limit` entries with seq >= first, oldest first.
Result<std::vector<AuditRecord>> walk(store::Tx& tx, std::string_view tenant, std::int64_t first,
                                      int limit);

// Empty texts match everything.
struct Filter {
    std::int64_t before_seq = 0;
    std::string_view actor;
    std::string_view operation;
    std::string_view outcome;
    int limit = 0;
};
// Newest first.
Result<std::vector<AuditRecord>> list(store::Tx& tx, std::string_view tenant, const Filter& filter);

}  // namespace credence::access::audit_rows
