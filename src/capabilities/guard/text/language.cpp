#include "capabilities/guard/text/language.h"

#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace credence::guard {

namespace {

// Row: first letter, column: second; 'm' is what chance gives. Counted over public-domain and
// freely licensed English prose.
constexpr std::array<std::string_view, 26> kPairs = {
    "enpogkofofmspudnasrtlnjgng", "nfdcpaaamhandanaamifmaaama", "qckcqaaqoamncbrbcnipmaaaja",
    "nddkrdhdpdahfencakmdmieaia", "qiqspnlhmbhqptknjttpinlold", "lacanmaapaakaaqaaneklaaaha",
    "maadpainnaajekmdanjflabaia", "rdbduaaaqaaggipcakgmjacaia", "omqopnobeajpourlgorsfoahbl",
    "iaaajaaadaaaaajaaadajaaaaa", "haaaobdblaafcjfaackcdaaaea", "qgfnrhfaqafqicpjadnlmhdaoa",
    "qldcrbaaoaaflcooaclclaaala", "pepsrksfoejkhlogbfqskjcalb", "kknnirlgkgkoqtnnatoornpghb",
    "oadfpaclmaapgaomaqkllaaaga", "baaaaaaaaaaaaaaaaaaamaaaaa", "rglntjlerallnmriampolkfana",
    "menerhboqakjigpneepsociaka", "qficsfbusaakifsiappmndlanb", "mkmlmelaladompdmaqppaaacfc",
    "maaaraaaoaaaaajaaaaaaaaaca", "oaaaoaaopaagaknaaiicaadaba", "iagahaaaiaaaaaalaaakaaaaaa",
    "heedlbbaiaahhgpiadlgaadaad", "iaaakaaagaaaaaeaaaaaaaaaad"};

constexpr int kMinPairs = 4;  // fewer decide nothing
constexpr int kTurns = 27;    // 25 shifts, one unused, the mirror

// The same, 32 to a row.
constexpr std::array<std::int8_t, 1024> make_scores() {
    std::array<std::int8_t, 1024> scores{};
    for (std::size_t i = 0; i < 26; ++i) {
        for (std::size_t j = 0; j < 26; ++j) {
            scores[i * 32 + j] = static_cast<std::int8_t>(kPairs[i][j] - 'm');
        }
    }
    return scores;
}
constexpr auto kScores = make_scores();

int score(char first, char second) {
    return kScores[static_cast<std::size_t>(first - 'a') * 32 +
                   static_cast<std::size_t>(second - 'a')];
}

constexpr std::size_t kRow = 32;
constexpr std::size_t kBoth = 27;             // shift 13 and then from right to left
constexpr std::size_t kMaxPairsOfSum = 1024;  // that sixteen bits hold

// What the pair scores after every turn: from right to left at 0, shifts at 1 to 25, the mirror at
// 26, kBoth; 32 bytes a pair, so that they are added side by side.
struct alignas(16) TurnScores {
    std::array<std::int8_t, 26 * 26 * kRow> of{};
};

constexpr TurnScores make_turn_scores() {
    TurnScores table;
    for (std::size_t i = 0; i < 26; ++i) {
        for (std::size_t j = 0; j < 26; ++j) {
            std::int8_t* const row = table.of.data() + (i * 26 + j) * kRow;
            row[0] = kScores[j * 32 + i];
            for (std::size_t shift = 1; shift < 26; ++shift) {
                row[shift] = kScores[(i + shift) % 26 * 32 + (j + shift) % 26];
            }
            row[26] = kScores[(25 - i) * 32 + (25 - j)];
            row[kBoth] = kScores[(j + 13) % 26 * 32 + (i + 13) % 26];
        }
    }
    return table;
}
constexpr TurnScores kTurnScores = make_turn_scores();

// Sixteen-bit sums of the rows, in the order of the table.
struct Sums {
    __m128i parts[4] = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128(),
                        _mm_setzero_si128()};

    void add(std::size_t first, std::size_t second) {
        const auto* const row =
            reinterpret_cast<const __m128i*>(kTurnScores.of.data() + (first * 26 + second) * kRow);
        for (std::size_t half = 0; half < 2; ++half) {
            const __m128i scores = _mm_load_si128(row + half);
            // Into the upper bytes and back down, which keeps the sign.
            const __m128i low = _mm_srai_epi16(_mm_unpacklo_epi8(scores, scores), 8);
            const __m128i high = _mm_srai_epi16(_mm_unpackhi_epi8(scores, scores), 8);
            parts[half * 2] = _mm_add_epi16(parts[half * 2], low);
            parts[half * 2 + 1] = _mm_add_epi16(parts[half * 2 + 1], high);
        }
    }
    void move_to(std::array<int, kRow>& total) {
        alignas(16) std::array<std::int16_t, kRow> sums;
        for (std::size_t i = 0; i < 4; ++i) {
            _mm_store_si128(reinterpret_cast<__m128i*>(sums.data() + i * 8), parts[i]);
            parts[i] = _mm_setzero_si128();
        }
        for (std::size_t i = 0; i < kRow; ++i) {
            total[i] += sums[i];
        }
    }
};

std::array<int, kRow> sum_turns(std::string_view window) {
    std::array<int, kRow> total{};
    Sums sums;
    std::size_t pairs = 0;
    for (std::size_t i = 1; i < window.size(); ++i) {
        if (!is_lower_letter(window[i - 1]) || !is_lower_letter(window[i])) {
            continue;
        }
        sums.add(static_cast<std::size_t>(window[i - 1] - 'a'),
                 static_cast<std::size_t>(window[i] - 'a'));
        if (++pairs % kMaxPairsOfSum == 0) {
            sums.move_to(total);
        }
    }
    sums.move_to(total);
    return total;
}

}  // namespace

constinit const std::array<std::int8_t, kPairRow * kPairRow> kPairScores = [] {
    std::array<std::int8_t, kPairRow * kPairRow> scores{};
    for (std::size_t i = 0; i < 26; ++i) {
        for (std::size_t j = 0; j < 26; ++j) {
            scores[('a' + i) % kPairRow * kPairRow + ('a' + j) % kPairRow] = kScores[i * 32 + j];
        }
    }
    return scores;
}();

TurnedPairs score_turns(std::string_view window, int plain, int pairs) {
    if (pairs < kMinPairs || plain >= kReadableBits * pairs) {
        return {};
    }
    const std::array<int, kRow> sums = sum_turns(window);
    std::array<int, kTurns> scores{};
    std::copy_n(sums.begin(), kTurns, scores.begin());
    const int both = sums[kBoth];
    const auto best = std::max_element(scores.begin() + 1, scores.end());
    TurnedPairs turned{static_cast<int>(best - scores.begin()), *best - plain, false, false};
    if (turned.gain * 10 <= pairs * 20 || *best <= pairs / 2) {
        turned.shift = -1;
    }
    // Letters in the opposite order keep their pairs' tendency, so turning them gains less.
    if (turned.shift < 0 && (both - plain) * 10 > pairs * 16) {
        turned = {13, both - plain, false, true};
        return turned;
    }
    turned.reversed = (scores[0] - plain) * 10 > pairs * 6;
    return turned;
}

bool reads_like_text(std::string_view bytes) {
    std::size_t letters = 0;
    std::size_t texty = 0;
    int sum = 0;
    int pairs = 0;
    char before = 0;
    for (const char c : bytes) {
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        const bool letter = is_lower_letter(lower);
        letters += letter || static_cast<unsigned char>(c) >= 0x80 ? 1 : 0;
        texty += c == ' ' || c == '\n' || c == '.' || c == ',' ? 1 : 0;
        if (letter && is_lower_letter(before)) {
            sum += score(before, lower);
            ++pairs;
        }
        before = lower;
    }
    return bytes.size() >= 4 && letters * 2 > bytes.size() &&
           (letters + texty) * 10 >= bytes.size() * 7 && (pairs < 3 || sum > 0);
}

}  // namespace credence::guard
