// What stands in a text instead of a value, and how it is read back.
//
//   [EMAIL_1]                        numbered by kind; the same value gets the same number
//   [EMAIL_abcdefghijklmnopabcd]     a keyed tag of the value, 80 bits in letters a to p: cannot be
//                                    guessed, so use it where texts of strangers meet one vault
//   [EMAIL]                          redacted: the value is gone
//   [REMOVED_JAILBREAK]              an attack was cut out
//
// Only known labels (kinds of personal data, "SECRET", "VALUE") make a mask. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/kinds.h"
#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

enum class MaskFormat : std::uint8_t { number, hash, redact };

inline constexpr std::int64_t kMaxMaskNumber = 999'999;  // too short to hide a number of interest
inline constexpr std::size_t kMaskTagLetters = 20;
inline constexpr std::size_t kMaskTagBytes = kMaskTagLetters / 2;
inline constexpr std::size_t kMaxMaskBytes = 64;  // of any spelling

// "EMAIL", "CREDIT_CARD"; "SECRET" for a detector that is no kind of personal data.
std::string_view mask_label(Detector detector);
bool is_mask_label(std::string_view label);

std::string number_mask(std::string_view label, std::int64_t number);
// Of kMaskTagBytes bytes.
std::string hash_mask(std::string_view label, std::span<const std::uint8_t> tag);
std::string redact_mask(std::string_view label);
// For an attack of this category.
std::string removed_mask(Category category);

// Masks of all four forms as they are written above, left to right. Linear.
std::vector<ByteSpan> find_masks(std::string_view text);

// How the value must be spelled so that what surrounds the mask stays valid.
enum class MaskSpelling : std::uint8_t { plain, percent, entity, json_escape };

struct ReadMask {
    enum class State : std::uint8_t { none, partial, whole };
    State state = State::none;
    std::size_t bytes = 0;  // whole: how long
    std::string mask;       // whole: as it was written once, "[EMAIL_1]"
    MaskSpelling spelling = MaskSpelling::plain;
};

// True when a mask may begin with this byte.
bool may_begin_mask(char c);

// Reads a numbered or hashed mask at the beginning of `text`, as models spell them: in another
// case, with blanks or hyphens for underscores, emphasis inside the brackets, backslashes of
// Markdown, brackets in percent, entity or \u form or full width. `more`: the text may go on, so
// that a beginning is partial. Reads at most kMaxMaskBytes.
ReadMask read_mask(std::string_view text, bool more);

// The masks to look up for unmask(), each once, as they were written first. At most `limit`.
std::vector<std::string> masks_in(std::string_view text, std::size_t limit);

}  // namespace credence::guard
