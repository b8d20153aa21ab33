#include "capabilities/guard/context/canary_rows.h"

namespace credence::guard::canary_rows {

Result<void> insert(store::Tx& tx, const CanaryRow& row) {
    TRY(
        tx.run("INSERT INTO guard_canary (tenant, name_space, canary_id, purpose, alphabet,"
               " token_tag, sealed, created_by, created_at_us, changed_at_us)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
               row.tenant, row.name_space, row.info.canary_id, row.info.purpose,
               enumerator_of(row.info.alphabet), row.token_tag, row.sealed, row.info.created_by,
               row.info.created_at_us, row.info.created_at_us));
    return {};
}

Result<std::int64_t> count(store::Tx& tx, const Context& context) {
    return TRY(tx.query("SELECT COUNT(canary_id) FROM guard_canary WHERE tenant = $1"
                        " AND name_space = $2 AND revoked_at_us IS NULL",
                        context.tenant, context.name_space))
        .integer(0, 0);
}

Result<std::vector<CanaryInfo>> list(store::Tx& tx, const Context& context, bool revoked) {
    return TRY(tx.query("SELECT canary_id, purpose, alphabet, created_by, created_at_us,"
                        " revoked_at_us FROM guard_canary WHERE tenant = $1 AND name_space = $2"
                        " AND ($3 = 1 OR revoked_at_us IS NULL) ORDER BY canary_id DESC LIMIT $4",
                        context.tenant, context.name_space, revoked,
                        static_cast<std::int64_t>(2 * kMaxCanaries)))
        .as<CanaryInfo>();
}

Result<std::optional<CanaryInfo>> revoke(store::Tx& tx, const Context& context,
                                         const std::string& canary_id, std::int64_t now_us) {
    auto found =
        TRY(TRY(tx.query("UPDATE guard_canary SET revoked_at_us = $1, changed_at_us = $2"
                         " WHERE tenant = $3 AND name_space = $4 AND canary_id = $5"
                         " AND revoked_at_us IS NULL"
                         " RETURNING canary_id, purpose, alphabet, created_by, created_at_us,"
                         " revoked_at_us",
                         now_us, now_us, context.tenant, context.name_space, canary_id))
                .as<CanaryInfo>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<Generation> generation(store::Tx& tx) {
    const store::Rows rows = TRY(tx.query(
        "SELECT COUNT(canary_id), MAX(changed_at_us) FROM guard_canary WHERE tenant <> ''"));
    return Generation{rows.integer(0, 0), rows.integer(0, 1)};
}

Result<std::vector<CanaryRow>> in_force(store::Tx& tx, std::int64_t limit) {
    const store::Rows rows =
        TRY(tx.query("SELECT tenant, name_space, canary_id, purpose, token_tag, sealed"
                     " FROM guard_canary WHERE tenant <> '' AND revoked_at_us IS NULL"
                     " ORDER BY tenant, name_space, canary_id LIMIT $1",
                     limit));
    std::vector<CanaryRow> out(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        out[i].tenant = rows.text(i, 0);
        out[i].name_space = rows.text(i, 1);
        out[i].info.canary_id = rows.text(i, 2);
        out[i].info.purpose = rows.text(i, 3);
        out[i].token_tag = rows.text(i, 4);
        out[i].sealed = rows.text(i, 5);
    }
    return out;
}

Result<void> forget(store::Tx& tx, std::string_view tenant, std::string_view name_space) {
    TRY(tx.run("DELETE FROM guard_canary WHERE tenant = $1 AND name_space = $2", tenant,
               name_space));
    return {};
}

}  // namespace credence::guard::canary_rows
