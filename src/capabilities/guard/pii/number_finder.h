// Cards, bank accounts, telephone numbers and dates: what begins with a digit, a plus sign or a
// bracket.
#pragma once

#include <optional>
#include <string_view>

#include "capabilities/guard/detected.h"
#include "capabilities/guard/pii/cues.h"

namespace credence::guard {

// Each looks at one place only and reads at most 64 bytes from there. `at` is where a group of
// letters and digits begins (a telephone number may begin before it, with "+", "(" or "00").

// 12 to 19 digits, bare or in the groups that cards are printed in; issuer's range and Luhn.
std::optional<Detected> find_card(std::string_view text, std::size_t at, CueScanner& cues);
// Country's length and MOD 97-10, blanks between groups of four allowed.
std::optional<Detected> find_iban(std::string_view text, std::size_t at);
// E.164 and national forms. International ones and those with an area code in brackets stand by
// themselves, others need a word such as "call" before or "office" behind.
std::optional<Detected> find_phone(std::string_view text, std::size_t at, CueScanner& cues);
// ISO, numeric and written dates that exist in a calendar, with a time of day behind; birth_date
// after a word of birth.
std::optional<Detected> find_date(std::string_view text, std::size_t at, CueScanner& cues);

}  // namespace credence::guard
