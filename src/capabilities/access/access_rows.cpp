#include "capabilities/access/access_rows.h"

#include "base/json.h"

namespace credence::access::rows {
namespace {

constexpr std::string_view kKeyColumns =
    "SELECT id, name, name_space, scopes, prefix, requests_per_second, created_at_us, created_by, "
    "expires_at_us, rotated_at_us, revoked_at_us FROM api_key WHERE tenant = $1 ";

std::string key_query(std::string_view rest) {
    return std::string(kKeyColumns).append(rest);
}

}  // namespace

Result<void> touch(store::Tx& tx) {
    TRY(
        tx.run("INSERT INTO access_generation (tenant, generation) VALUES ('default', 1) "
               "ON CONFLICT (tenant) DO UPDATE SET generation = access_generation.generation + 1"));
    return {};
}

Result<std::int64_t> generation(store::Tx& tx) {
    const auto found =
        TRY(tx.query("SELECT generation FROM access_generation WHERE tenant = 'default'"));
    return found.empty() ? 0 : found.integer(0, 0);
}

Result<void> insert_tenant(store::Tx& tx, const Tenant& tenant) {
    TRY(tx.run("INSERT INTO tenant (tenant, created_at_us, created_by) VALUES ($1, $2, $3)",
               tenant.tenant, tenant.created_at_us, tenant.created_by));
    return {};
}

Result<bool> has_tenant(store::Tx& tx, std::string_view tenant) {
    return !TRY(tx.query("SELECT tenant FROM tenant WHERE tenant = $1", tenant)).empty();
}

Result<std::int64_t> count_tenants(store::Tx& tx) {
    return TRY(tx.query("SELECT COUNT(tenant) FROM tenant")).integer(0, 0);
}

Result<std::vector<Tenant>> list_tenants(store::Tx& tx, std::string_view only, const Page& page) {
    return TRY(tx.query("SELECT tenant, created_at_us, created_by FROM tenant "
                        "WHERE tenant > $1 AND ($2 = '' OR tenant = $2) ORDER BY tenant LIMIT $3",
                        page.after, only, page.limit))
        .as<Tenant>();
}

Result<void> insert_namespace(store::Tx& tx, std::string_view tenant, const Namespace& added) {
    TRY(
        tx.run("INSERT INTO name_space (tenant, name, created_at_us, created_by) "
               "VALUES ($1, $2, $3, $4)",
               tenant, added.name, added.created_at_us, added.created_by));
    return {};
}

Result<bool> has_namespace(store::Tx& tx, std::string_view tenant, std::string_view name) {
    return !TRY(tx.query("SELECT name FROM name_space WHERE tenant = $1 AND name = $2", tenant,
                         name))
                .empty();
}

Result<std::int64_t> count_namespaces(store::Tx& tx, std::string_view tenant) {
    return TRY(tx.query("SELECT COUNT(name) FROM name_space WHERE tenant = $1", tenant))
        .integer(0, 0);
}

Result<std::vector<Namespace>> list_namespaces(store::Tx& tx, std::string_view tenant,
                                               const Page& page) {
    return TRY(tx.query("SELECT name, created_at_us, created_by FROM name_space "
                        "WHERE tenant = $1 AND name > $2 ORDER BY name LIMIT $3",
                        tenant, page.after, page.limit))
        .as<Namespace>();
}

Result<bool> delete_namespace(store::Tx& tx, std::string_view tenant, std::string_view name) {
    return TRY(tx.run("DELETE FROM name_space WHERE tenant = $1 AND name = $2", tenant, name)) > 0;
}

Result<std::int64_t> count_keys_of_namespace(store::Tx& tx, std::string_view tenant,
                                             std::string_view name) {
    return TRY(tx.query("SELECT COUNT(id) FROM api_key "
                        "WHERE tenant = $1 AND name_space = $2 AND revoked_at_us IS NULL",
                        tenant, name))
        .integer(0, 0);
}

Result<void> insert_key(store::Tx& tx, std::string_view tenant, const NewKeyRow& row) {
    const Key& key = row.key;
    TRY(
        tx.run("INSERT INTO api_key (tenant, id, name, name_space, scopes, prefix, hash, "
               "requests_per_second, created_at_us, created_by, expires_at_us) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
               tenant, key.id, key.name, key.name_space, to_json(key.scopes), key.prefix, row.hash,
               key.requests_per_second, key.created_at_us, key.created_by, key.expires_at_us));
    return {};
}

Result<std::optional<Key>> find_key(store::Tx& tx, std::string_view tenant, const KeyId& id) {
    static const std::string kSql = key_query("AND id = $2");
    auto found = TRY(TRY(tx.query(kSql, tenant, id)).as<Key>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<Key>> list_keys(store::Tx& tx, std::string_view tenant,
                                   const std::optional<std::string>& bound_to, const Page& page) {
    static const std::string kSql =
        key_query("AND id > $2 AND ($3 = '' OR name_space = $3) ORDER BY id LIMIT $4");
    return TRY(tx.query(kSql, tenant, page.after, bound_to.value_or(""), page.limit)).as<Key>();
}

Result<KeyCounts> count_keys(store::Tx& tx, std::string_view tenant) {
    const auto found =
        TRY(tx.query("SELECT COUNT(id), COUNT(CASE WHEN tenant = $1 THEN 1 END) FROM api_key "
                     "WHERE revoked_at_us IS NULL",
                     tenant));
    return KeyCounts{found.integer(0, 0), found.integer(0, 1)};
}

Result<void> rotate_key(store::Tx& tx, std::string_view tenant, const Rotation& rotation) {
    TRY(
        tx.run("UPDATE api_key SET "
               "previous_hash = CASE WHEN $3 IS NULL THEN NULL ELSE hash END, "
               "previous_until_us = $3, hash = $4, prefix = $5, rotated_at_us = $6 "
               "WHERE tenant = $1 AND id = $2",
               tenant, rotation.id, rotation.old_until_us, rotation.hash, rotation.prefix,
               rotation.at_us));
    return {};
}

Result<void> revoke_key(store::Tx& tx, std::string_view tenant, const KeyId& id,
                        std::int64_t at_us) {
    TRY(
        tx.run("UPDATE api_key SET revoked_at_us = $3, previous_hash = NULL "
               "WHERE tenant = $1 AND id = $2 AND revoked_at_us IS NULL",
               tenant, id, at_us));
    return {};
}

void describe(Describe<LiveKey>& d) {
    d.field<&LiveKey::tenant>("Whose key");
    d.field<&LiveKey::id>("Key");
    d.field<&LiveKey::name_space>("Bound to");
    d.field<&LiveKey::scopes>("What it may");
    d.field<&LiveKey::hash>("Digest of the secret");
    d.field<&LiveKey::previous_hash>("Digest of the secret before the last rotation");
    d.field<&LiveKey::previous_until_us>("How long that one is accepted");
    d.field<&LiveKey::requests_per_second>("Its own rate limit");
    d.field<&LiveKey::expires_at_us>("When it ends");
}

Result<std::vector<LiveKey>> live_keys(store::Tx& tx, std::int64_t now_us) {
    return TRY(tx.query("SELECT tenant, id, name_space, scopes, hash, previous_hash, "
                        "previous_until_us, requests_per_second, expires_at_us FROM api_key "
                        "WHERE revoked_at_us IS NULL AND "
                        "(expires_at_us IS NULL OR expires_at_us > $1)",
                        now_us))
        .as<LiveKey>();
}

void describe(Describe<TenantNamespace>& d) {
    d.field<&TenantNamespace::tenant>("Whose namespace");
    d.field<&TenantNamespace::name>("Its name");
}

Result<std::vector<TenantNamespace>> all_namespaces(store::Tx& tx) {
    return TRY(tx.query("SELECT tenant, name FROM name_space")).as<TenantNamespace>();
}

}  // namespace credence::access::rows
