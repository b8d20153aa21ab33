// Keys, tokens and passwords. Each function looks at one place of the text.
#pragma once

#include <optional>
#include <string_view>

#include "capabilities/guard/detected.h"
#include "capabilities/guard/pii/cues.h"

namespace credence::guard {

// Bytes of a token: letters, digits, '_' and '-'.
bool is_token(char c);

// A secret that is, or holds, the run of token bytes [start, end), sixteen or longer: by the prefix
// its issuer gives it, by structure (JSON Web Token, Discord, Telegram), or by its length and a
// word before it. O(length of the secret).
std::optional<Detected> find_token_secret(std::string_view text, ByteSpan run, CueScanner& cues);

// The value assigned at the ':' or '=' at `at` to a name such as "api_key" or "db_password".
// Placeholders, code and sentences pass. At most 48 bytes before and 512 behind are read.
std::optional<Detected> find_assigned_secret(std::string_view text, std::size_t at);

// "-----BEGIN … PRIVATE KEY-----" at `at`, with its body up to the END line when that is within 16
// KiB.
std::optional<Detected> find_private_key(std::string_view text, std::size_t at);

}  // namespace credence::guard
