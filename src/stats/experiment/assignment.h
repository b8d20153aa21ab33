// Says to which arm of an experiment a user belongs: always to the same one, and to nobody
// predictable without the key.
//
// The user's position in [0, 1) is the keyed BLAKE2b (RFC 7693, 2015; libsodium's
// crypto_generichash, 32 bytes) of
//   "credence.assignment.1" | length of experiment | experiment | length of user | user
// (lengths in eight bytes, little-endian), of which the first eight bytes, read little-endian, lose
// their lowest 11 bits; the remaining 53 are divided by 2^53. Every position is exact in a double.
// Experiments have independent positions, because their name is the salt.
//
// Arm i owns the positions from the sum of the shares before it to that sum plus its own. Shares
// are fractions of everybody, not relative weights, and what they leave of 1 is outside the
// experiment. Therefore a change of the shares of later arms moves nobody who is in an earlier arm,
// a new arm at the end takes only those who were outside, and an experiment grows without moving
// anybody by giving room to its last arm. Pure, thread-safe; about a microsecond.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace credence::stats {

inline constexpr std::size_t kAssignmentKeyBytes = 32;
using AssignmentKey = std::array<std::uint8_t, kAssignmentKeyBytes>;

// In [0, 1).
double assignment_position(const AssignmentKey& key, std::string_view experiment,
                           std::string_view user);

// Whether choose_arm takes them: at least two arms, each share finite and at least 0, some share
// above 0, their sum at most 1 (1e-9 above is rounding).
bool valid_arm_shares(std::span<const double> shares);

// The arm that owns the position, nullopt for nobody's. A sum within 1e-9 of 1 counts as 1. An arm
// of share 0 owns nothing. Position in [0, 1), shares valid (CHECK).
std::optional<std::size_t> choose_arm(double position, std::span<const double> shares);

}  // namespace credence::stats
