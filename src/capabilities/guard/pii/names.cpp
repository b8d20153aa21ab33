#include "capabilities/guard/pii/names.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "capabilities/guard/pii/bytes.h"
#include "capabilities/guard/pii/name_words.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxWords = 200'000;  // of one text; what follows is not searched for names
constexpr std::size_t kMaxNameWords = 5;
constexpr std::size_t kMaxNameBytes = 40;
constexpr std::size_t kMaxFound = 4'096;

struct Word {
    std::uint32_t start = 0;
    std::uint32_t end = 0;
    bool capital = false;
    bool number = false;
};

bool is_name_byte(char c) {
    return is_alphanumeric(c) || is_wide(c);
}

// Capital by ASCII, Latin-1, Latin Extended-A (even code points), Greek and Cyrillic.
bool begins_capital(std::string_view word) {
    const auto first = static_cast<unsigned char>(word[0]);
    if (first < 0x80) {
        return is_upper(word[0]);
    }
    const auto second = static_cast<unsigned char>(word.size() > 1 ? word[1] : '\0');
    return (first == 0xC3 && second >= 0x80 && second <= 0x9E) ||
           ((first == 0xC4 || first == 0xC5) && second % 2 == 0) ||
           (first == 0xCE && second >= 0x86 && second <= 0xAB) ||
           (first == 0xD0 && second >= 0x80 && second <= 0xAF);
}

std::string small_letters(std::string_view word) {
    std::string out = to_lower(word);
    for (std::size_t i = 0; i + 1 < out.size(); ++i) {
        const auto next = static_cast<unsigned char>(out[i + 1]);
        if (out[i] == '\xC3' && next >= 0x80 && next <= 0x9E) {
            out[i + 1] = static_cast<char>(next + 0x20);
        } else if ((out[i] == '\xC4' || out[i] == '\xC5') && next % 2 == 0 &&
                   out.substr(i, 2) != "Ł") {
            out[i + 1] = static_cast<char>(next + 1);
        }
    }
    return out;
}

std::vector<Word> words_of(std::string_view text) {
    std::vector<Word> words;
    for (std::size_t at = 0; at < text.size() && words.size() < kMaxWords;) {
        if (!is_name_byte(text[at])) {
            ++at;
            continue;
        }
        const std::size_t start = at;
        while (at < text.size() &&
               (is_name_byte(text[at]) ||
                ((text[at] == '\'' || text[at] == '-') && at + 1 < text.size() &&
                 is_name_byte(text[at + 1]) && text.substr(at, 2) != "'s"))) {
            ++at;
        }
        const std::string_view word = text.substr(start, at - start);
        words.push_back({static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(at),
                         begins_capital(word), is_digit(word[0])});
    }
    return words;
}

class NameScan {
public:
    NameScan(std::string_view text, std::vector<Detected>& found)
        : text_(text), words_(words_of(text)), found_(found), first_(found.size()) {}

    void run() {
        for (std::size_t i = 0; i < words_.size() && found_.size() - first_ < kMaxFound;) {
            const std::string word = small(i);
            const std::size_t next = std::max({address(i, word), person(i, word), place(i, word)});
            i = std::max(next, i + 1);
        }
    }

private:
    std::string_view raw(std::size_t i) const {
        return text_.substr(words_[i].start, words_[i].end - words_[i].start);
    }
    std::string small(std::size_t i) const {
        return raw(i).size() <= kMaxNameBytes ? small_letters(raw(i)) : std::string();
    }
    // One blank, or one of `signs` and a blank, stands between words i and i + 1.
    bool joined(std::size_t i, std::string_view signs = "") const {
        if (i + 1 >= words_.size()) {
            return false;
        }
        const std::string_view between =
            text_.substr(words_[i].end, words_[i + 1].start - words_[i].end);
        return between == " " || (between.size() == 2 && between[1] == ' ' &&
                                  signs.find(between[0]) != std::string_view::npos);
    }
    void add(Detector detector, std::size_t from, std::size_t to, double confidence) {
        found_.push_back({detector, {words_[from].start, words_[to].end}, confidence});
    }

    // Last word of the capitalised words that begin at `i`; particles may stand inside.
    std::size_t run_end(std::size_t i) const {
        std::size_t last = i;
        std::size_t at = i;
        while (at - i < kMaxNameWords && joined(at, raw(at).size() == 1 ? "." : "")) {
            const std::string word = small(at + 1);
            const bool plain = words_[at + 1].capital && !kNoNames.contains(word);
            if (!plain && !kParticles.contains(word)) {
                break;
            }
            ++at;
            last = plain ? at : last;
        }
        return last;
    }

    // Each returns the word to go on with, or 0.
    std::size_t person(std::size_t i, const std::string& word) {
        if (kTitles.contains(word) && (words_[i].capital || joined(i, ".")) && joined(i, ".") &&
            words_[i + 1].capital && !kNoNames.contains(small(i + 1))) {
            const std::size_t last = run_end(i + 1);
            add(Detector::person, i + 1, last, 0.8);
            return last + 1;
        }
        const std::size_t introduced = introduction(i, word);
        if (introduced > 0 && words_[introduced].capital && !words_[introduced].number &&
            !kNoNames.contains(small(introduced)) && !kPlaces.contains(small(introduced))) {
            const std::size_t last = std::min(run_end(introduced), introduced + 3);
            add(Detector::person, introduced, last, 0.7);
            return last + 1;
        }
        if (!words_[i].capital || kNoNames.contains(word)) {
            return 0;
        }
        const std::size_t last = std::min(run_end(i), i + 3);
        if (last > i || kGivenNames.contains(word)) {
            return capitals(i, last, word);
        }
        return 0;
    }

    // Capitalised words: an organisation by its last word, a person by the first.
    std::size_t capitals(std::size_t i, std::size_t last, const std::string& word) {
        for (std::size_t at = i + 1; at <= last; ++at) {
            if (kOrganizationEnds.contains(small(at))) {
                add(Detector::organization, i, at, 0.6);
                return at + 1;
            }
            if (kStreetTypes.contains(small(at))) {
                return 0;
            }
        }
        if (kGivenNames.contains(word)) {
            add(Detector::person, i, last, last > i ? 0.7 : 0.45);
            return last + 1;
        }
        if (kSurnames.contains(small(last)) && last == i + 1 && !kPlaces.contains(word)) {
            add(Detector::person, i, last, 0.45);
            return last + 1;
        }
        return 0;
    }

    // The word behind "my name is", "ich heiße", "je m'appelle", "signed by"; 0: none.
    std::size_t introduction(std::size_t i, const std::string& word) const {
        const bool verb = word == "is" || word == "lautet" || word == "es" || word == "est" ||
                          word == "è" || word == "é";
        if (verb && i > 0 && joined(i)) {
            const std::string before = small(i - 1);
            if (before == "name" || before == "nombre" || before == "nom" || before == "nome") {
                return i + 1;
            }
        }
        const bool alone = word == "heiße" || word == "heisse" || word == "m'appelle" ||
                           word == "chiamo" || word == "llamo" || word == "chamo" ||
                           word == "named";
        return alone && joined(i) ? i + 1 : 0;
    }

    std::size_t place(std::size_t i, const std::string& word) {
        if (!words_[i].capital) {
            const bool near = word == "in" || word == "from" || word == "to";
            if (near && i > 0 && joined(i) && words_[i + 1].capital && !words_[i + 1].number &&
                !kNoNames.contains(small(i + 1)) && lives(small(i - 1))) {
                const std::size_t last = std::min(run_end(i + 1), i + 3);
                add(Detector::location, i + 1, last, 0.5);
                return last + 1;
            }
            return 0;
        }
        if (kPlaces.contains(word)) {
            add(Detector::location, i, i, 0.6);
            return i + 1;
        }
        if (day_name(word)) {
            found_.push_back({Detector::date_time, {words_[i].start, words_[i].end}, 0.4});
        }
        return 0;
    }

    static bool lives(std::string_view word) {
        constexpr auto kVerbs = std::to_array<std::string_view>(
            {"live", "lives",  "living",     "lived", "moved",      "here",    "originally",
             "born", "up",     "office",     "i'm",   "based",      "located", "flight",
             "fly",  "travel", "travelling", "city",  "conference", "year"});
        return std::find(kVerbs.begin(), kVerbs.end(), word) != kVerbs.end();
    }

    static bool day_name(std::string_view word) {
        constexpr auto kDays = std::to_array<std::string_view>(
            {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"});
        return std::find(kDays.begin(), kDays.end(), word) != kDays.end();
    }

    // "Hauptstraße", "Holmevej", "Kerkstraat": the type is the end of the name.
    static bool street_word(std::string_view word) {
        constexpr auto kEnds = std::to_array<std::string_view>(
            {"straße", "strasse", "weg",   "gasse", "platz", "allee", "str",    "gade",
             "vej",    "gatan",   "vägen", "veien", "vegen", "laan",  "straat", "singel",
             "plein",  "tie",     "katu",  "utca",  "gata",  "dreef", "stræde", "väg"});
        return word.size() >= 6 &&
               std::any_of(kEnds.begin(), kEnds.end(), [&](std::string_view end) {
                   return word.ends_with(end) && word.size() > end.size() + 1;
               });
    }

    std::size_t address(std::size_t i, const std::string& word) {
        if (words_[i].number && raw(i).size() <= 6 && joined(i)) {
            // 12 Long Street, 12 rue Longue, 12 Holmevej 34
            for (std::size_t at = i + 1; at < words_.size() && at - i <= 5; ++at) {
                const std::string name = small(at);
                const bool head =
                    at == i + 1 && kStreetHeads.contains(name) && at + 1 < words_.size();
                const bool type = at > i + 1 && kStreetTypes.contains(name);
                if (head || type || street_word(name)) {
                    return street(i, head ? at + 1 : at);
                }
                if (!joined(at, ".") ||
                    !(words_[at].capital || words_[at].number || kParticles.contains(name))) {
                    break;
                }
            }
        }
        if (words_[i].capital && street_word(word) && joined(i) && words_[i + 1].number) {
            return street(i, i + 1);
        }
        if (words_[i].capital && kStreetHeads.contains(word) && word.size() > 1 && joined(i, ".") &&
            words_[i + 1].capital) {
            for (std::size_t at = i + 2; at < words_.size() && at - i <= 6; ++at) {
                if (words_[at].number) {
                    return street(i, at);
                }
                if (!joined(at - 1, ",.")) {
                    break;
                }
            }
        }
        const bool part =
            word == "apt" || word == "suite" || word == "unit" || word == "box" || word == "flat";
        if (part && i + 1 < words_.size() && joined(i, ".") && words_[i + 1].number) {
            add(Detector::street_address, i, i + 1, 0.5);
            return i + 2;
        }
        return 0;
    }

    // Takes a house number behind, and a flat.
    std::size_t street(std::size_t from, std::size_t last) {
        while (last + 1 < words_.size() && joined(last, ".,") && words_[last + 1].number &&
               raw(last + 1).size() <= 6) {
            ++last;
        }
        add(Detector::street_address, from, last, 0.6);
        return last + 1;
    }

    std::string_view text_;
    std::vector<Word> words_;
    std::vector<Detected>& found_;
    std::size_t first_;
};

}  // namespace

void find_names(std::string_view text, std::vector<Detected>& found) {
    NameScan(text, found).run();
}

}  // namespace credence::guard
