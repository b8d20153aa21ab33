#include "capabilities/trust/signing_keys.h"

#include "capabilities/trust/signing_key_rows.h"

namespace credence::trust {
namespace {

constexpr std::string_view kOwner = "default";

PublicSigningKey public_half(const SigningKey& key, std::int64_t at_us) {
    return {key.id(), public_key_text(key.public_key()), at_us, {}};
}

}  // namespace

void describe(Describe<PublicSigningKey>& d) {
    d.field<&PublicSigningKey::keyid>("First half of the SHA-256 of the raw public key, in hex");
    d.field<&PublicSigningKey::public_key>("Ed25519 public key, 32 bytes in base64");
    d.field<&PublicSigningKey::created_at_us>("Since when");
    d.field<&PublicSigningKey::retired_at_us>("Since when it signs no more; it still verifies");
}

void describe(Describe<SigningKeyList>& d) {
    d.field<&SigningKeyList::keys>("Newest first; those of this installation");
}

void describe(Describe<SigningKeyRotated>& d) {
    d.field<&SigningKeyRotated::keyid>("The new key");
}

Result<SigningKeyList> SigningKeys::list_signing_keys(const Context&, const Empty&) {
    return parts_.database.read([](store::Tx& tx) -> Result<SigningKeyList> {
        return SigningKeyList{TRY(rows::list_signing_keys(tx))};
    });
}

Result<std::vector<PublicKey>> SigningKeys::public_keys() {
    const auto known =
        TRY(parts_.database.read([](store::Tx& tx) -> Result<std::vector<PublicSigningKey>> {
            return rows::list_signing_keys(tx);
        }));
    std::vector<PublicKey> out;
    for (const PublicSigningKey& key : known) {
        out.push_back(TRY(read_public_key(key.public_key)));
    }
    return out;
}

Result<PublicSigningKey> SigningKeys::rotate_signing_key(const Context& context, const Empty&) {
    if (context.tenant != kOwner) {
        return fail(Code::forbidden, "signing keys belong to the installation");
    }
    const std::lock_guard lock(mutex_);
    const SigningKey key = SigningKey::make(parts_.random);
    const PublicSigningKey added = public_half(key, parts_.clock.now_us());
    // The private half first: a row without one could not sign.
    TRY(folder_.keep(key));
    const auto stored = parts_.database.write([&](store::Tx& tx) -> Result<void> {
        if (std::ssize(TRY(rows::list_signing_keys(tx))) >= kMaxKeys) {
            return fail(Code::exhausted, "there are too many signing keys");
        }
        TRY(rows::retire_signing_keys(tx, added.created_at_us));
        TRY(rows::insert_signing_key(tx, added));
        return tx.emit(context, SigningKeyRotated{added.keyid});
    });
    if (!stored) {
        folder_.forget(key.id());
        return std::unexpected(stored.error());
    }
    return added;
}

Result<SigningKey> SigningKeys::active(const Context& context) {
    const auto find = [](store::Tx& tx) -> Result<std::optional<PublicSigningKey>> {
        return rows::active_signing_key(tx);
    };
    const auto known = TRY(parts_.database.read(find));
    if (known) {
        return folder_.find(known->keyid);
    }
    const std::lock_guard lock(mutex_);
    return first(context);
}

Result<SigningKey> SigningKeys::first(const Context& context) {
    const SigningKey key = SigningKey::make(parts_.random);
    const PublicSigningKey added = public_half(key, parts_.clock.now_us());
    TRY(folder_.keep(key));
    // Another thread or process may have been faster: then its key is the one.
    const auto winner = parts_.database.write([&](store::Tx& tx) -> Result<std::string> {
        if (const auto known = TRY(rows::active_signing_key(tx))) {
            return known->keyid;
        }
        TRY(rows::insert_signing_key(tx, added));
        TRY(tx.emit(context, SigningKeyRotated{added.keyid}));
        return added.keyid;
    });
    if (!winner || *winner != key.id()) {
        folder_.forget(key.id());
    }
    return folder_.find(TRY(winner));
}

}  // namespace credence::trust
