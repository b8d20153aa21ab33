#include "capabilities/guard/vault/vault_store.h"

#include <algorithm>
#include <span>

#include "base/log.h"
#include "capabilities/guard/vault/vault_rows.h"

namespace credence::guard {

namespace {

constexpr int kMaxTries = 4;      // against another that adds the same value at once
constexpr int kMaxSkipped = 256;  // masks that a text holds though this vault never gave them

bool is_id_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.' || c == ':';
}

Result<void> check_vault_id(const std::string& vault_id) {
    if (vault_id.empty() || vault_id.size() > VaultStore::kMaxVaultIdBytes ||
        !std::all_of(vault_id.begin(), vault_id.end(), is_id_character)) {
        return fail(Code::invalid, "a vault id has 1 to 128 letters, digits, '-', '_', '.' or ':'",
                    "vault_id");
    }
    return {};
}

Result<void> check(const SealValues& request) {
    TRY(check_vault_id(request.vault_id));
    if (request.items.size() > VaultStore::kMaxItems) {
        return fail(Code::too_large, "too many values at once", "items");
    }
    if (request.format == MaskFormat::redact) {
        return fail(Code::invalid, "redacted values cannot be restored", "format");
    }
    if (request.ttl_us <= 0 || request.ttl_us > VaultStore::kMaxTtlUs) {
        return fail(Code::invalid, "values are kept for up to 400 days", "ttl_us");
    }
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        const MaskItem& item = request.items[i];
        const std::string path = "items[" + std::to_string(i) + "]";
        if (!is_mask_label(item.label)) {
            return fail(Code::invalid, "no such label of masks", path + ".label");
        }
        if (item.value.empty() || item.value.size() > VaultStore::kMaxValueBytes) {
            return fail(Code::invalid, "a value has 1 to 65,536 bytes", path + ".value");
        }
    }
    return {};
}

}  // namespace

struct VaultStore::Place {
    rows::VaultPlace at;
    std::int64_t now_us;
    std::int64_t expires_at_us;
};

Result<std::string> VaultStore::new_mask(store::Tx& tx, const Place& place,
                                         const SealValues& request, const MaskItem& item) const {
    if (request.format == MaskFormat::hash) {
        const Digest tag = parts_.key.digest({"mask", place.at.tenant, place.at.name_space,
                                              place.at.vault_id, item.label, item.canonical});
        return hash_mask(item.label, std::span(tag).first(kMaskTagBytes));
    }
    for (int tries = 0; tries < kMaxSkipped; ++tries) {
        const std::int64_t number =
            TRY(rows::next_number(tx, place.at, item.label, place.expires_at_us + kCounterGraceUs));
        if (number > kMaxMaskNumber) {
            return fail(Code::exhausted, "the vault has no masks of this kind left", "vault_id");
        }
        std::string mask = number_mask(item.label, number);
        if (!std::binary_search(request.taken.begin(), request.taken.end(), mask)) {
            return mask;
        }
    }
    return fail(Code::exhausted, "the text holds too many masks of its own", "taken");
}

Result<std::string> VaultStore::seal_one(store::Tx& tx, const Place& place,
                                         const SealValues& request, const MaskItem& item) const {
    const std::string tag = parts_.key.tag({"value", place.at.tenant, place.at.name_space,
                                            place.at.vault_id, item.label, item.canonical});
    for (int tries = 0; tries < kMaxTries; ++tries) {
        if (auto known = TRY(rows::mask_of_tag(tx, place.at, tag))) {
            TRY(rows::prolong_entry(tx, place.at, *known, place.expires_at_us));
            return *std::move(known);
        }
        std::string mask = TRY(new_mask(tx, place, request, item));
        std::string sealed = parts_.key.seal(
            item.value, {place.at.tenant, place.at.name_space, place.at.vault_id, mask},
            parts_.random);
        const rows::VaultEntry entry{mask,         item.label,         tag, std::move(sealed),
                                     place.now_us, place.expires_at_us};
        if (TRY(rows::insert_entry(tx, place.at, entry))) {
            return mask;
        }
    }
    return fail(Code::conflict, "the vault is being changed by others; try again", "vault_id");
}

Result<std::vector<std::string>> VaultStore::seal_values(const Context& context,
                                                         const SealValues& request) const {
    TRY(check(request));
    const std::int64_t now_us = parts_.clock.now_us();
    const Place place{
        {context.tenant, context.name_space, request.vault_id}, now_us, now_us + request.ttl_us};
    return parts_.database.write([&](store::Tx& tx) -> Result<std::vector<std::string>> {
        std::vector<std::string> masks;
        masks.reserve(request.items.size());
        for (const MaskItem& item : request.items) {
            masks.push_back(TRY(seal_one(tx, place, request, item)));
        }
        return masks;
    });
}

Result<OpenedMasks> VaultStore::open_masks(const Context& context, const std::string& vault_id,
                                           const std::vector<std::string>& masks) const {
    TRY(check_vault_id(vault_id));
    if (masks.size() > kMaxItems) {
        return fail(Code::too_large, "too many masks at once", "masks");
    }
    const rows::VaultPlace place{context.tenant, context.name_space, vault_id};
    const std::int64_t now_us = parts_.clock.now_us();
    using Found = std::vector<std::optional<std::string>>;
    const Found found = TRY(parts_.database.read([&](store::Tx& tx) -> Result<Found> {
        Found sealed;
        for (const std::string& mask : masks) {
            sealed.push_back(TRY(rows::sealed_value(tx, place, mask, now_us)));
        }
        return sealed;
    }));
    OpenedMasks opened;
    for (std::size_t i = 0; i < masks.size(); ++i) {
        if (!found[i]) {
            ++opened.unknown;
            continue;
        }
        auto value = parts_.key.unseal(*found[i],
                                       {place.tenant, place.name_space, place.vault_id, masks[i]});
        if (value) {
            opened.values.emplace(masks[i], *std::move(value));
        } else {
            ++opened.refused;
        }
    }
    if (opened.refused > 0) {
        log::warning("a vault holds values that its key does not open",
                     {{"tenant", context.tenant}, {"refused", opened.refused}});
    }
    return opened;
}

Result<std::int64_t> VaultStore::erase(const Context& context, const std::string& vault_id) const {
    TRY(check_vault_id(vault_id));
    return parts_.database.write([&](store::Tx& tx) {
        return rows::erase_vault(tx, {context.tenant, context.name_space, vault_id});
    });
}

Result<std::int64_t> VaultStore::erase_expired(std::int64_t limit) const {
    const std::int64_t now_us = parts_.clock.now_us();
    return parts_.database.write(
        [&](store::Tx& tx) { return rows::erase_expired(tx, now_us, limit); });
}

Result<std::vector<std::string>> VaultMasks::masks_for(const std::vector<MaskItem>& items,
                                                       const std::vector<std::string>& taken) {
    std::vector<std::string> masks;
    for (std::size_t at = 0; at < items.size(); at += VaultStore::kMaxItems) {
        const std::size_t end = std::min(items.size(), at + VaultStore::kMaxItems);
        SealValues request = settings_;
        request.taken = taken;
        request.items.assign(items.begin() + static_cast<std::ptrdiff_t>(at),
                             items.begin() + static_cast<std::ptrdiff_t>(end));
        for (std::string& mask : TRY(vaults_.seal_values(context_, request))) {
            masks.push_back(std::move(mask));
        }
    }
    return masks;
}

}  // namespace credence::guard
