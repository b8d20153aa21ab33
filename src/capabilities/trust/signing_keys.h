// The keys that attestations are signed with. Public halves in the store, for everybody; private
// halves in a folder beside it. One key is active; rotation retires it, and what it has signed
// stays verifiable. They belong to the installation, not to a tenant.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "base/result.h"
#include "base/shape.h"
#include "capabilities/trust/evidence/dsse.h"
#include "capabilities/trust/evidence/key_folder.h"
#include "capabilities/trust/trust_parts.h"

namespace credence::trust {

struct PublicSigningKey {
    std::string keyid;       // 32 hex digits: SHA-256 of the raw public key, its first half
    std::string public_key;  // base64 of 32 bytes, Ed25519
    std::int64_t created_at_us = 0;
    std::optional<std::int64_t> retired_at_us;  // signs no more; still verifies
};
void describe(Describe<PublicSigningKey>&);

struct SigningKeyList {
    std::vector<PublicSigningKey> keys;  // newest first
};
void describe(Describe<SigningKeyList>&);

// Event.
struct SigningKeyRotated {
    std::string keyid;  // the new one
};
void describe(Describe<SigningKeyRotated>&);

// Thread-safe.
class SigningKeys {
public:
    static constexpr std::int64_t kMaxKeys = 64;  // beyond: Code::exhausted
    // `folder` is created on first use (0700); empty: private halves are kept in memory.
    SigningKeys(const TrustParts& parts, std::string folder)
        : parts_(parts), folder_(std::move(folder)) {}

    Result<SigningKeyList> list_signing_keys(const Context& context, const Empty& request);
    // A new active key. Only the tenant "default" may: all tenants share the keys.
    Result<PublicSigningKey> rotate_signing_key(const Context& context, const Empty& request);

    // The active key, made on first use. Code::unavailable if its private half is lost.
    Result<SigningKey> active(const Context& context);
    Result<std::vector<PublicKey>> public_keys();

private:
    Result<SigningKey> first(const Context& context);

    TrustParts parts_;
    KeyFolder folder_;
    std::mutex mutex_;  // one new key at a time in this process
};

}  // namespace credence::trust
