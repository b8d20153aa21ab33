// The gate every request passes: who is it, in which tenant and namespace, and is it too fast.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "api/gatekeeper.h"
#include "base/snapshot.h"
#include "capabilities/access/access.h"
#include "capabilities/access/rate_limits.h"

namespace credence::access {

class TokenVerifier;

// Decides from an immutable copy of the keys in memory; refresh() replaces the copy.
//
//   bearer given              the key, or with [oauth] the access token, decides, wherever the
//                             call comes from
//   local (CLI, stdio)        tenant "default", all scopes, no rate limit
//   loopback, keys optional   tenant "default", all scopes; with [oauth] keys are not optional
//   anything else             Code::unauthenticated
//
// Every call that is not local takes a token from its address's bucket, before it is known whether
// it will be let in: guessing keys is as slow as calling. A call with a key takes one from the
// key's bucket too. Missing, unknown, expired and revoked keys get the same answer; a refused
// access token gets one that says why. Thread-safe. admit() never touches the store: under 0.5 us
// without a key, 1 us with one; with an access token see token_verifier.h.
class Gate final : public Gatekeeper {
public:
    // `tokens` null: no access tokens. Else it outlives the gate.
    Gate(const AccessParts& parts, const AccessSettings& settings, TokenVerifier* tokens = nullptr);
    ~Gate() override;

    Result<Admission> admit(const Credentials& credentials) override;
    bool requires_keys() const override { return settings_.require_keys || tokens_ != nullptr; }

    // Reads keys and namespaces again if any process changed them. Touches the store.
    Result<void> refresh();
    // The same, for changes that lose nothing if the next scheduled refresh takes them up: the
    // caller's change is committed, so a failure here is only logged.
    void refresh_or_log();

private:
    struct KeyRecord;
    struct Known;  // keys and namespaces
    struct Refusals {
        Counter& unauthenticated;
        Counter& forbidden;
        Counter& exhausted;
        Counter& unavailable;
    };

    Result<Admission> decide(const Credentials& credentials);
    Result<void> admit_without_key(const Credentials& credentials, Admission& admission) const;
    Result<void> admit_with_key(const Credentials& credentials, Admission& admission);
    Result<void> admit_with_token(const Credentials& credentials, Admission& admission);
    std::unexpected<Error> unauthenticated() const;
    Limit limit_of(const KeyRecord& key) const;

    AccessParts parts_;
    const AccessSettings settings_;
    TokenVerifier* const tokens_;
    const Limit default_limit_;
    RateLimits addresses_;
    RateLimits keys_;
    Refusals refusals_;
    Snapshot<Known> known_;
    std::mutex install_mutex_;  // an older copy never replaces a newer one
};

// "127.0.0.0/8", "::1", and IPv4 loopback inside IPv6. Anything unreadable is not loopback.
bool is_loopback(std::string_view address);

}  // namespace credence::access
