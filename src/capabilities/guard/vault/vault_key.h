// The key that a vault's values are sealed with, and what it computes: XChaCha20-Poly1305-IETF
// (libsodium) with random nonces, and BLAKE2b with a key, so that equal values are found without
// being readable. Two keys are derived from one master key of 32 bytes. Immutable and thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace credence::guard {

using Digest = std::array<std::uint8_t, 32>;

// BLAKE2b-256 of fields that cannot be taken for others: each is preceded by its length.
Digest keyed_digest(std::span<const std::uint8_t> key,
                    std::initializer_list<std::string_view> fields);

class VaultKey {
public:
    static constexpr std::size_t kBytes = 32;
    static constexpr std::size_t kIdDigits = 16;

    // Reads the key, in hex on one line, from a file that only its owner may read; makes file
    // (mode 0600) and key when there is none. Two processes that begin at once get the same key.
    // Code::unavailable when the file is open to others, damaged, or cannot be made.
    static Result<VaultKey> open(const std::string& path, Random& random);
    // Ends with the process: for stores in memory and tests.
    static VaultKey ephemeral(Random& random);

    // Says which key sealed a value, and nothing about the key.
    const std::string& id() const { return id_; }

    // 64 hex digits.
    std::string tag(std::initializer_list<std::string_view> fields) const;
    Digest digest(std::initializer_list<std::string_view> fields) const;
    // "1.KEYID.HEX". `bound` must be the same when it is opened: a sealed value moved to another
    // tenant, vault or mask does not open.
    std::string seal(std::string_view value, std::initializer_list<std::string_view> bound,
                     Random& random) const;
    // Nothing when it was sealed by another key, for another place, or changed.
    std::optional<std::string> unseal(std::string_view sealed,
                                      std::initializer_list<std::string_view> bound) const;

private:
    explicit VaultKey(std::span<const std::uint8_t> master);

    Secret sealing_;
    Secret tagging_;
    std::string id_;
};

}  // namespace credence::guard
