// Signed envelopes: DSSE v1 (secure-systems-lab/dsse, protocol.md and envelope.md) with Ed25519
// (RFC 8032, libsodium). Pure and thread-safe: no store, no files, no clock.
//
//   SigningKey key = SigningKey::from_seed(seed);
//   Envelope envelope = seal(key, kInTotoPayloadType, payload);
//   Opened opened = TRY(open(envelope, kInTotoPayloadType, trusted_keys));
//
// The key id is the first 16 bytes of the SHA-256 of the raw public key, as 32 hex digits. It is a
// hint: a signature counts only because a trusted public key verifies it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/shape.h"

namespace credence::trust {

inline constexpr std::string_view kInTotoPayloadType = "application/vnd.in-toto+json";
inline constexpr std::size_t kMaxSignatures = 16;
inline constexpr std::size_t kMaxPayloadBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxTrustedKeys = 64;
inline constexpr std::size_t kKeyIdDigits = 32;
inline constexpr std::size_t kPublicKeyBytes = 32;
inline constexpr std::size_t kSeedBytes = 32;

struct EnvelopeSignature {
    std::string keyid;  // may be empty
    std::string sig;    // base64
};
void describe(Describe<EnvelopeSignature>&);

// The standard's own spellings.
// NOLINTBEGIN(readability-identifier-naming)
struct Envelope {
    std::string payload;  // base64
    std::string payloadType;
    std::vector<EnvelopeSignature> signatures;
};
// NOLINTEND(readability-identifier-naming)
void describe(Describe<Envelope>&);

// Pre-authentication encoding: "DSSEv1 <len> <type> <len> <body>"; what is signed.
std::string pre_authentication_encoding(std::string_view type, std::string_view body);

// Standard alphabet, padded.
std::string to_base64(std::string_view bytes);
// Standard or URL-safe alphabet, as DSSE demands of verifiers; padded, or URL-safe without padding.
// Code::invalid for anything else, also for trailing bytes.
Result<std::string> from_base64(std::string_view text);

// Raw 32 bytes.
using PublicKey = std::array<std::uint8_t, kPublicKeyBytes>;
std::string key_id(const PublicKey& key);
std::string public_key_text(const PublicKey& key);  // base64
Result<PublicKey> read_public_key(std::string_view base64);

// An Ed25519 key pair, kept as its seed.
class SigningKey {
public:
    static SigningKey make(Random& random);
    // Code::invalid unless kSeedBytes long.
    static Result<SigningKey> from_seed(Secret seed);

    const PublicKey& public_key() const { return public_key_; }
    const std::string& id() const { return id_; }
    const Secret& seed() const { return seed_; }
    // 64 bytes: deterministic, as RFC 8032 has it.
    std::string sign(std::string_view message) const;

private:
    explicit SigningKey(Secret seed);
    Secret seed_;
    PublicKey public_key_{};
    std::string id_;
};

bool verify_signature(const PublicKey& key, std::string_view message, std::string_view signature);

Envelope seal(const SigningKey& key, std::string_view payload_type, std::string_view payload);

struct Opened {
    std::string payload;
    std::vector<std::string> keyids;  // of the trusted keys that signed it; never empty
};

// At least one trusted key must have signed. Code::invalid with a path for a malformed envelope,
// another payload type, no, too many or duplicate signatures; Code::conflict when no trusted key
// signed exactly this payload.
Result<Opened> open(const Envelope& envelope, std::string_view payload_type,
                    const std::vector<PublicKey>& trusted);

}  // namespace credence::trust
