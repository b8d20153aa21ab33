// API keys: create, list, rotate, revoke.
//
// Whoever manages keys stays within his own reach: he grants, rotates and revokes only scopes he
// holds, a key bound to a namespace manages only keys bound to the same one, and a key that expires
// makes none that lives longer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "capabilities/access/access.h"

namespace credence::access {

class Gate;

using KeyId = Id<struct KeyTag>;

// A key without its secret.
struct Key {
    KeyId id;
    std::string name;
    std::optional<std::string> name_space;
    std::vector<std::string> scopes;
    std::string prefix;
    std::optional<double> requests_per_second;
    std::int64_t created_at_us = 0;
    std::string created_by;
    std::optional<std::int64_t> expires_at_us;
    std::optional<std::int64_t> rotated_at_us;
    std::optional<std::int64_t> revoked_at_us;
};
void describe(Describe<Key>&);

struct CreateKey {
    std::string name;
    std::vector<std::string> scopes;
    std::optional<std::string> name_space;
    std::optional<std::int64_t> expires_at_us;
    std::optional<double> requests_per_second;
    std::optional<std::string> tenant;
};
void describe(Describe<CreateKey>&);

// The one answer that holds the secret. A plain string, because Secret would be masked.
struct IssuedKey {
    KeyId id;
    std::string key;
    std::string prefix;
    std::string tenant;
    std::string name;
    std::vector<std::string> scopes;
    std::optional<std::string> name_space;
    std::optional<std::int64_t> expires_at_us;
    std::optional<std::int64_t> old_key_until_us;
};
void describe(Describe<IssuedKey>&);

struct ListKeys {
    std::optional<KeyId> after;
    std::int64_t limit = 100;
    std::optional<std::string> tenant;
};
void describe(Describe<ListKeys>&);

struct KeyPage {
    std::vector<Key> keys;
    std::optional<KeyId> next;
};
void describe(Describe<KeyPage>&);

struct RotateKey {
    KeyId key_id;
    std::int64_t grace_ms = 0;
    std::optional<std::string> tenant;
};
void describe(Describe<RotateKey>&);

struct RevokeKey {
    KeyId key_id;
    std::optional<std::string> tenant;
};
void describe(Describe<RevokeKey>&);

struct KeyCreated {
    KeyId id;
    std::string name;
};
void describe(Describe<KeyCreated>&);

struct KeyRotated {
    KeyId id;
};
void describe(Describe<KeyRotated>&);

struct KeyRevoked {
    KeyId id;
};
void describe(Describe<KeyRevoked>&);

// Thread-safe.
class Keys {
public:
    static constexpr std::int64_t kMaxLiveKeys = 100'000;          // of all tenants, in memory
    static constexpr std::int64_t kMaxLiveKeysPerTenant = 10'000;  // beyond: Code::exhausted
    static constexpr std::int64_t kMaxGraceMs = 7LL * 24 * 3600 * 1000;

    Keys(const AccessParts& parts, Gate& gate) : parts_(parts), gate_(gate) {}

    Result<IssuedKey> create(const Context& context, const CreateKey& request);
    // Oldest first, revoked ones included.
    Result<KeyPage> list(const Context& context, const ListKeys& request);
    // A new secret for the same key; the old one stays valid for grace_ms, one before that ends
    // now.
    Result<IssuedKey> rotate(const Context& context, const RotateKey& request);
    // In force in this process when it returns, in others after refresh_ms. Again: the same answer.
    Result<Key> revoke(const Context& context, const RevokeKey& request);

private:
    AccessParts parts_;
    Gate& gate_;
};

}  // namespace credence::access
