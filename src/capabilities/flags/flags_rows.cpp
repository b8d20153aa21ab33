#include "capabilities/flags/flags_rows.h"

namespace credence::flags::rows {

Result<void> put(store::Tx& tx, const FlagRow& row) {
    TRY(
        tx.run("INSERT INTO operation_flag (tenant, operation, reason, disabled_at_us, disabled_by)"
               " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, operation) DO UPDATE SET"
               " reason = excluded.reason, disabled_at_us = excluded.disabled_at_us,"
               " disabled_by = excluded.disabled_by",
               row.tenant, row.operation, row.reason, row.disabled_at_us, row.disabled_by));
    return {};
}

Result<bool> remove(store::Tx& tx, std::string_view tenant, std::string_view operation) {
    return TRY(tx.run("DELETE FROM operation_flag WHERE tenant = $1 AND operation = $2", tenant,
                      operation)) > 0;
}

Result<std::int64_t> count(store::Tx& tx, std::string_view tenant) {
    const auto found =
        TRY(tx.query("SELECT COUNT(*) FROM operation_flag WHERE tenant = $1", tenant));
    return found.integer(0, 0);
}

Result<std::vector<FlagRow>> all(store::Tx& tx) {
    return TRY(tx.query("SELECT tenant, operation, reason, disabled_at_us, disabled_by"
                        " FROM operation_flag ORDER BY tenant, operation"))
        .as<FlagRow>();
}

}  // namespace credence::flags::rows
