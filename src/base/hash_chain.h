// The hash of one entry of an append-only log.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace credence {

inline constexpr std::size_t kHashDigits = 64;  // of every hash of a chain

// SHA-256 as 64 hex digits over the label and each field, every one preceded by its length in eight
// bytes (big-endian), so that no two different lists of fields have the same encoding. By
// convention the first field is the hash of the entry before. Thread-safe.
std::string chain_hash(std::string_view label, std::span<const std::string_view> fields);

// What the first entry of a chain follows: 64 zeros.
std::string chain_start();

}  // namespace credence
