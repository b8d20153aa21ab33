#include "capabilities/trust/signing_key_rows.h"

namespace credence::trust::rows {

Result<std::vector<PublicSigningKey>> list_signing_keys(store::Tx& tx) {
    return TRY(tx.query("SELECT keyid, public_key, created_at_us, retired_at_us FROM signing_key "
                        "WHERE tenant = 'default' ORDER BY created_at_us DESC, keyid LIMIT $1",
                        SigningKeys::kMaxKeys))
        .as<PublicSigningKey>();
}

Result<std::optional<PublicSigningKey>> active_signing_key(store::Tx& tx) {
    auto found =
        TRY(TRY(tx.query("SELECT keyid, public_key, created_at_us, retired_at_us FROM signing_key "
                         "WHERE tenant = 'default' AND retired_at_us IS NULL"))
                .as<PublicSigningKey>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<void> insert_signing_key(store::Tx& tx, const PublicSigningKey& key) {
    TRY(
        tx.run("INSERT INTO signing_key (tenant, keyid, public_key, created_at_us) "
               "VALUES ('default', $1, $2, $3)",
               key.keyid, key.public_key, key.created_at_us));
    return {};
}

Result<void> retire_signing_keys(store::Tx& tx, std::int64_t at_us) {
    TRY(
        tx.run("UPDATE signing_key SET retired_at_us = $1 "
               "WHERE tenant = 'default' AND retired_at_us IS NULL",
               at_us));
    return {};
}

}  // namespace credence::trust::rows
