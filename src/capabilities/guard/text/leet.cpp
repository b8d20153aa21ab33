#include "capabilities/guard/text/leet.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "capabilities/guard/text/language.h"
#include "capabilities/guard/text/words.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxToken = 32;
constexpr int kEnough = 4;
constexpr int kSecondChoice = 6;        // half bits by which the rarer meaning must read better
constexpr int kPlenty = 8;              // evidence after which doubtful tokens are turned too
constexpr std::size_t kMaxChoices = 3;  // signs of one token that may be two letters

struct Meaning {
    char letter = 0;
    char other = 0;
};

constexpr std::array<Meaning, 256> make_meanings() {
    std::array<Meaning, 256> table{};
    table['0'] = {'o', 0};
    table['1'] = {'i', 'l'};
    table['2'] = {'z', 0};
    table['3'] = {'e', 0};
    table['4'] = {'a', 0};
    table['5'] = {'s', 0};
    table['6'] = {'g', 'b'};
    table['7'] = {'t', 0};
    table['8'] = {'b', 0};
    table['9'] = {'g', 0};
    table['@'] = {'a', 0};
    table['$'] = {'s', 0};
    table['!'] = {'i', 'l'};
    table['|'] = {'l', 'i'};
    table['+'] = {'t', 0};
    table['('] = {'c', 0};
    return table;
}

constexpr auto kMeanings = make_meanings();

bool is_token(char c) {
    return is_lower_letter(c) || kMeanings[static_cast<unsigned char>(c)].letter != 0;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

int reads(std::string_view letters) {
    int score = 0;
    for (std::size_t i = 1; i < letters.size(); ++i) {
        score += pair_score(letters[i - 1], letters[i]);
    }
    return score;
}

// A token with its signs read as letters, the best of the ways.
struct Reading {
    std::string letters;
    bool listed = false;
    int score = 0;
};

Reading best_reading(std::string_view token) {
    std::array<std::size_t, kMaxChoices> choices{};
    std::size_t count = 0;
    std::string letters(token);
    for (std::size_t i = 0; i < token.size(); ++i) {
        const Meaning meaning = kMeanings[static_cast<unsigned char>(token[i])];
        letters[i] = meaning.letter != 0 ? meaning.letter : token[i];
        if (meaning.other != 0 && count < kMaxChoices) {
            choices[count++] = i;
        }
    }
    Reading best;
    for (std::size_t way = 0; way < (std::size_t{1} << count); ++way) {
        std::string turned = letters;
        for (std::size_t bit = 0; bit < count; ++bit) {
            if (((way >> bit) & 1U) != 0) {
                turned[choices[bit]] =
                    kMeanings[static_cast<unsigned char>(token[choices[bit]])].other;
            }
        }
        const bool listed = Words::embedded().contains(turned);
        const int score = reads(turned) - (way == 0 ? 0 : kSecondChoice);
        if (way == 0 || (listed && !best.listed) || (listed == best.listed && score > best.score)) {
            best = {std::move(turned), listed, score};
        }
    }
    return best;
}

class Undoing {
public:
    explicit Undoing(std::string_view text) : text_(text), out_(text) {}

    std::optional<std::string> run() {
        tokens();
        if (evidence_ < kEnough) {
            return std::nullopt;
        }
        if (evidence_ >= kPlenty) {  // once more: now the doubtful ones are no longer
            tokens();
        }
        return std::move(out_);
    }

private:
    void tokens() {
        for (std::size_t at = 0; at < text_.size();) {
            if (!is_token(text_[at])) {
                ++at;
                continue;
            }
            std::size_t end = at;
            while (end < text_.size() && is_token(text_[end])) {
                ++end;
            }
            token(at, end);
            at = end;
        }
    }

    void token(std::size_t start, std::size_t end) {
        // "now!" and "(see" end or begin with what is only punctuation, unless it makes a word.
        std::size_t last = end;
        while (last > start &&
               (text_[last - 1] == '!' || text_[last - 1] == '(' || text_[last - 1] == '+')) {
            --last;
        }
        while (start < last && (text_[start] == '(' || text_[start] == '+')) {
            ++start;
        }
        const std::string_view token = text_.substr(start, last - start);
        const auto letters =
            static_cast<std::size_t>(std::count_if(token.begin(), token.end(), is_lower_letter));
        if (letters == token.size() || token.empty() || token.size() > kMaxToken) {
            return;
        }
        const Reading reading = best_reading(token);
        const bool digits_only = letters == 0;
        const bool plenty = evidence_ >= kPlenty;
        if (digits_only && (!reading.listed || !plenty)) {
            return;
        }
        const std::size_t signs = token.size() - letters;
        // "item2", "v10", "3rd": digits at one end only, of no word. "b2b", "mp3" prove nothing.
        const bool inside = !is_trailing(token, letters);
        const int pairs = static_cast<int>(token.size()) - 1;
        const bool plausible = reading.score >= pairs * 2 && token.size() >= 4;
        if (!reading.listed && !(inside && plausible)) {
            if (!plenty && (letters < signs || !inside)) {
                return;
            }
        } else if (!digits_only && token.size() >= 3) {
            evidence_ += reading.listed && token.size() >= 4 ? 2 : 1;
        }
        out_.replace(start, token.size(), reading.letters);
    }

    static bool is_trailing(std::string_view token, std::size_t letters) {
        std::size_t tail = 0;
        while (tail < token.size() && is_digit(token[token.size() - 1 - tail])) {
            ++tail;
        }
        std::size_t head = 0;
        while (head < token.size() && is_digit(token[head])) {
            ++head;
        }
        return tail + letters == token.size() || head + letters == token.size();
    }

    std::string_view text_;
    std::string out_;
    int evidence_ = 0;
};

}  // namespace

std::optional<std::string> undo_leetspeak(std::string_view text) {
    return Undoing(text).run();
}

}  // namespace credence::guard
