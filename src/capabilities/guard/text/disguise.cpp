#include "capabilities/guard/text/disguise.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace credence::guard {

namespace {

constexpr std::size_t kMinLeetWords = 3;
constexpr std::size_t kMinSeparated = 5;  // letters in a row

constexpr std::array<char, 256> make_leet() {
    std::array<char, 256> table{};
    for (std::size_t i = 0; i < 256; ++i) {
        table[i] = static_cast<char>(i);
    }
    table['0'] = 'o';
    table['1'] = 'i';
    table['3'] = 'e';
    table['4'] = 'a';
    table['5'] = 's';
    table['7'] = 't';
    table['8'] = 'b';
    table['9'] = 'g';
    table['@'] = 'a';
    table['$'] = 's';
    table['!'] = 'i';
    table['|'] = 'l';
    return table;
}

constexpr auto kLeet = make_leet();

bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_word_byte(char c) {
    return is_letter(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
}

// Bytes of the character at `at`, one for anything but a UTF-8 lead byte.
std::size_t width(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return std::min(bytes, text.size() - at);
}

constexpr std::array<bool, 256> make_separators() {
    std::array<bool, 256> separators{};
    for (const char c : std::string_view(" -.*_|/~+")) {
        separators[static_cast<unsigned char>(c)] = true;
    }
    return separators;
}

constexpr auto kSeparator = make_separators();

// A quick look: three separators, one character of the same width between each.
bool has_separated(std::string_view text) {
    const auto at = [&](std::size_t i) { return kSeparator[static_cast<unsigned char>(text[i])]; };
    for (std::size_t i = 0; i + 4 < text.size(); ++i) {
        if (!at(i)) {
            continue;
        }
        const bool narrow = at(i + 2) && at(i + 4) && !at(i + 1) && !at(i + 3);
        const bool wide =
            i + 6 < text.size() && static_cast<unsigned char>(text[i + 1]) >= 0x80 &&
            ((at(i + 3) && at(i + 6)) || (i + 8 < text.size() && at(i + 4) && at(i + 8)));
        if (narrow || wide) {
            return true;
        }
    }
    return false;
}

// Reads one stretch of characters kept apart by the same separator; wider gaps part words.
class Stretch {
public:
    Stretch(std::string_view text, std::size_t at) : text_(text), end_(at), at_(at) {}

    // True when it holds enough letters to be a disguise; end() says where reading stopped.
    bool read() {
        while (at_ < text_.size() && text_[at_] != ' ') {
            const std::size_t next = at_ + width(text_, at_);
            if (next < text_.size() && !accepts(text_[next])) {
                break;  // the first letter of an ordinary word
            }
            letters_ += is_word_byte(text_[at_]) ? 1 : 0;
            units_.push_back({at_, next - at_});
            end_ = next;
            if (next >= text_.size()) {
                break;
            }
            step(next);
        }
        return letters_ >= kMinSeparated;
    }

    std::size_t end() const { return end_; }

    void append_to(Joined& joined) const {
        std::size_t word = 0;
        for (std::size_t i = 0; i < units_.size(); ++i) {
            if (word < gaps_.size() && gaps_[word] == i) {
                joined.map.add(joined.text.size(), units_[i - 1].at + units_[i - 1].bytes);
                joined.text.push_back(' ');
                ++word;
            }
            joined.map.add(joined.text.size(), units_[i].at);
            joined.text.append(text_.substr(units_[i].at, units_[i].bytes));
        }
        joined.map.add(joined.text.size(), end_);
    }

private:
    struct Unit {
        std::size_t at;
        std::size_t bytes;
    };

    bool accepts(char next) {
        if (separator_ == 0 && kSeparator[static_cast<unsigned char>(next)]) {
            separator_ = next;
        }
        return separator_ != 0 && (next == separator_ || next == ' ');
    }

    void step(std::size_t next) {
        std::size_t blanks = 0;
        at_ = next + (separator_ != ' ' && text_[next] == separator_ ? 1 : 0);
        while (at_ < text_.size() && text_[at_] == ' ') {
            ++at_;
            ++blanks;
        }
        if (blanks > (separator_ == ' ' ? 1U : 0U)) {
            gaps_.push_back(units_.size());
        }
    }

    std::string_view text_;
    std::size_t end_;
    std::size_t at_;
    char separator_ = 0;
    std::size_t letters_ = 0;
    std::vector<Unit> units_;
    std::vector<std::size_t> gaps_;  // indexes of units that begin a word
};

}  // namespace

std::optional<std::string> undo_leetspeak(std::string_view text) {
    std::size_t words = 0;
    bool letters = false;
    bool digits = false;
    bool inner = false;  // a digit beside a letter, not only trailing digits ("item2")
    for (std::size_t i = 0; i <= text.size(); ++i) {
        const char c = i < text.size() ? text[i] : ' ';
        if (is_letter(c)) {
            letters = true;
            inner = inner || digits;
        } else if (kLeet[static_cast<unsigned char>(c)] != c && c != '!' && c != '|') {
            digits = true;
        } else {
            words += letters && digits && inner ? 1 : 0;
            letters = digits = inner = false;
        }
    }
    if (words < kMinLeetWords) {
        return std::nullopt;
    }
    std::string out(text);
    for (char& c : out) {
        c = kLeet[static_cast<unsigned char>(c)];
    }
    return out;
}

std::optional<Joined> join_separated(std::string_view raw) {
    if (!has_separated(raw)) {
        return std::nullopt;
    }
    Joined joined;
    bool found = false;
    std::size_t copied = 0;
    std::size_t at = 0;
    const auto copy_to = [&](std::size_t end) {
        joined.map.add(joined.text.size(), copied);
        joined.text.append(raw.substr(copied, end - copied));
    };
    while (at + 3 < raw.size()) {
        const bool word_start = is_word_byte(raw[at]) && (at == 0 || !is_word_byte(raw[at - 1]));
        if (!word_start || !kSeparator[static_cast<unsigned char>(
                               raw[std::min(at + width(raw, at), raw.size() - 1)])]) {
            ++at;
            continue;
        }
        Stretch stretch(raw, at);
        if (stretch.read()) {
            copy_to(at);
            stretch.append_to(joined);
            copied = stretch.end();
            found = true;
        }
        // What was read once is not read again, so this stays linear.
        at = std::max(stretch.end(), at + 1);
    }
    if (!found) {
        return std::nullopt;
    }
    copy_to(raw.size());
    joined.map.finish(joined.text.size(), raw.size());
    return joined;
}

std::string rot13(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (is_letter(c)) {
            c = static_cast<char>(c < 'n' ? c + 13 : c - 13);
        }
    }
    return out;
}

}  // namespace credence::guard
