// All SQL over tenant, name_space, api_key and access_generation. The tenant comes first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/access/keys.h"
#include "capabilities/access/namespaces.h"
#include "capabilities/access/tenants.h"
#include "engine/store/database.h"

namespace credence::access::rows {

// Where a listing begins and how long it is.
struct Page {
    std::string after;  // the last name or id of the page before; empty: from the start
    int limit = 0;
};

// Tells every process that its copy of keys and namespaces is old. Part of each change.
Result<void> touch(store::Tx& tx);
Result<std::int64_t> generation(store::Tx& tx);

Result<void> insert_tenant(store::Tx& tx, const Tenant& tenant);
Result<bool> has_tenant(store::Tx& tx, std::string_view tenant);
Result<std::int64_t> count_tenants(store::Tx& tx);
// only: just this tenant; empty: all.
Result<std::vector<Tenant>> list_tenants(store::Tx& tx, std::string_view only, const Page& page);

Result<void> insert_namespace(store::Tx& tx, std::string_view tenant, const Namespace& added);
Result<bool> has_namespace(store::Tx& tx, std::string_view tenant, std::string_view name);
Result<std::int64_t> count_namespaces(store::Tx& tx, std::string_view tenant);
Result<std::vector<Namespace>> list_namespaces(store::Tx& tx, std::string_view tenant,
                                               const Page& page);
// False when there was none.
Result<bool> delete_namespace(store::Tx& tx, std::string_view tenant, std::string_view name);
Result<std::int64_t> count_keys_of_namespace(store::Tx& tx, std::string_view tenant,
                                             std::string_view name);

struct NewKeyRow {
    const Key& key;
    std::string_view hash;
};
Result<void> insert_key(store::Tx& tx, std::string_view tenant, const NewKeyRow& row);
Result<std::optional<Key>> find_key(store::Tx& tx, std::string_view tenant, const KeyId& id);
// bound_to: only keys bound to this namespace; nothing: all. Oldest first, by id.
Result<std::vector<Key>> list_keys(store::Tx& tx, std::string_view tenant,
                                   const std::optional<std::string>& bound_to, const Page& page);

struct KeyCounts {
    std::int64_t all = 0;     // not revoked, of all tenants
    std::int64_t tenant = 0;  // not revoked, of this one
};
Result<KeyCounts> count_keys(store::Tx& tx, std::string_view tenant);

struct Rotation {
    KeyId id;
    std::string hash;
    std::string prefix;
    std::int64_t at_us = 0;
    std::optional<std::int64_t> old_until_us;  // nothing: the old secret ends now
};
Result<void> rotate_key(store::Tx& tx, std::string_view tenant, const Rotation& rotation);
Result<void> revoke_key(store::Tx& tx, std::string_view tenant, const KeyId& id,
                        std::int64_t at_us);

// What the gate keeps in memory.
struct LiveKey {
    std::string tenant;
    KeyId id;
    std::optional<std::string> name_space;
    std::vector<std::string> scopes;
    std::string hash;
    std::optional<std::string> previous_hash;
    std::optional<std::int64_t> previous_until_us;
    std::optional<double> requests_per_second;
    std::optional<std::int64_t> expires_at_us;
};
void describe(Describe<LiveKey>&);

// Of all tenants: neither revoked nor expired at now_us.
Result<std::vector<LiveKey>> live_keys(store::Tx& tx, std::int64_t now_us);

struct TenantNamespace {
    std::string tenant;
    std::string name;
};
void describe(Describe<TenantNamespace>&);
Result<std::vector<TenantNamespace>> all_namespaces(store::Tx& tx);

}  // namespace credence::access::rows
