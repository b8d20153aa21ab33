// Does a stretch of Latin letters read like language, or does it read better backwards or rotated?
//
// Letter-pair statistics of ordinary English prose, in half bits over chance. Other European
// languages score lower but still well above their own reversal and rotation. Pure; about 1 ns a
// byte.
#pragma once

#include <string_view>

namespace credence::guard {

struct Readings {
    bool reversed = false;  // some window reads markedly better from right to left
    bool rotated = false;   // some window reads markedly better under ROT13
};

// Looks at windows of normalised (lower case) text.
Readings read_windows(std::string_view text);

// Half bits over chance for the pair of lower-case letters.
int pair_score(char first, char second);

}  // namespace credence::guard
