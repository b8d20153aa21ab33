#include "capabilities/guard/language.h"

#include <array>
#include <cstddef>

namespace credence::guard {

namespace {

// Row: first letter, column: second; 'm' is what chance gives. Counted over public-domain and freely
// licensed English prose.
constexpr std::array<std::string_view, 26> kPairs = {
    "enpogkofofmspudnasrtlnjgng",
    "nfdcpaaamhandanaamifmaaama",
    "qckcqaaqoamncbrbcnipmaaaja",
    "nddkrdhdpdahfencakmdmieaia",
    "qiqspnlhmbhqptknjttpinlold",
    "lacanmaapaakaaqaaneklaaaha",
    "maadpainnaajekmdanjflabaia",
    "rdbduaaaqaaggipcakgmjacaia",
    "omqopnobeajpourlgorsfoahbl",
    "iaaajaaadaaaaajaaadajaaaaa",
    "haaaobdblaafcjfaackcdaaaea",
    "qgfnrhfaqafqicpjadnlmhdaoa",
    "qldcrbaaoaaflcooaclclaaala",
    "pepsrksfoejkhlogbfqskjcalb",
    "kknnirlgkgkoqtnnatoornpghb",
    "oadfpaclmaapgaomaqkllaaaga",
    "baaaaaaaaaaaaaaaaaaamaaaaa",
    "rglntjlerallnmriampolkfana",
    "menerhboqakjigpneepsociaka",
    "qficsfbusaakifsiappmndlanb",
    "mkmlmelaladompdmaqppaaacfc",
    "maaaraaaoaaaaajaaaaaaaaaca",
    "oaaaoaaopaagaknaaiicaadaba",
    "iagahaaaiaaaaaalaaakaaaaaa",
    "heedlbbaiaahhgpiadlgaadaad",
    "iaaakaaagaaaaaeaaaaaaaaaad"};

constexpr std::size_t kWindowPairs = 40;
constexpr std::size_t kMinPairs = 12;  // fewer letters decide nothing

struct Window {
    std::size_t pairs = 0;
    int plain = 0;
    int reversed = 0;
    int rotated = 0;
};

bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}

char rotate(char c) {
    return static_cast<char>(c < 'n' ? c + 13 : c - 13);
}

void judge(const Window& window, Readings& readings) {
    if (window.pairs < kMinPairs) {
        return;
    }
    const int pairs = static_cast<int>(window.pairs);
    // Thresholds in half bits a pair: prose gains about 3 when turned the right way round.
    readings.reversed = readings.reversed || (window.reversed - window.plain) * 10 > pairs * 13;
    readings.rotated = readings.rotated || (window.rotated - window.plain) * 10 > pairs * 25;
}

}  // namespace

int pair_score(char first, char second) {
    const auto row = static_cast<std::size_t>(first - 'a');
    return kPairs[row][static_cast<std::size_t>(second - 'a')] - 'm';
}

Readings read_windows(std::string_view text) {
    Readings readings;
    Window window;
    for (std::size_t i = 1; i < text.size(); ++i) {
        const char a = text[i - 1];
        const char b = text[i];
        if (!is_letter(a) || !is_letter(b)) {
            continue;
        }
        window.plain += pair_score(a, b);
        window.reversed += pair_score(b, a);
        window.rotated += pair_score(rotate(a), rotate(b));
        if (++window.pairs == kWindowPairs) {
            judge(window, readings);
            window = {};
        }
    }
    judge(window, readings);
    return readings;
}

}  // namespace credence::guard
