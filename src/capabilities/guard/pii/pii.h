// Personal data and secrets in a text as it was written: shapes, check digits, context words.
// Thread-safe (no state).
//
// Cost: a first look by classes of bytes, so that a text without digits, signs and long tokens
// costs little more than reading it; linear in the text whatever it holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/detected.h"
#include "capabilities/guard/pii/pii_kinds.h"

namespace credence::guard {

// Findings of one text when the caller wants all of them, to mask them.
inline constexpr std::size_t kMaxPiiFound = 65'536;
// Numbers looked at as crypto addresses by their checksum; beyond, the shape is enough.
inline constexpr std::size_t kMaxAddressChecks = 2'048;
// Numbers that a text of 64 KiB may hold, and bytes at the end of a longer one that are read
// anyway.
inline constexpr std::size_t kMaxNumbers = 32'768;
inline constexpr std::size_t kNumberTailBytes = 16'384;

struct PiiOptions {
    DetectorSet kinds = standard_pii();
    // Values that are never reported: whole ("info@example.org"), or with one '*' at an end
    // ("*@example.org", "10.0.*"). ASCII letters of both cases are the same.
    std::vector<std::string> allow;
    double minimum_confidence = 0;  // [0, 1]
    bool include_partial = false;   // names, places and organisations by rules and word lists
    std::size_t max_found = kMaxDetected;
    std::size_t max_numbers =
        SIZE_MAX;  // groups with digits looked at, but for the end of the text
};

// Appends what is found, in order of place, none overlapping another: of two that overlap the
// longer one stays, and a secret before anything else. At most kMaxDetected. False when some
// numbers were left unread (options.max_numbers).
bool find_pii(std::string_view text, const PiiOptions& options, std::vector<Detected>& found);
// The same for judging a text of any size in bounded time: with kMaxNumbers.
bool find_pii(std::string_view text, std::vector<Detected>& found);

// `value` is one of the allowed values or patterns.
bool is_allowed(std::string_view value, const std::vector<std::string>& allow);

}  // namespace credence::guard
