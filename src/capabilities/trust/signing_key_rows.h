// All SQL over signing_key: keys of the installation, kept under the tenant "default".
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "capabilities/trust/signing_keys.h"
#include "engine/store/database.h"

namespace credence::trust::rows {

// Newest first.
Result<std::vector<PublicSigningKey>> list_signing_keys(store::Tx& tx);
Result<std::optional<PublicSigningKey>> active_signing_key(store::Tx& tx);
Result<void> insert_signing_key(store::Tx& tx, const PublicSigningKey& key);
Result<void> retire_signing_keys(store::Tx& tx, std::int64_t at_us);

}  // namespace credence::trust::rows
