// Does a stretch of Latin letters read like language, or does it read better backwards or rotated?
//
// Letter-pair statistics of ordinary English prose, in half bits over chance. Other European
// languages score lower but still well above their own reversal and rotation. Pure; about 1 ns a
// byte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace credence::guard {

constexpr bool is_lower_letter(char c) {
    return static_cast<unsigned char>(c - 'a') < 26;
}

constexpr bool is_ascii_letter(char c) {
    return is_lower_letter(static_cast<char>(c | 0x20));
}

inline constexpr int kReadableBits = 2;  // half bits a pair from which text reads well as it stands

// kPairRow to a row, the first letter's. A letter's place is the lowest five bits of its byte.
inline constexpr std::size_t kPairRow = 32;
extern const std::array<std::int8_t, kPairRow * kPairRow> kPairScores;

// Half bits over chance for the pair of lower-case letters.
inline int pair_score(char first, char second) {
    return kPairScores[static_cast<unsigned char>(first) % kPairRow * kPairRow +
                       static_cast<unsigned char>(second) % kPairRow];
}

struct TurnedPairs {
    int shift = -1;         // 1 to 25: turned by so many places; 26: mirrored; -1: none reads well
    int gain = 0;           // half bits over the text as it stands
    bool reversed = false;  // it may run from right to left
    bool both = false;      // shift 13, and then still from right to left
};
// The ways a window of lower-case text reads markedly better, given the score of its pairs as they
// stand. About 4 ns a letter, but at once where the text reads well.
TurnedPairs score_turns(std::string_view window, int plain, int pairs);

// Bytes that look like sentences rather than like a chance decoding: mostly letters and blanks, and
// ASCII letters that follow each other as in language.
bool reads_like_text(std::string_view bytes);

}  // namespace credence::guard
