#include "capabilities/trust/evidence/dsse.h"

#include <sodium.h>

#include <algorithm>
#include <set>
#include <span>

#include "base/check.h"
#include "base/text.h"

namespace credence::trust {
namespace {

static_assert(kPublicKeyBytes == crypto_sign_PUBLICKEYBYTES);
static_assert(kSeedBytes == crypto_sign_SEEDBYTES);

constexpr std::size_t kMaxPayloadTypeBytes = 200;
constexpr std::size_t kMaxKeyIdBytes = 200;
constexpr std::size_t kMaxSignatureText = 200;
// Four letters for three bytes, and a little.
constexpr std::size_t kMaxPayloadText = kMaxPayloadBytes / 3 * 4 + 8;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// The secret key that libsodium works with; wiped when it goes.
class ExpandedKey {
public:
    ExpandedKey(const Secret& seed, PublicKey& public_key) {
        crypto_sign_seed_keypair(public_key.data(), bytes_.data(), bytes_of(seed.reveal()));
    }
    ExpandedKey(const ExpandedKey&) = delete;
    ExpandedKey& operator=(const ExpandedKey&) = delete;
    ~ExpandedKey() { sodium_memzero(bytes_.data(), bytes_.size()); }
    const unsigned char* data() const { return bytes_.data(); }

private:
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> bytes_{};
};

bool decode_base64(std::string_view text, int variant, std::string& out) {
    out.resize(text.size());
    std::size_t length = 0;
    const char* end = nullptr;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                          text.size(), nullptr, &length, &end, variant) != 0 ||
        end != text.data() + text.size()) {
        return false;
    }
    out.resize(length);
    return true;
}

Result<void> check_signatures(const std::vector<EnvelopeSignature>& signatures) {
    if (signatures.empty()) {
        return fail(Code::invalid, "the envelope is not signed", "envelope.signatures");
    }
    if (signatures.size() > kMaxSignatures) {
        return fail(Code::invalid,
                    "an envelope has at most " + std::to_string(kMaxSignatures) + " signatures",
                    "envelope.signatures");
    }
    return {};
}

std::string signature_path(std::size_t index, std::string_view member) {
    return "envelope.signatures[" + std::to_string(index) + "]." + std::string(member);
}

}  // namespace

void describe(Describe<EnvelopeSignature>& d) {
    d.field<&EnvelopeSignature::keyid>("Which key signed: a hint, never proof")
        .length(0, kMaxKeyIdBytes)
        .or_default();
    d.field<&EnvelopeSignature::sig>("Ed25519 over the pre-authentication encoding, in base64")
        .length(1, kMaxSignatureText);
}

void describe(Describe<Envelope>& d) {
    d.doc("DSSE v1 envelope");
    d.field<&Envelope::payload>("What is signed, in base64").length(1, kMaxPayloadText);
    d.field<&Envelope::payloadType>("Its media type").length(1, kMaxPayloadTypeBytes);
    d.field<&Envelope::signatures>("Who signed").length(1, kMaxSignatures);
}

std::string pre_authentication_encoding(std::string_view type, std::string_view body) {
    std::string out = "DSSEv1 " + std::to_string(type.size()) + " ";
    out.append(type).append(" ").append(std::to_string(body.size())).append(" ").append(body);
    return out;
}

std::string to_base64(std::string_view bytes) {
    std::string out(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(out.data(), out.size(), bytes_of(bytes), bytes.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    out.pop_back();  // the terminating zero is counted
    return out;
}

Result<std::string> from_base64(std::string_view text) {
    constexpr std::array<int, 3> kVariants{sodium_base64_VARIANT_ORIGINAL,
                                           sodium_base64_VARIANT_URLSAFE,
                                           sodium_base64_VARIANT_URLSAFE_NO_PADDING};
    std::string out;
    for (const int variant : kVariants) {
        if (decode_base64(text, variant, out)) {
            return out;
        }
    }
    return fail(Code::invalid, "not base64");
}

std::string key_id(const PublicKey& key) {
    const std::string_view bytes(reinterpret_cast<const char*>(key.data()), key.size());
    return sha256_hex(bytes).substr(0, kKeyIdDigits);
}

std::string public_key_text(const PublicKey& key) {
    return to_base64({reinterpret_cast<const char*>(key.data()), key.size()});
}

Result<PublicKey> read_public_key(std::string_view base64) {
    constexpr std::size_t kMaxKeyText = 100;
    auto bytes = base64.size() > kMaxKeyText ? Result<std::string>(fail(Code::invalid, "too long"))
                                             : from_base64(base64);
    PublicKey key{};
    if (!bytes || bytes->size() != key.size()) {
        return fail(Code::invalid, "a public key is 32 bytes in base64");
    }
    std::copy(bytes->begin(), bytes->end(), key.begin());
    return key;
}

SigningKey::SigningKey(Secret seed) : seed_(std::move(seed)) {
    CHECK(sodium_init() >= 0, "libsodium does not start");
    const ExpandedKey expanded(seed_, public_key_);
    id_ = key_id(public_key_);
}

SigningKey SigningKey::make(Random& random) {
    std::string seed(kSeedBytes, '\0');
    random.fill(seed.data(), seed.size());
    Secret secret(seed);
    sodium_memzero(seed.data(), seed.size());
    return SigningKey(std::move(secret));
}

Result<SigningKey> SigningKey::from_seed(Secret seed) {
    if (seed.reveal().size() != kSeedBytes) {
        return fail(Code::invalid, "an Ed25519 seed is 32 bytes");
    }
    return SigningKey(std::move(seed));
}

std::string SigningKey::sign(std::string_view message) const {
    PublicKey public_key{};
    const ExpandedKey expanded(seed_, public_key);
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                         bytes_of(message), message.size(), expanded.data());
    return signature;
}

bool verify_signature(const PublicKey& key, std::string_view message, std::string_view signature) {
    return signature.size() == crypto_sign_BYTES &&
           crypto_sign_verify_detached(bytes_of(signature), bytes_of(message), message.size(),
                                       key.data()) == 0;
}

Envelope seal(const SigningKey& key, std::string_view payload_type, std::string_view payload) {
    const std::string signature = key.sign(pre_authentication_encoding(payload_type, payload));
    Envelope envelope;
    envelope.payload = to_base64(payload);
    envelope.payloadType = payload_type;
    envelope.signatures.push_back({key.id(), to_base64(signature)});
    return envelope;
}

Result<Opened> open(const Envelope& envelope, std::string_view payload_type,
                    const std::vector<PublicKey>& trusted) {
    if (envelope.payloadType != payload_type) {
        return fail(Code::invalid, "only " + std::string(payload_type) + " is understood here",
                    "envelope.payloadType");
    }
    TRY(check_signatures(envelope.signatures));
    auto payload = from_base64(envelope.payload);
    if (!payload || payload->size() > kMaxPayloadBytes) {
        return fail(Code::invalid, "not base64, or more than 1 MiB", "envelope.payload");
    }
    const std::string message = pre_authentication_encoding(payload_type, *payload);
    Opened opened{*std::move(payload), {}};
    std::set<std::string> seen_signatures;
    std::set<std::string> seen_ids;
    for (std::size_t i = 0; i < envelope.signatures.size(); ++i) {
        const EnvelopeSignature& given = envelope.signatures[i];
        const auto signature = from_base64(given.sig);
        if (!signature || signature->size() != crypto_sign_BYTES) {
            return fail(Code::invalid, "not an Ed25519 signature in base64",
                        signature_path(i, "sig"));
        }
        if (!seen_signatures.insert(*signature).second ||
            (!given.keyid.empty() && !seen_ids.insert(given.keyid).second)) {
            return fail(Code::invalid, "the same signature or key twice",
                        signature_path(i, "keyid"));
        }
        for (const PublicKey& key : trusted) {
            const std::string id = key_id(key);
            if ((given.keyid.empty() || given.keyid == id) &&
                verify_signature(key, message, *signature)) {
                opened.keyids.push_back(id);
                break;
            }
        }
    }
    if (opened.keyids.empty()) {
        return fail(Code::conflict, "no trusted key has signed this payload",
                    "envelope.signatures");
    }
    return opened;
}

}  // namespace credence::trust
