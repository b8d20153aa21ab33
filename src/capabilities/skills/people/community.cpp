#include "capabilities/skills/people/community.h"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>

#include "base/check.h"
#include "base/text.h"
#include "capabilities/skills/people/baseline_bundle.h"
#include "capabilities/skills/state/ledger.h"

namespace credence::skills {
namespace {

constexpr std::size_t kAliasBytes = 8;
constexpr std::size_t kInstallationBytes = kInstallationDigits / 2;
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kKeyIdEnd = trust::kKeyIdDigits;

// Each part is preceded by its length, so that no two lists of parts are written alike.
std::string keyed_digits(const std::array<std::uint8_t, 32>& key,
                         const std::vector<std::string_view>& parts, std::size_t bytes) {
    CHECK(sodium_init() >= 0, "libsodium does not start");
    std::string message;
    for (const std::string_view part : parts) {
        message.append(std::to_string(part.size())).append(":").append(part);
    }
    std::array<std::uint8_t, kDigestBytes> digest{};
    crypto_generichash(digest.data(), digest.size(),
                       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                       key.data(), key.size());
    return to_hex(std::span(digest).first(bytes));
}

}  // namespace

Result<std::vector<trust::PublicKey>> trusted_keys_of(const CommunitySettings& settings) {
    std::vector<trust::PublicKey> keys;
    for (std::size_t i = 0; i < settings.trusted_baseline_keys.size(); ++i) {
        const auto key = trust::read_public_key(settings.trusted_baseline_keys[i]);
        if (!key) {
            return fail(Code::invalid, key.error().message,
                        "community.trusted_baseline_keys[" + std::to_string(i) + "]");
        }
        keys.push_back(*key);
    }
    return keys;
}

std::string Community::alias(std::string_view tenant, std::string_view asker_hash,
                             std::string_view found_hash) const {
    return keyed_digits(parts_.key, {"alias", tenant, asker_hash, found_hash}, kAliasBytes);
}

std::string Community::installation(std::string_view tenant) const {
    return keyed_digits(parts_.key, {"installation", tenant}, kInstallationBytes);
}

std::shared_ptr<const Catalogue> Community::find(const std::string& tenant, bool asked) {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(tenant);
    if (found == kept_.end()) {
        return nullptr;
    }
    if (asked) {
        found->second.asked_at_us = parts_.clock.steady_us();
    }
    return found->second.catalogue;
}

void Community::keep(const std::string& tenant, std::shared_ptr<const Catalogue> built) {
    const std::lock_guard lock(mutex_);
    if (kept_.size() >= kMaxTenants && !kept_.contains(tenant)) {
        kept_.erase(std::ranges::min_element(
            kept_, {}, [](const auto& entry) { return entry.second.asked_at_us; }));
    }
    Kept& kept = kept_[tenant];
    kept.catalogue = std::move(built);
    kept.asked_at_us = std::max(kept.asked_at_us, parts_.clock.steady_us());
}

void Community::forget(const std::string& tenant) {
    const std::lock_guard lock(mutex_);
    kept_.erase(tenant);
    ++forgotten_;
}

Result<bool> Community::is_due(const std::string& tenant, const Catalogue* known) {
    if (known == nullptr || std::abs(parts_.clock.now_us() - known->built_at_us()) >= kMaxAgeUs) {
        return true;
    }
    const std::int64_t now =
        TRY(parts_.ledger.read(tenant, [](const SkillState& state) -> Result<std::int64_t> {
            return count_interactions(state);
        }));
    const std::int64_t change = std::abs(now - known->interactions());
    return now <= kFewInteractions ? change > 0 : change > known->interactions() / kChangedShare;
}

Result<std::shared_ptr<const Catalogue>> Community::build(const std::string& tenant) {
    std::uint64_t forgotten = 0;
    {
        const std::lock_guard lock(mutex_);
        forgotten = forgotten_;
    }
    Catalogue::Source source{.counts = {},
                             .imported = {},
                             .min_users = parts_.settings.community_min_users,
                             .now_us = parts_.clock.now_us()};
    source.counts =
        TRY(parts_.ledger.read(tenant, [&](const SkillState& state) -> Result<CommunityCounts> {
            return count_community(state, parts_.settings.community_min_users);
        }));
    source.imported = TRY(
        parts_.database.read([&](store::Tx& tx) { return baseline_rows::imported(tx, tenant); }));
    // A key that is trusted no more takes its figures with it; so does a k that was raised.
    std::erase_if(source.imported, [this](const BaselineRow& row) {
        const bool trusted = std::ranges::any_of(parts_.trusted_keys, [&row](const auto& key) {
            return std::string_view(row.source).substr(0, kKeyIdEnd) == trust::key_id(key);
        });
        return !trusted || row.total_users < parts_.settings.community_min_users;
    });
    auto built = std::make_shared<const Catalogue>(source);
    bool current = false;
    {
        const std::lock_guard lock(mutex_);
        current = forgotten == forgotten_;
    }
    if (current) {
        keep(tenant, built);
    }
    return std::shared_ptr<const Catalogue>(std::move(built));
}

Result<std::shared_ptr<const Catalogue>> Community::catalogue(const std::string& tenant) {
    std::shared_ptr<const Catalogue> known = find(tenant, true);
    if (!TRY(is_due(tenant, known.get()))) {
        return known;
    }
    std::unique_lock lock(building_, std::defer_lock);
    if (known != nullptr) {
        if (!lock.try_lock()) {
            return known;
        }
        return build(tenant);
    }
    lock.lock();
    // Who held the lock may have counted this very tenant.
    known = find(tenant, true);
    return known != nullptr ? Result<std::shared_ptr<const Catalogue>>(known) : build(tenant);
}

Result<void> Community::refresh() {
    std::vector<std::string> tenants;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [tenant, kept] : kept_) {
            tenants.push_back(tenant);
        }
    }
    for (const std::string& tenant : tenants) {
        const std::shared_ptr<const Catalogue> known = find(tenant, false);
        if (known != nullptr && TRY(is_due(tenant, known.get()))) {
            const std::lock_guard lock(building_);
            TRY(build(tenant));
        }
    }
    return {};
}

}  // namespace credence::skills
