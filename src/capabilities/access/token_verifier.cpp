#include "capabilities/access/token_verifier.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/units.h"
#include "capabilities/access/names.h"

namespace credence::access {
namespace {

constexpr std::int64_t kKeysRetryMs = 1'000;

KeyDigest digest_of_token(std::string_view token) {
    KeyDigest digest{};
    crypto_generichash(digest.data(), digest.size(),
                       reinterpret_cast<const unsigned char*>(token.data()), token.size(), nullptr,
                       0);
    return digest;
}

CallerKey caller_of_subject(const std::string& tenant, const std::string& actor) {
    const std::string both = tenant + '\n' + actor;
    CallerKey caller{};
    crypto_generichash(caller.data(), caller.size(),
                       reinterpret_cast<const unsigned char*>(both.data()), both.size(), nullptr,
                       0);
    return caller;
}

ClaimRules make_rules(const OauthSettings& settings) {
    return {settings.issuer, settings.audience, settings.tenant_claim, settings.scope_claim,
            settings.clock_skew_s * kUsPerSecond};
}

std::unexpected<Error> keys_missing(const char* why) {
    auto refused = fail(Code::unavailable, why);
    refused.error().retry_after_ms = kKeysRetryMs;
    return refused;
}

}  // namespace

std::size_t TokenVerifier::DigestHash::operator()(const KeyDigest& digest) const {
    std::size_t value = 0;
    std::memcpy(&value, digest.data() + 1, sizeof value);  // the first byte chose the shard
    return value;
}

TokenVerifier::TokenVerifier(const OauthSettings& settings, IssuerKeys& keys, const Clock& clock,
                             Metrics& metrics)
    : settings_(settings),
      rules_(make_rules(settings)),
      keys_(keys),
      clock_(clock),
      checked_(metrics.counter("credence_oauth_tokens_total", "Access tokens seen",
                               {{"how", "checked"}})),
      recalled_(metrics.counter("credence_oauth_tokens_total", "Access tokens seen",
                                {{"how", "remembered"}})),
      max_per_shard_(std::max<std::size_t>(
          1, static_cast<std::size_t>(settings.max_cached_tokens) / kShards)) {
    CHECK(sodium_init() >= 0, "libsodium does not start");
}

void TokenVerifier::know_scopes(const std::vector<std::string>& scopes) {
    for (const std::string& scope : scopes) {
        known_scopes_.insert(scope);
        if (const std::size_t colon = scope.find(':'); colon != std::string::npos) {
            known_scopes_.insert(scope.substr(0, colon) + ":*");
        }
    }
}

Result<std::shared_ptr<const TokenIdentity>> TokenVerifier::verify(std::string_view token) {
    if (std::cmp_greater(token.size(), settings_.max_token_bytes)) {
        return refused_token("is too long");
    }
    const auto loaded = keys_.current();
    if (loaded->keys == nullptr) {
        return keys_missing("the issuer's signing keys could not be fetched yet");
    }
    if (clock_.steady_us() - loaded->steady_us > settings_.max_age_ms * kUsPerMs) {
        return keys_missing("the issuer's signing keys could not be confirmed for too long");
    }
    const KeyDigest digest = digest_of_token(token);
    if (auto known = recall(digest, loaded->generation)) {
        recalled_.add();
        return known;
    }
    checked_.add();
    auto identity = TRY(check(token, *loaded));
    remember(digest, identity);
    return identity;
}

Result<std::shared_ptr<const TokenIdentity>> TokenVerifier::check(
    std::string_view token, const IssuerKeys::Loaded& loaded) {
    const JwtHeader header = TRY(read_jwt_header(token));
    if (std::ranges::find(settings_.algorithms, header.algorithm) == settings_.algorithms.end()) {
        return refused_token("is signed by an algorithm that is not accepted");
    }
    const JwkSet::Key* key = loaded.keys->find(header);
    if (key == nullptr) {
        keys_.want();
        return refused_token("is signed with an unknown key");
    }
    const std::string payload = TRY(JwkSet::verify(*key, token));
    Claims claims = TRY(check_claims(payload, rules_, clock_.now_us()));
    auto identity = std::make_shared<TokenIdentity>();
    identity->tenant = claims.tenant.empty() ? std::string(kDefaultName) : claims.tenant;
    if (!check_name(identity->tenant, {})) {
        return refused_token("names no tenant");
    }
    identity->actor = actor_of_subject(claims.subject);
    identity->scopes = known_of(claims.scopes);
    identity->caller = caller_of_subject(identity->tenant, identity->actor);
    identity->until_us = claims.until_us;
    identity->generation = loaded.generation;
    return identity;
}

Scopes TokenVerifier::known_of(const std::vector<std::string>& scopes) const {
    std::set<std::string> kept;
    for (const std::string& scope : scopes) {
        if (known_scopes_.contains(scope)) {
            kept.insert(scope);
        }
    }
    return Scopes({kept.begin(), kept.end()});
}

// A token verified with keys that were replaced since is checked again: its key may be gone.
std::shared_ptr<const TokenIdentity> TokenVerifier::recall(const KeyDigest& digest,
                                                           std::int64_t generation) {
    Shard& shard = shard_of(digest);
    const std::scoped_lock lock(shard.mutex);
    const auto found = shard.by_digest.find(digest);
    if (found == shard.by_digest.end()) {
        return nullptr;
    }
    const auto entry = found->second;
    if (entry->identity->generation != generation || clock_.now_us() >= entry->identity->until_us) {
        shard.by_digest.erase(found);
        shard.entries.erase(entry);
        return nullptr;
    }
    shard.entries.splice(shard.entries.begin(), shard.entries, entry);
    return entry->identity;
}

void TokenVerifier::remember(const KeyDigest& digest,
                             std::shared_ptr<const TokenIdentity> identity) {
    Shard& shard = shard_of(digest);
    const std::scoped_lock lock(shard.mutex);
    if (const auto found = shard.by_digest.find(digest); found != shard.by_digest.end()) {
        found->second->identity = std::move(identity);
        return;
    }
    if (shard.entries.size() >= max_per_shard_) {
        shard.by_digest.erase(shard.entries.back().digest);
        shard.entries.pop_back();
    }
    shard.entries.push_front({digest, std::move(identity)});
    shard.by_digest.emplace(digest, shard.entries.begin());
}

std::size_t TokenVerifier::remembered() const {
    std::size_t count = 0;
    for (const Shard& shard : shards_) {
        const std::scoped_lock lock(shard.mutex);
        count += shard.entries.size();
    }
    return count;
}

}  // namespace credence::access
