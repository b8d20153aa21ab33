#include "capabilities/access/keys.h"

#include "base/units.h"
#include "capabilities/access/access_gate.h"
#include "capabilities/access/access_rows.h"
#include "capabilities/access/key_text.h"
#include "capabilities/access/names.h"
#include "capabilities/access/reach.h"

namespace credence::access {
namespace {

struct NewSecret {
    std::string text;
    std::string prefix;
    std::string hash;
};

NewSecret make_secret(Random& random) {
    NewSecret secret;
    secret.text = make_key_text(random);
    secret.prefix = prefix_of_key(secret.text);
    secret.hash = to_text(digest_of_key(secret.text).value());
    return secret;
}

// The new key must not reach further than the key that makes it.
Result<void> check_within(const Reach& reach, const Key& key) {
    if (reach.by_token) {
        return fail(Code::forbidden, "an access token makes no keys: they would outlive it");
    }
    if (reach.bound_to && key.name_space != reach.bound_to) {
        return fail(Code::forbidden,
                    "your key works in the namespace " + *reach.bound_to +
                        " only: bind the new one to it too",
                    "name_space");
    }
    if (reach.expires_at_us && (!key.expires_at_us || *key.expires_at_us > *reach.expires_at_us)) {
        return fail(Code::forbidden, "your own key expires earlier", "expires_at_us");
    }
    return {};
}

Result<void> check_room(store::Tx& tx, std::string_view tenant) {
    const auto counts = TRY(rows::count_keys(tx, tenant));
    if (counts.tenant >= Keys::kMaxLiveKeysPerTenant || counts.all >= Keys::kMaxLiveKeys) {
        return fail(Code::exhausted, "there are too many keys; revoke some first");
    }
    return {};
}

// The key, if the caller may change it; a bound caller does not learn of keys beyond his namespace.
Result<Key> find_managed(store::Tx& tx, const Context& context, const Reach& reach,
                         const KeyId& id) {
    auto key = TRY(rows::find_key(tx, reach.tenant, id));
    if (!key || (reach.bound_to && key->name_space != reach.bound_to)) {
        return fail(Code::not_found, "no such key", "key_id");
    }
    TRY(check_covers(context.scopes, key->scopes));
    return *std::move(key);
}

IssuedKey issued(const Reach& reach, const Key& key, NewSecret secret) {
    IssuedKey out;
    out.id = key.id;
    out.key = std::move(secret.text);
    out.prefix = std::move(secret.prefix);
    out.tenant = reach.tenant;
    out.name = key.name;
    out.scopes = key.scopes;
    out.name_space = key.name_space;
    out.expires_at_us = key.expires_at_us;
    return out;
}

}  // namespace

Result<IssuedKey> Keys::create(const Context& context, const CreateKey& request) {
    TRY(check_scopes(request.scopes, "scopes"));
    TRY(check_covers(context.scopes, request.scopes));
    const std::int64_t now_us = parts_.clock.now_us();
    if (request.expires_at_us && *request.expires_at_us <= now_us) {
        return fail(Code::invalid, "must lie in the future", "expires_at_us");
    }
    const NewSecret secret = make_secret(parts_.random);
    Key key;
    key.id = parts_.ids.make<KeyId>();
    key.name = request.name;
    key.name_space = request.name_space;
    key.scopes = request.scopes;
    key.prefix = secret.prefix;
    key.requests_per_second = request.requests_per_second;
    key.created_at_us = now_us;
    key.created_by = context.actor;
    key.expires_at_us = request.expires_at_us;
    auto out = TRY(parts_.database.write([&](store::Tx& tx) -> Result<IssuedKey> {
        const Reach reach = TRY(reach_of(tx, context, request.tenant));
        TRY(check_within(reach, key));
        if (key.name_space && !TRY(rows::has_namespace(tx, reach.tenant, *key.name_space))) {
            return fail(Code::not_found, "no such namespace", "name_space");
        }
        TRY(check_room(tx, reach.tenant));
        TRY(rows::insert_key(tx, reach.tenant, {key, secret.hash}));
        TRY(rows::touch(tx));
        TRY(tx.emit(reach, KeyCreated{key.id, key.name}));
        return issued(reach, key, secret);
    }));
    gate_.refresh_or_log();
    return out;
}

Result<KeyPage> Keys::list(const Context& context, const ListKeys& request) {
    const int limit = static_cast<int>(request.limit);
    const std::string after = request.after ? request.after->to_string() : "";
    return parts_.database.read([&](store::Tx& tx) -> Result<KeyPage> {
        const Reach reach = TRY(reach_of(tx, context, request.tenant));
        KeyPage page;
        page.keys = TRY(rows::list_keys(tx, reach.tenant, reach.bound_to, {after, limit + 1}));
        if (std::ssize(page.keys) > limit) {
            page.keys.pop_back();
            page.next = page.keys.back().id;
        }
        return page;
    });
}

Result<IssuedKey> Keys::rotate(const Context& context, const RotateKey& request) {
    const std::int64_t now_us = parts_.clock.now_us();
    const NewSecret secret = make_secret(parts_.random);
    auto out = TRY(parts_.database.write([&](store::Tx& tx) -> Result<IssuedKey> {
        const Reach reach = TRY(reach_of(tx, context, request.tenant));
        const Key key = TRY(find_managed(tx, context, reach, request.key_id));
        // The answer holds the secret: rotating a key is as much as making one.
        TRY(check_within(reach, key));
        if (key.revoked_at_us || (key.expires_at_us && *key.expires_at_us <= now_us)) {
            return fail(Code::conflict, "this key has ended; create a new one", "key_id");
        }
        rows::Rotation rotation{key.id, secret.hash, secret.prefix, now_us, {}};
        if (request.grace_ms > 0) {
            rotation.old_until_us = now_us + request.grace_ms * kUsPerMs;
        }
        TRY(rows::rotate_key(tx, reach.tenant, rotation));
        TRY(rows::touch(tx));
        TRY(tx.emit(reach, KeyRotated{key.id}));
        IssuedKey rotated = issued(reach, key, secret);
        rotated.old_key_until_us = rotation.old_until_us;
        return rotated;
    }));
    gate_.refresh_or_log();
    return out;
}

Result<Key> Keys::revoke(const Context& context, const RevokeKey& request) {
    const std::int64_t now_us = parts_.clock.now_us();
    auto key = TRY(parts_.database.write([&](store::Tx& tx) -> Result<Key> {
        const Reach reach = TRY(reach_of(tx, context, request.tenant));
        Key found = TRY(find_managed(tx, context, reach, request.key_id));
        if (found.revoked_at_us) {
            return found;
        }
        TRY(rows::revoke_key(tx, reach.tenant, found.id, now_us));
        TRY(rows::touch(tx));
        TRY(tx.emit(reach, KeyRevoked{found.id}));
        found.revoked_at_us = now_us;
        return found;
    }));
    // Unlike a new key, a revoked one that goes on working is not what the caller was promised.
    TRY(gate_.refresh());
    return key;
}

}  // namespace credence::access
