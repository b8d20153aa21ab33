// The public keys of an issuer (JWK Set, RFC 7517) and the check of a signature made with one of
// them (JWS, RFC 7515), by libcjose. Immutable once read, so thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/access/jwt.h"

namespace credence::access {

class JwkSet {
public:
    static constexpr std::size_t kMaxKeys = 64;
    static constexpr std::size_t kMinRsaBits = 2048;  // RFC 7518 section 3.3

    struct Key;

    // Keys that are not for signatures, of unknown types, too weak or malformed are left out.
    // Code::invalid when the text is no key set, has too many keys, or none that can be used.
    static Result<JwkSet> parse(std::string_view json);

    // The key that the header means: of the type its algorithm needs and with its key id, or, where
    // the header names none, the only one that fits. Null: unknown.
    const Key* find(const JwtHeader& header) const;

    // The token's second part, decoded, if the key made the signature over it. The header is that
    // of the token, and its algorithm one that the caller accepts.
    static Result<std::string> verify(const Key& key, std::string_view token);

    std::size_t size() const { return keys_.size(); }

private:
    std::vector<std::shared_ptr<const Key>> keys_;
};

}  // namespace credence::access
