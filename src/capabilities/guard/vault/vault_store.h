// Keeps what masks stand for, so that they can be restored in a later turn or by another process.
//
// A vault is a name inside a tenant's name space: one conversation, one run of an agent. In it
// equal values have one mask (canonical.h) and a mask never changes its meaning: numbers are not
// given twice, not even after their values expired, as long as the vault is in use. What is
// restored is the spelling that was seen first. Values lie in the store as ciphertext bound to
// tenant, name space, vault and mask, and are found by keyed digests (vault_key.h).
//
// Whoever may unmask with a vault can read every value of it by writing "[EMAIL_1]" into a text:
// give each conversation its own vault, and use MaskFormat::hash where strangers' texts are
// unmasked.
//
// Thread-safe; several may work on one store at once. Costs one transaction a call.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/units.h"
#include "capabilities/guard/vault/mask_source.h"
#include "capabilities/guard/vault/masks.h"
#include "capabilities/guard/vault/vault_key.h"
#include "engine/store/database.h"

namespace credence::guard {

struct VaultParts {
    store::Database& database;
    const Clock& clock;
    Random& random;  // fit for keys
    VaultKey key;
};

struct SealValues {
    std::string vault_id;  // 1 to 128 of letters, digits, "-", "_", ".", ":"
    std::vector<MaskItem> items;
    std::vector<std::string> taken;          // ascending; see MaskSource
    MaskFormat format = MaskFormat::number;  // or hash
    std::int64_t ttl_us = 30 * kUsPerDay;    // from now; sealing a value again prolongs it
};

struct OpenedMasks {
    std::map<std::string, std::string> values;  // by mask
    std::int64_t unknown = 0;                   // never given by this vault, expired or erased
    std::int64_t refused = 0;                   // changed, moved or sealed by another key; logged
};

class VaultStore {
public:
    static constexpr std::size_t kMaxItems = 1000;  // of one call; more: Code::too_large
    static constexpr std::size_t kMaxValueBytes = 64 * 1024;
    static constexpr std::size_t kMaxVaultIdBytes = 128;
    static constexpr std::int64_t kMaxTtlUs = 400 * kUsPerDay;
    static constexpr std::int64_t kCounterGraceUs = 30 * kUsPerDay;

    explicit VaultStore(VaultParts parts) : parts_(std::move(parts)) {}

    // The mask of each item, in order; those not known are added. All or none. Code::invalid with
    // the field's path, Code::exhausted when a kind has used up its numbers.
    Result<std::vector<std::string>> seal_values(const Context& context,
                                                 const SealValues& request) const;
    // Values of masks as masks.h writes them; at most kMaxItems.
    Result<OpenedMasks> open_masks(const Context& context, const std::string& vault_id,
                                   const std::vector<std::string>& masks) const;
    // Forgets all values of a vault; how many. Its name must not be used again: numbers begin anew.
    Result<std::int64_t> erase(const Context& context, const std::string& vault_id) const;
    // Removes what has expired, of all tenants, at most `limit` rows; for a schedule.
    Result<std::int64_t> erase_expired(std::int64_t limit) const;

private:
    struct Place;
    Result<std::string> seal_one(store::Tx& tx, const Place& place, const SealValues& request,
                                 const MaskItem& item) const;
    Result<std::string> new_mask(store::Tx& tx, const Place& place, const SealValues& request,
                                 const MaskItem& item) const;

    VaultParts parts_;
};

// Masks by a vault, for sanitise() and for streams.
class VaultMasks final : public MaskSource {
public:
    VaultMasks(const VaultStore& vaults, Context context, SealValues settings)
        : vaults_(vaults), context_(std::move(context)), settings_(std::move(settings)) {}
    Result<std::vector<std::string>> masks_for(const std::vector<MaskItem>& items,
                                               const std::vector<std::string>& taken) override;

private:
    const VaultStore& vaults_;
    Context context_;
    SealValues settings_;
};

}  // namespace credence::guard
