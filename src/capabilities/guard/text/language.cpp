#include "capabilities/guard/text/language.h"

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
constexpr int kOrdinary = 2;  // half bits a pair from which text reads well as it stands
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

bool is_letter(char c) {
    return static_cast<unsigned char>(c - 'a') < 26;
}

int score(char first, char second) {
    return kScores[static_cast<std::size_t>(first - 'a') * 32 +
                   static_cast<std::size_t>(second - 'a')];
}

char half_turn(char c) {
    return static_cast<char>(c < 'n' ? c + 13 : c - 13);
}

}  // namespace

const std::array<std::int8_t, 1024> kPairScores = kScores;

TurnedPairs score_turns(std::string_view window, int plain, int pairs) {
    if (pairs < kMinPairs || plain >= kOrdinary * pairs) {
        return {};
    }
    std::array<int, kTurns> scores{};
    int both = 0;
    for (std::size_t i = 1; i < window.size(); ++i) {
        if (!is_letter(window[i - 1]) || !is_letter(window[i])) {
            continue;
        }
        scores[0] += score(window[i], window[i - 1]);
        both += score(half_turn(window[i]), half_turn(window[i - 1]));
        int first = window[i - 1] - 'a';
        int second = window[i] - 'a';
        scores[26] += score(static_cast<char>('z' - first), static_cast<char>('z' - second));
        for (std::size_t shift = 1; shift < 26; ++shift) {
            first = first == 25 ? 0 : first + 1;
            second = second == 25 ? 0 : second + 1;
            scores[shift] += kScores[static_cast<std::size_t>(first * 32 + second)];
        }
    }
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
        const bool letter = is_letter(lower);
        letters += letter || static_cast<unsigned char>(c) >= 0x80 ? 1 : 0;
        texty += c == ' ' || c == '\n' || c == '.' || c == ',' ? 1 : 0;
        if (letter && is_letter(before)) {
            sum += score(before, lower);
            ++pairs;
        }
        before = lower;
    }
    return bytes.size() >= 4 && letters * 2 > bytes.size() &&
           (letters + texty) * 10 >= bytes.size() * 7 && (pairs < 3 || sum > 0);
}

}  // namespace credence::guard
