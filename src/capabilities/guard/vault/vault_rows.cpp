#include "capabilities/guard/vault/vault_rows.h"

namespace credence::guard::rows {

Result<std::optional<std::string>> mask_of_tag(store::Tx& tx, const VaultPlace& place,
                                               std::string_view value_tag) {
    const store::Rows rows =
        TRY(tx.query("SELECT mask FROM guard_vault_entry WHERE tenant = $1 AND name_space = $2 "
                     "AND vault_id = $3 AND value_tag = $4",
                     place.tenant, place.name_space, place.vault_id, value_tag));
    return rows.empty() ? std::nullopt : std::optional(rows.text(0, 0));
}

Result<std::int64_t> next_number(store::Tx& tx, const VaultPlace& place, std::string_view kind,
                                 std::int64_t expires_at_us) {
    return TRY(tx.query("INSERT INTO guard_vault_counter "
                        "(tenant, name_space, vault_id, kind, last_number, expires_at_us) "
                        "VALUES ($1, $2, $3, $4, 1, $5) "
                        "ON CONFLICT (tenant, name_space, vault_id, kind) DO UPDATE SET "
                        "last_number = guard_vault_counter.last_number + 1, expires_at_us = "
                        "CASE WHEN guard_vault_counter.expires_at_us > excluded.expires_at_us "
                        "THEN guard_vault_counter.expires_at_us ELSE excluded.expires_at_us END "
                        "RETURNING last_number",
                        place.tenant, place.name_space, place.vault_id, kind, expires_at_us))
        .integer(0, 0);
}

Result<bool> insert_entry(store::Tx& tx, const VaultPlace& place, const VaultEntry& entry) {
    return TRY(tx.run("INSERT INTO guard_vault_entry (tenant, name_space, vault_id, mask, kind, "
                      "value_tag, sealed, created_at_us, expires_at_us) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
                      place.tenant, place.name_space, place.vault_id, entry.mask, entry.kind,
                      entry.value_tag, entry.sealed, entry.created_at_us, entry.expires_at_us)) > 0;
}

Result<void> prolong_entry(store::Tx& tx, const VaultPlace& place, std::string_view mask,
                           std::int64_t expires_at_us) {
    TRY(
        tx.run("UPDATE guard_vault_entry SET expires_at_us = $1 WHERE tenant = $2 "
               "AND name_space = $3 AND vault_id = $4 AND mask = $5 AND expires_at_us < $6",
               expires_at_us, place.tenant, place.name_space, place.vault_id, mask, expires_at_us));
    return {};
}

Result<std::optional<std::string>> sealed_value(store::Tx& tx, const VaultPlace& place,
                                                std::string_view mask, std::int64_t now_us) {
    const store::Rows rows =
        TRY(tx.query("SELECT sealed FROM guard_vault_entry WHERE tenant = $1 AND name_space = $2 "
                     "AND vault_id = $3 AND mask = $4 AND expires_at_us > $5",
                     place.tenant, place.name_space, place.vault_id, mask, now_us));
    return rows.empty() ? std::nullopt : std::optional(rows.text(0, 0));
}

Result<std::int64_t> count_entries(store::Tx& tx, const VaultPlace& place) {
    return TRY(tx.query("SELECT COUNT(mask) FROM guard_vault_entry WHERE tenant = $1 "
                        "AND name_space = $2 AND vault_id = $3",
                        place.tenant, place.name_space, place.vault_id))
        .integer(0, 0);
}

Result<std::int64_t> erase_vault(store::Tx& tx, const VaultPlace& place) {
    TRY(
        tx.run("DELETE FROM guard_vault_counter WHERE tenant = $1 AND name_space = $2 "
               "AND vault_id = $3",
               place.tenant, place.name_space, place.vault_id));
    return tx.run(
        "DELETE FROM guard_vault_entry WHERE tenant = $1 AND name_space = $2 "
        "AND vault_id = $3",
        place.tenant, place.name_space, place.vault_id);
}

Result<std::int64_t> erase_expired(store::Tx& tx, std::int64_t now_us, std::int64_t limit) {
    TRY(
        tx.run("DELETE FROM guard_vault_counter WHERE (tenant, name_space, vault_id, kind) IN "
               "(SELECT tenant, name_space, vault_id, kind FROM guard_vault_counter "
               "WHERE expires_at_us <= $1 LIMIT $2)",
               now_us, limit));
    return tx.run(
        "DELETE FROM guard_vault_entry WHERE (tenant, name_space, vault_id, mask) IN "
        "(SELECT tenant, name_space, vault_id, mask FROM guard_vault_entry "
        "WHERE expires_at_us <= $1 LIMIT $2)",
        now_us, limit);
}

}  // namespace credence::guard::rows
