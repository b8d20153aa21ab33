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

constexpr std::size_t kWindowPairs = 40;
constexpr std::size_t kMinPairs = 12;  // fewer letters decide nothing
constexpr int kOrdinary = 2;           // half bits a pair from which text reads well as it stands

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

char rotate(char c) {
    return static_cast<char>(c < 'n' ? c + 13 : c - 13);
}

// Reads a window the other ways round. Prose gains about 3 half bits a pair when turned right.
void judge(std::string_view window, int plain, int pairs, Readings& readings) {
    if (pairs < static_cast<int>(kMinPairs) || plain >= kOrdinary * pairs) {
        return;
    }
    int reversed = 0;
    int rotated = 0;
    for (std::size_t i = 1; i < window.size(); ++i) {
        if (is_letter(window[i - 1]) && is_letter(window[i])) {
            reversed += score(window[i], window[i - 1]);
            rotated += score(rotate(window[i - 1]), rotate(window[i]));
        }
    }
    readings.reversed = readings.reversed || (reversed - plain) * 10 > pairs * 13;
    readings.rotated = readings.rotated || (rotated - plain) * 10 > pairs * 25;
}

}  // namespace

int pair_score(char first, char second) {
    return score(first, second);
}

Readings read_windows(std::string_view text) {
    Readings readings;
    std::size_t begin = 0;
    int plain = 0;
    int pairs = 0;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (!is_letter(text[i - 1]) || !is_letter(text[i])) {
            continue;
        }
        plain += score(text[i - 1], text[i]);
        if (++pairs == static_cast<int>(kWindowPairs)) {
            judge(text.substr(begin, i + 1 - begin), plain, pairs, readings);
            begin = i;
            plain = pairs = 0;
        }
    }
    judge(text.substr(std::min(begin, text.size())), plain, pairs, readings);
    return readings;
}

}  // namespace credence::guard
