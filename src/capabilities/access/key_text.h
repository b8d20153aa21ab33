// The text of an API key and what is kept of it. Pure and thread-safe.
//
// A key is "crd_" and 32 random bytes as base64url. Only its digest and its first characters are
// stored. 256 random bits cannot be guessed, so a slow password hash would buy nothing and cost
// milliseconds a request: the digest is one BLAKE2b, keyed with a fixed label so that it equals no
// hash of the same text made elsewhere.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace credence::access {

using KeyDigest = std::array<std::uint8_t, 32>;

inline constexpr std::size_t kKeyTextBytes = 47;    // "crd_" and 43 digits of base64url
inline constexpr std::size_t kKeyPrefixBytes = 12;  // shown for recognition: 48 of 256 bits

std::string make_key_text(Random& random);

// Nothing when the text cannot be a key. Under 0.3 us, whatever the text.
std::optional<KeyDigest> digest_of_key(std::string_view key_text);

std::string_view prefix_of_key(std::string_view key_text);

std::string to_text(const KeyDigest& digest);  // 64 hex digits
std::optional<KeyDigest> parse_digest(std::string_view text);

// In a time that does not depend on the content.
bool equal(const KeyDigest& a, const KeyDigest& b);

}  // namespace credence::access
