#include "capabilities/access/keys.h"

#include <algorithm>

#include "base/json.h"
#include "base/units.h"
#include "capabilities/access/access_fixture.h"

namespace credence::access {
namespace {

class KeysTest : public AccessFixture {
protected:
    Result<IssuedKey> create_as(const Context& context, const std::vector<std::string>& scopes) {
        return keys_->create(context, CreateKey{"made", scopes, {}, {}, {}, {}});
    }

    std::int64_t count(const std::string& sql) {
        const auto rows =
            database_->read([&](store::Tx& tx) -> Result<store::Rows> { return tx.query(sql); });
        EXPECT_TRUE(rows.has_value());
        return rows ? rows->integer(0, 0) : -1;
    }
};

TEST_F(KeysTest, TheSecretIsShownOnceAndNeverStored) {
    const IssuedKey key = make_key({"guard:read"});
    EXPECT_NE(to_json(key).find(key.key), std::string::npos);
    const auto page = keys_->list(local(), ListKeys{});
    ASSERT_TRUE(page.has_value());
    ASSERT_EQ(page->keys.size(), 1U);
    EXPECT_EQ(page->keys[0].id, key.id);
    EXPECT_EQ(page->keys[0].prefix, key.key.substr(0, 12));
    EXPECT_EQ(page->keys[0].created_by, "local");
    EXPECT_EQ(to_json(*page).find(key.key), std::string::npos);
    EXPECT_EQ(count("SELECT COUNT(*) FROM api_key WHERE instr(hash, '" + key.key + "') > 0"), 0);
    EXPECT_EQ(count("SELECT COUNT(*) FROM event WHERE instr(body, '" + key.key + "') > 0"), 0);
    EXPECT_EQ(count("SELECT COUNT(*) FROM event WHERE name = 'key_created'"), 1);
}

TEST_F(KeysTest, NobodyGrantsWhatHeDoesNotHave) {
    const Context manager = with_key(make_key({"keys:write", "keys:read", "guard:read"}).key);
    EXPECT_TRUE(create_as(manager, {"guard:read"}).has_value());
    EXPECT_EQ(code_of(create_as(manager, {"guard:write"})), Code::forbidden);
    EXPECT_EQ(code_of(create_as(manager, {"guard:*"})), Code::forbidden);
    EXPECT_EQ(code_of(create_as(manager, {"*"})), Code::forbidden);
    EXPECT_EQ(code_of(create_as(manager, {"guard:read", "*"})), Code::forbidden);
}

TEST_F(KeysTest, RotatingOrRevokingAStrongerKeyIsRefused) {
    const IssuedKey admin = make_key({"*"});
    const Context manager = with_key(make_key({"keys:write"}).key);
    EXPECT_EQ(code_of(keys_->rotate(manager, RotateKey{admin.id, 0, {}})), Code::forbidden);
    EXPECT_EQ(code_of(keys_->revoke(manager, RevokeKey{admin.id, {}})), Code::forbidden);
    EXPECT_TRUE(knock(admin.key).has_value());
}

TEST_F(KeysTest, RotationEndsTheOldSecretAtOnce) {
    const IssuedKey key = make_key({"*"});
    const auto rotated = keys_->rotate(local(), RotateKey{key.id, 0, {}});
    ASSERT_TRUE(rotated.has_value());
    EXPECT_EQ(rotated->id, key.id);
    EXPECT_NE(rotated->key, key.key);
    EXPECT_FALSE(rotated->old_key_until_us.has_value());
    EXPECT_FALSE(knock(key.key).has_value());
    EXPECT_EQ(knock(rotated->key)->context.actor, key.id.to_string());
}

TEST_F(KeysTest, GraceKeepsTheOldSecretForItsTime) {
    const IssuedKey key = make_key({"*"});
    const auto rotated = keys_->rotate(local(), RotateKey{key.id, 5000, {}});
    ASSERT_TRUE(rotated.has_value());
    EXPECT_EQ(rotated->old_key_until_us, kStartUs + 5 * kUsPerSecond);
    EXPECT_TRUE(knock(key.key).has_value());
    EXPECT_TRUE(knock(rotated->key).has_value());
    clock_.advance_us(5 * kUsPerSecond - 1);
    EXPECT_TRUE(knock(key.key).has_value());
    clock_.advance_us(1);
    EXPECT_FALSE(knock(key.key).has_value());
    EXPECT_TRUE(knock(rotated->key).has_value());
}

TEST_F(KeysTest, ASecondRotationEndsTheFirstSecret) {
    const IssuedKey first = make_key({"*"});
    const auto second = keys_->rotate(local(), RotateKey{first.id, 60'000, {}});
    const auto third = keys_->rotate(local(), RotateKey{first.id, 60'000, {}});
    ASSERT_TRUE(second.has_value() && third.has_value());
    EXPECT_FALSE(knock(first.key).has_value());
    EXPECT_TRUE(knock(second->key).has_value());
    EXPECT_TRUE(knock(third->key).has_value());
}

TEST_F(KeysTest, RevocationEndsBothSecretsAndMayBeRepeated) {
    const IssuedKey key = make_key({"*"});
    const auto rotated = keys_->rotate(local(), RotateKey{key.id, 60'000, {}});
    ASSERT_TRUE(rotated.has_value());
    const auto revoked = keys_->revoke(local(), RevokeKey{key.id, {}});
    ASSERT_TRUE(revoked.has_value());
    EXPECT_EQ(revoked->revoked_at_us, kStartUs);
    EXPECT_FALSE(knock(key.key).has_value());
    EXPECT_FALSE(knock(rotated->key).has_value());
    clock_.advance_us(kUsPerSecond);
    EXPECT_EQ(keys_->revoke(local(), RevokeKey{key.id, {}})->revoked_at_us, kStartUs);
    EXPECT_EQ(code_of(keys_->rotate(local(), RotateKey{key.id, 0, {}})), Code::conflict);
    EXPECT_EQ(count("SELECT COUNT(*) FROM event WHERE name = 'key_revoked'"), 1);
}

TEST_F(KeysTest, UnknownKeysAreNotFound) {
    const auto nobody = ids_.make<KeyId>();
    EXPECT_EQ(code_of(keys_->rotate(local(), RotateKey{nobody, 0, {}})), Code::not_found);
    EXPECT_EQ(code_of(keys_->revoke(local(), RevokeKey{nobody, {}})), Code::not_found);
}

TEST_F(KeysTest, BadRequestsNameTheField) {
    const auto past = keys_->create(local(), CreateKey{"k", {"*"}, {}, kStartUs, {}, {}});
    EXPECT_EQ(code_of(past), Code::invalid);
    EXPECT_EQ(past.error().field, "expires_at_us");
    EXPECT_EQ(code_of(create_as(local(), {"nonsense"})), Code::invalid);
    const auto homeless = keys_->create(local(), CreateKey{"k", {"*"}, "nowhere", {}, {}, {}});
    EXPECT_EQ(code_of(homeless), Code::not_found);
    EXPECT_EQ(homeless.error().field, "name_space");
}

TEST_F(KeysTest, ABoundKeyStaysInItsNamespace) {
    ASSERT_TRUE(namespaces_->create(local(), CreateNamespace{"lab", {}}).has_value());
    const IssuedKey outside = make_key({"keys:read"});
    const auto bound = keys_->create(local(), CreateKey{"b", {"*"}, "lab", {}, {}, {}});
    ASSERT_TRUE(bound.has_value());
    const Context context = with_key(bound->key);
    EXPECT_EQ(code_of(create_as(context, {"guard:read"})), Code::forbidden);
    EXPECT_TRUE(
        keys_->create(context, CreateKey{"c", {"guard:read"}, "lab", {}, {}, {}}).has_value());
    EXPECT_EQ(keys_->list(context, ListKeys{})->keys.size(), 2U);
    EXPECT_EQ(code_of(keys_->revoke(context, RevokeKey{outside.id, {}})), Code::not_found);
    EXPECT_EQ(code_of(keys_->rotate(context, RotateKey{outside.id, 0, {}})), Code::not_found);
    EXPECT_EQ(code_of(namespaces_->create(context, CreateNamespace{"more", {}})), Code::forbidden);
    EXPECT_EQ(code_of(tenants_->create(context, CreateTenant{"more"})), Code::forbidden);
    EXPECT_EQ(code_of(audit_->list(context, ListAudit{})), Code::forbidden);
}

TEST_F(KeysTest, AnExpiringKeyMakesNoneThatOutlivesIt) {
    const std::int64_t end_us = kStartUs + 60 * kUsPerSecond;
    const auto mortal = keys_->create(local(), CreateKey{"m", {"*"}, {}, end_us, {}, {}});
    ASSERT_TRUE(mortal.has_value());
    const Context context = with_key(mortal->key);
    EXPECT_EQ(code_of(create_as(context, {"guard:read"})), Code::forbidden);
    EXPECT_EQ(code_of(keys_->create(context, CreateKey{"x", {"*"}, {}, end_us + 1, {}, {}})),
              Code::forbidden);
    EXPECT_TRUE(keys_->create(context, CreateKey{"x", {"*"}, {}, end_us, {}, {}}).has_value());
}

TEST_F(KeysTest, OneTenantDoesNotReachAnother) {
    ASSERT_TRUE(tenants_->create(local(), CreateTenant{"acme"}).has_value());
    const IssuedKey ours = make_key({"*"});
    const auto theirs = keys_->create(local(), CreateKey{"root", {"*"}, {}, {}, {}, "acme"});
    ASSERT_TRUE(theirs.has_value());
    EXPECT_EQ(theirs->tenant, "acme");
    const Context acme = with_key(theirs->key);
    EXPECT_EQ(keys_->list(acme, ListKeys{})->keys.size(), 1U);
    EXPECT_EQ(code_of(keys_->revoke(acme, RevokeKey{ours.id, {}})), Code::not_found);
    EXPECT_EQ(code_of(keys_->list(acme, ListKeys{{}, 100, "default"})), Code::forbidden);
    EXPECT_EQ(code_of(keys_->create(acme, CreateKey{"k", {"*"}, {}, {}, {}, "default"})),
              Code::forbidden);
    EXPECT_EQ(code_of(tenants_->create(acme, CreateTenant{"more"})), Code::forbidden);
    const auto seen = tenants_->list(acme, ListTenants{});
    ASSERT_TRUE(seen.has_value());
    ASSERT_EQ(seen->tenants.size(), 1U);
    EXPECT_EQ(seen->tenants[0].tenant, "acme");
    EXPECT_TRUE(keys_->revoke(local(), RevokeKey{theirs->id, "acme"}).has_value());
    EXPECT_FALSE(knock(theirs->key).has_value());
}

TEST_F(KeysTest, OnlyAnOperatorNamesATenantAndItMustExist) {
    const Context reader = with_key(make_key({"keys:write", "tenants:*"}).key);
    EXPECT_EQ(code_of(tenants_->create(reader, CreateTenant{"acme"})), Code::forbidden);
    EXPECT_EQ(code_of(keys_->list(local(), ListKeys{{}, 100, "nobody"})), Code::not_found);
}

TEST_F(KeysTest, ListsPageByPage) {
    for (int i = 0; i < 5; ++i) {
        make_key({"*"});
    }
    std::vector<KeyId> seen;
    ListKeys request{{}, 2, {}};
    do {
        const auto page = keys_->list(local(), request);
        ASSERT_TRUE(page.has_value());
        for (const Key& key : page->keys) {
            seen.push_back(key.id);
        }
        request.after = page->next;
    } while (request.after);
    EXPECT_EQ(seen.size(), 5U);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
}

TEST_F(KeysTest, TenantsAndNamespacesHaveTheirLife) {
    EXPECT_TRUE(tenants_->create(local(), CreateTenant{"acme"}).has_value());
    EXPECT_EQ(code_of(tenants_->create(local(), CreateTenant{"acme"})), Code::conflict);
    EXPECT_EQ(code_of(tenants_->create(local(), CreateTenant{"Acme"})), Code::invalid);
    EXPECT_EQ(tenants_->list(local(), ListTenants{})->tenants.size(), 2U);
    EXPECT_EQ(namespaces_->list(local(), ListNamespaces{"", 100, "acme"})->namespaces.size(), 1U);

    EXPECT_TRUE(namespaces_->create(local(), CreateNamespace{"lab", {}}).has_value());
    EXPECT_EQ(code_of(namespaces_->create(local(), CreateNamespace{"lab", {}})), Code::conflict);
    const auto bound = keys_->create(local(), CreateKey{"b", {"*"}, "lab", {}, {}, {}});
    ASSERT_TRUE(bound.has_value());
    EXPECT_EQ(code_of(namespaces_->remove(local(), RemoveNamespace{"lab", {}})), Code::conflict);
    ASSERT_TRUE(keys_->revoke(local(), RevokeKey{bound->id, {}}).has_value());
    EXPECT_TRUE(namespaces_->remove(local(), RemoveNamespace{"lab", {}}).has_value());
    EXPECT_EQ(code_of(namespaces_->remove(local(), RemoveNamespace{"lab", {}})), Code::not_found);
    EXPECT_EQ(code_of(namespaces_->remove(local(), RemoveNamespace{"default", {}})),
              Code::conflict);
}

}  // namespace
}  // namespace credence::access
