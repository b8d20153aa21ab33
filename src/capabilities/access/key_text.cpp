#include "capabilities/access/key_text.h"

#include <sodium.h>

#include <algorithm>

#include "base/text.h"

namespace credence::access {
namespace {

constexpr std::string_view kStart = "crd_";
constexpr std::string_view kDigestLabel = "credence api key digest, 1";
static_assert(kDigestLabel.size() >= crypto_generichash_KEYBYTES_MIN &&
              kDigestLabel.size() <= crypto_generichash_KEYBYTES_MAX);

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string make_key_text(Random& random) {
    std::array<std::uint8_t, 32> bytes{};
    random.fill(bytes.data(), bytes.size());
    std::string text = std::string(kStart) + to_base64url(bytes);
    sodium_memzero(bytes.data(), bytes.size());
    return text;
}

std::optional<KeyDigest> digest_of_key(std::string_view key_text) {
    if (key_text.size() != kKeyTextBytes || !key_text.starts_with(kStart)) {
        return std::nullopt;
    }
    KeyDigest digest{};
    crypto_generichash(digest.data(), digest.size(), bytes_of(key_text), key_text.size(),
                       bytes_of(kDigestLabel), kDigestLabel.size());
    return digest;
}

std::string_view prefix_of_key(std::string_view key_text) {
    return key_text.substr(0, kKeyPrefixBytes);
}

std::string to_text(const KeyDigest& digest) {
    return to_hex(digest);
}

std::optional<KeyDigest> parse_digest(std::string_view text) {
    const auto bytes = from_hex(text);
    KeyDigest digest{};
    if (!bytes || bytes->size() != digest.size()) {
        return std::nullopt;
    }
    std::ranges::copy(*bytes, digest.begin());
    return digest;
}

bool equal(const KeyDigest& a, const KeyDigest& b) {
    return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace credence::access
