#include "capabilities/guard/text/codes.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/text.h"
#include "capabilities/guard/text/byte_set.h"
#include "capabilities/guard/text/decode.h"
#include "capabilities/guard/text/fold_table.h"
#include "capabilities/guard/text/language.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMinCodes = 5;
constexpr std::size_t kMaxLists = 16;
constexpr std::size_t kProbeTokens = 48;   // tokens after which a list that is no text is given up
constexpr std::size_t kMaxDigits = 16384;  // of one token

bool is_gap(char c) {
    static constexpr auto kBytes = byte_set(" ,;:\t\n\r-|/[](){}'\"");
    return kBytes[static_cast<unsigned char>(c)];
}

struct Token {
    ByteSpan span;  // with its prefix
    std::string_view digits;
    char base = 0;  // 'x', 'b', 'o' when a prefix says so
};

// The digits of a token without its prefix; no digits: it is no number.
Token read_token(std::string_view text, std::size_t at, std::size_t end) {
    Token token{{at, end}, text.substr(at, end - at), 0};
    std::string_view& digits = token.digits;
    digits.remove_suffix(digits.ends_with('.') ? 1 : 0);
    digits.remove_prefix(digits.starts_with('\\') || digits.starts_with('%') ? 1 : 0);
    if (digits.size() > 2 && digits[0] == '0' && hex_value(digits[1]) > 11) {
        token.base = static_cast<char>(digits[1] | 0x20);
        digits.remove_prefix(2);
    } else if (digits.size() > 2 && (digits.starts_with('x') || digits.starts_with("U+"))) {
        token.base = 'x';
        digits.remove_prefix(digits[0] == 'x' ? 1 : 2);
    } else if (digits.size() > 9 && (digits.starts_with("0b") || digits.starts_with("0B"))) {
        token.base = 'b';
        digits.remove_prefix(2);
    }
    const bool number =
        digits.size() <= kMaxDigits &&
        std::all_of(digits.begin(), digits.end(), [](char c) { return hex_value(c) < 16; });
    if (!number) {
        digits = {};
    }
    return token;
}

enum class Base : std::uint8_t { binary, octal, decimal, hexadecimal };

bool append_code(char32_t value, bool bytes, std::string& out) {
    if (bytes) {
        out.push_back(static_cast<char>(value));
        return value <= 0xFF;
    }
    if (value < 9 || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return false;
    }
    append_utf8(value, out);
    return true;
}

// One token as one or more characters; false: it does not fit the base.
bool append_token(const Token& token, Base base, bool bytes, std::string& out) {
    constexpr std::array<unsigned, 4> kRadix = {2, 8, 10, 16};
    const unsigned radix = kRadix[static_cast<std::size_t>(base)];
    std::size_t step = token.digits.size();
    if (base == Base::binary) {
        if (step != 7 && step % 8 != 0) {
            return false;
        }
        step = step == 7 ? 7 : 8;
    } else if (base == Base::hexadecimal) {
        if (step % 2 != 0 && step < 3) {
            return false;
        }
        step = bytes ? 2 : step;
        if (bytes && token.digits.size() % 2 != 0) {
            return false;
        }
    } else if (step > 7 || (base == Base::octal && step != 3)) {
        return false;
    }
    for (std::size_t at = 0; at < token.digits.size(); at += step) {
        char32_t value = 0;
        for (const char c : token.digits.substr(at, step)) {
            if (hex_value(c) >= radix || value > 0x10FFFF) {
                return false;
            }
            value = value * radix + hex_value(c);
        }
        if (!append_code(value, bytes, out)) {
            return false;
        }
    }
    return true;
}

struct Way {
    Base base;
    bool bytes;  // of UTF-8, else code points
};

// Code points of one alphabet, as a text in one language has.
bool is_one_script(std::string_view text) {
    constexpr char32_t kAlphabet = 0x100;  // code points of most alphabets
    char32_t first = 0;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode_utf8(text, at);
        at += point.bytes;
        if (point.value < 0x370) {
            continue;
        }
        first = first == 0 ? point.value / kAlphabet : first;
        const bool ideographs = point.value >= 0x3040 && point.value < 0xD7B0 && first >= 0x30;
        if (point.value / kAlphabet != first && !ideographs) {
            return false;
        }
    }
    return first != 0;
}

// The tokens read in the first way that makes text of them.
Decoded decode_tokens(const std::vector<Token>& tokens, std::size_t from, std::size_t to) {
    constexpr std::array<Way, 6> kWays = {{{Base::binary, true},
                                           {Base::hexadecimal, true},
                                           {Base::decimal, true},
                                           {Base::octal, true},
                                           {Base::decimal, false},
                                           {Base::hexadecimal, false}}};
    for (const Way way : kWays) {
        std::string text;
        bool fits = true;
        for (std::size_t i = from; i < to && fits; ++i) {
            fits = append_token(tokens[i], way.base, way.bytes, text) &&
                   (i != from + kProbeTokens || reads_like_text(text));
        }
        if (fits && text.size() >= kMinCodes && is_readable(text) && reads_like_text(text) &&
            (way.bytes || is_one_script(text))) {
            return {{tokens[from].span.start, tokens[to - 1].span.end},
                    std::move(text),
                    way.base == Base::hexadecimal};
        }
    }
    return {};
}

void take_list(const std::vector<Token>& tokens, std::vector<Decoded>& found) {
    std::size_t digits = 0;
    for (const Token& token : tokens) {
        digits += token.digits.size();
    }
    const bool long_enough = tokens.size() >= kMinCodes || (tokens.size() >= 1 && digits >= 40);
    if (!long_enough || found.size() >= kMaxLists) {
        return;
    }
    // A word such as "be" or a number before or after the list may belong to the sentence around.
    for (std::size_t head = 0; head < std::min<std::size_t>(3, tokens.size()); ++head) {
        for (std::size_t tail = 0; tail < 2 && head + tail + 1 <= tokens.size(); ++tail) {
            Decoded decoded = decode_tokens(tokens, head, tokens.size() - tail);
            if (!decoded.text.empty()) {
                found.push_back(std::move(decoded));
                return;
            }
        }
    }
}

constexpr std::array<std::pair<std::string_view, char>, 48> kMorse = {
    {{".-", 'a'},     {"-...", 'b'},   {"-.-.", 'c'},    {"-..", 'd'},    {".", 'e'},
     {"..-.", 'f'},   {"--.", 'g'},    {"....", 'h'},    {"..", 'i'},     {".---", 'j'},
     {"-.-", 'k'},    {".-..", 'l'},   {"--", 'm'},      {"-.", 'n'},     {"---", 'o'},
     {".--.", 'p'},   {"--.-", 'q'},   {".-.", 'r'},     {"...", 's'},    {"-", 't'},
     {"..-", 'u'},    {"...-", 'v'},   {".--", 'w'},     {"-..-", 'x'},   {"-.--", 'y'},
     {"--..", 'z'},   {"-----", '0'},  {".----", '1'},   {"..---", '2'},  {"...--", '3'},
     {"....-", '4'},  {".....", '5'},  {"-....", '6'},   {"--...", '7'},  {"---..", '8'},
     {"----.", '9'},  {".-.-.-", '.'}, {"--..--", ','},  {"..--..", '?'}, {"-.-.--", '!'},
     {"---...", ':'}, {"-....-", '-'}, {".----.", '\''}, {".-..-.", '"'}, {"-..-.", '/'},
     {"-.--.", '('},  {"-.--.-", ')'}, {".--.-.", '@'}}};

char morse_letter(std::string_view signal) {
    for (const auto& [code, letter] : kMorse) {
        if (code == signal) {
            return letter;
        }
    }
    return 0;
}

// '.' or '-' for the sign at `at`, and its bytes; 0 for anything else.
std::pair<char, std::size_t> morse_sign(std::string_view text, std::size_t at) {
    const char c = text[at];
    if (c == '.' || c == '*') {
        return {'.', 1};
    }
    if (c == '-' || c == '_') {
        return {'-', 1};
    }
    const std::string_view two = text.substr(at, 2);
    const std::string_view three = text.substr(at, 3);
    if (two == "\u00B7") {
        return {'.', 2};
    }
    if (three == "\u2022" || three == "\u2219" || three == "\u22C5") {
        return {'.', 3};
    }
    if (three == "\u2013" || three == "\u2014" || three == "\u2212") {
        return {'-', 3};
    }
    return {0, 1};
}

class Morse {
public:
    explicit Morse(std::string_view text) : text_(text) {}

    std::vector<Decoded> run() {
        std::string signal;
        std::size_t at = 0;
        while (at < text_.size()) {
            const auto [sign, bytes] = morse_sign(text_, at);
            if (sign != 0) {
                start_ = letters_.empty() && signal.empty() ? at : start_;
                signal.push_back(sign);
            } else {
                flush(signal, at);
                gap(text_[at]);
            }
            at += bytes;
        }
        flush(signal, at);
        close();
        return std::move(found_);
    }

private:
    void flush(std::string& signal, std::size_t at) {
        if (signal.empty()) {
            return;
        }
        const char letter = signal.size() <= 6 ? morse_letter(signal) : '\0';
        if (letter == 0) {
            close();
        } else {
            letters_ += blanks_ > 1 && !letters_.empty() ? " " : "";
            letters_.push_back(letter);
            end_ = at;
        }
        blanks_ = 0;
        signal.clear();
    }

    void gap(char c) {
        if (c == ' ') {
            ++blanks_;
        } else if (c == '/' || c == '|' || c == '\n' || c == '\t') {
            blanks_ += 2;
        } else {
            close();
        }
    }

    void close() {
        if (letters_.size() < kMinCodes) {
            letters_.clear();
            blanks_ = 0;
            return;
        }
        const auto letters = std::count_if(letters_.begin(), letters_.end(),
                                           [](char c) { return c >= 'a' && c <= 'z'; });
        std::array<bool, 256> seen{};
        for (const char c : letters_) {
            seen[static_cast<unsigned char>(c)] = true;
        }
        const auto kinds = std::count(seen.begin(), seen.end(), true);
        if (letters >= static_cast<std::ptrdiff_t>(kMinCodes) && kinds >= 4 &&
            found_.size() < kMaxLists && reads_like_text(letters_)) {
            found_.push_back({{start_, end_}, letters_, false});
        }
        letters_.clear();
        blanks_ = 0;
    }

    std::string_view text_;
    std::vector<Decoded> found_;
    std::string letters_;
    std::size_t start_ = 0;
    std::size_t end_ = 0;
    std::size_t blanks_ = 0;
};

}  // namespace

std::vector<Decoded> decode_number_lists(std::string_view raw) {
    std::vector<Decoded> found;
    std::vector<Token> tokens;
    std::size_t at = 0;
    while (at < raw.size()) {
        if (is_gap(raw[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < raw.size() && !is_gap(raw[end])) {
            ++end;
        }
        const Token token = read_token(raw, at, end);
        if (token.digits.empty()) {
            take_list(tokens, found);
            tokens.clear();
        } else {
            tokens.push_back(token);
        }
        at = end;
    }
    take_list(tokens, found);
    return found;
}

std::vector<Decoded> decode_morse(std::string_view raw) {
    return Morse(raw).run();
}

}  // namespace credence::guard
