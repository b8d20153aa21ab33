// Access tokens in, identities out, without store or network: the issuer's keys are at hand, and a
// token once verified is remembered until it expires.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/context.h"
#include "capabilities/access/issuer_keys.h"
#include "capabilities/access/key_text.h"
#include "capabilities/access/rate_limits.h"

namespace credence::access {

// Whom a token speaks for.
struct TokenIdentity {
    std::string tenant;
    std::string actor;  // "oauth:SUBJECT"
    Scopes scopes;
    CallerKey caller{};           // for the rate limit: one per tenant and subject
    std::int64_t until_us = 0;    // wall clock
    std::int64_t generation = 0;  // of the keys that vouch for it
};

// Thread-safe, except know_scopes(). A remembered token costs one digest of it, about 2 us; a new
// one the check of a signature, 30 to 150 us.
class TokenVerifier {
public:
    static constexpr std::size_t kShards = 16;

    TokenVerifier(const OauthSettings& settings, IssuerKeys& keys, const Clock& clock,
                  Metrics& metrics);

    // The scopes that exist: all others of a token are dropped. "*" is one of those, so a token
    // never makes an operator. Before the first verify().
    void know_scopes(const std::vector<std::string>& scopes);

    // Code::unauthenticated with what is wrong; Code::unavailable while there are no signing keys
    // or they could not be confirmed for max_age_ms.
    Result<std::shared_ptr<const TokenIdentity>> verify(std::string_view token);

    std::size_t remembered() const;

private:
    struct DigestHash {
        std::size_t operator()(const KeyDigest& digest) const;
    };
    struct Entry {
        KeyDigest digest;
        std::shared_ptr<const TokenIdentity> identity;
    };
    using Entries = std::list<Entry>;  // the most recently used first
    struct alignas(64) Shard {
        mutable std::mutex mutex;
        Entries entries;
        std::unordered_map<KeyDigest, Entries::iterator, DigestHash> by_digest;
    };

    Result<std::shared_ptr<const TokenIdentity>> check(std::string_view token,
                                                       const IssuerKeys::Loaded& loaded);
    std::shared_ptr<const TokenIdentity> recall(const KeyDigest& digest, std::int64_t generation);
    void remember(const KeyDigest& digest, std::shared_ptr<const TokenIdentity> identity);
    Shard& shard_of(const KeyDigest& digest) { return shards_[digest[0] % kShards]; }
    Scopes known_of(const std::vector<std::string>& scopes) const;

    const OauthSettings settings_;
    const ClaimRules rules_;
    IssuerKeys& keys_;
    const Clock& clock_;
    Counter& checked_;
    Counter& recalled_;
    std::set<std::string, std::less<>> known_scopes_;
    const std::size_t max_per_shard_;
    std::array<Shard, kShards> shards_;
};

}  // namespace credence::access
