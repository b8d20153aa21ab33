// All SQL over guard_vault_entry and guard_vault_counter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/store/database.h"

namespace credence::guard::rows {

struct VaultPlace {
    std::string_view tenant;
    std::string_view name_space;
    std::string_view vault_id;
};

struct VaultEntry {
    std::string mask;
    std::string kind;
    std::string value_tag;
    std::string sealed;
    std::int64_t created_at_us = 0;
    std::int64_t expires_at_us = 0;
};

// The mask of a value, also when it has expired but is still there.
Result<std::optional<std::string>> mask_of_tag(store::Tx& tx, const VaultPlace& place,
                                               std::string_view value_tag);
// Counts up and returns a number that no other call got.
Result<std::int64_t> next_number(store::Tx& tx, const VaultPlace& place, std::string_view kind,
                                 std::int64_t expires_at_us);
// False when the value or the mask is there already.
Result<bool> insert_entry(store::Tx& tx, const VaultPlace& place, const VaultEntry& entry);
// Never shortens.
Result<void> prolong_entry(store::Tx& tx, const VaultPlace& place, std::string_view mask,
                           std::int64_t expires_at_us);
// Nothing when it is unknown or has expired.
Result<std::optional<std::string>> sealed_value(store::Tx& tx, const VaultPlace& place,
                                                std::string_view mask, std::int64_t now_us);
Result<std::int64_t> count_entries(store::Tx& tx, const VaultPlace& place);
// Entries removed; the counters go, too.
Result<std::int64_t> erase_vault(store::Tx& tx, const VaultPlace& place);
// Of all tenants; at most `limit` of each table. Entries removed.
Result<std::int64_t> erase_expired(store::Tx& tx, std::int64_t now_us, std::int64_t limit);

}  // namespace credence::guard::rows
