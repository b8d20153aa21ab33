// The communities of the tenants asked about lately, counted when needed, and the keys with which
// figures travel between installations.
//
// A catalogue is counted anew when ten minutes passed or the tenant's uses changed by more than a
// twentieth (at once while there are few); who asks meanwhile gets the one that stands. Its instant
// is in every answer. Thread-safe; at most kMaxTenants are kept, the one idle longest leaves.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/result.h"
#include "capabilities/skills/people/baselines.h"
#include "capabilities/skills/people/catalogue.h"
#include "capabilities/skills/skills_parts.h"
#include "capabilities/trust/evidence/dsse.h"
#include "engine/store/database.h"

namespace credence::skills {

// All outlives the community.
struct CommunityParts {
    store::Database& database;
    const Clock& clock;
    const SkillsSettings& settings;
    Ledger& ledger;
    std::array<std::uint8_t, 32> key{};          // UserNames::derived("community")
    std::vector<trust::PublicKey> trusted_keys;  // see trusted_keys_of
    // The installation's active key (trust::SigningKeys::active).
    std::function<Result<trust::SigningKey>(const Context&)> signing_key;
};

// Code::invalid with the path of a key that is none.
Result<std::vector<trust::PublicKey>> trusted_keys_of(const CommunitySettings& settings);

class Community {
public:
    static constexpr std::size_t kMaxTenants = 64;
    static constexpr std::int64_t kMaxAgeUs = 600'000'000;
    static constexpr std::int64_t kChangedShare = 20;        // one in so many: counted anew
    static constexpr std::int64_t kFewInteractions = 5'000;  // up to here at every change

    explicit Community(CommunityParts parts) : parts_(std::move(parts)) {}

    // Not inside database.read or write, nor Ledger::read.
    Result<std::shared_ptr<const Catalogue>> catalogue(const std::string& tenant);
    // Counts anew those kept that are due; for a schedule, so that nobody who asks has to wait.
    Result<void> refresh();
    // After rows of the tenant were removed, or baselines imported.
    void forget(const std::string& tenant);

    // The person found, as this asker may name it: 16 hexadecimal digits.
    std::string alias(std::string_view tenant, std::string_view asker_hash,
                      std::string_view found_hash) const;
    // The tenant, as others may know it: 32 hexadecimal digits.
    std::string installation(std::string_view tenant) const;

    const std::vector<trust::PublicKey>& trusted_keys() const { return parts_.trusted_keys; }
    Result<trust::SigningKey> signing_key(const Context& context) const {
        return parts_.signing_key(context);
    }

private:
    struct Kept {
        std::shared_ptr<const Catalogue> catalogue;
        std::int64_t asked_at_us = 0;
    };

    Result<bool> is_due(const std::string& tenant, const Catalogue* known);
    Result<std::shared_ptr<const Catalogue>> build(const std::string& tenant);
    std::shared_ptr<const Catalogue> find(const std::string& tenant, bool asked);
    void keep(const std::string& tenant, std::shared_ptr<const Catalogue> built);

    CommunityParts parts_;
    std::mutex building_;  // one at a time: they take memory
    std::mutex mutex_;     // of what follows
    std::map<std::string, Kept> kept_;
    std::uint64_t forgotten_ = 0;  // calls of forget(): what was counted across one is not kept
};

}  // namespace credence::skills
