#include "capabilities/guard/text/encode_for_tests.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "capabilities/guard/text/fold_table.h"

namespace credence::guard::encode {

namespace {

// Each code point with its bytes.
struct Letter {
    char32_t value;
    std::string_view bytes;
};

std::vector<Letter> letters_of(std::string_view text) {
    std::vector<Letter> letters;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode_utf8(text, at);
        letters.push_back({point.value, text.substr(at, point.bytes)});
        at += point.bytes;
    }
    return letters;
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

char lower(char c) {
    return is_upper(c) ? static_cast<char>(c + 32) : c;
}

std::string bits_as_letters(std::string_view text, unsigned width, std::string_view alphabet,
                            std::size_t pad) {
    std::string out;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        bits = (bits << 8U) | static_cast<unsigned char>(c);
        for (held += 8; held >= width; held -= width) {
            out.push_back(alphabet[(bits >> (held - width)) & ((1U << width) - 1U)]);
        }
    }
    if (held > 0) {
        out.push_back(alphabet[(bits << (width - held)) & ((1U << width) - 1U)]);
    }
    while (out.size() % pad != 0) {
        out.push_back('=');
    }
    return out;
}

std::string number(std::uint32_t value, std::uint32_t base, std::size_t width) {
    std::string out;
    do {
        out.insert(out.begin(), "0123456789abcdef"[value % base]);
        value /= base;
    } while (value > 0);
    return out.size() < width ? std::string(width - out.size(), '0') + out : out;
}

// Every ASCII letter replaced by the character at its place, from `first`; others kept.
std::string alphabet_at(std::string_view text, char32_t small, char32_t capital) {
    std::string out;
    for (const char c : text) {
        if (is_lower(c)) {
            append_utf8(small + static_cast<char32_t>(c - 'a'), out);
        } else if (is_upper(c)) {
            append_utf8(capital + static_cast<char32_t>(c - 'A'), out);
        } else {
            out.push_back(c);
        }
    }
    return out;
}

std::string map_letters(std::string_view text, const std::array<std::string_view, 26>& table) {
    std::string out;
    for (const char c : text) {
        const char small = lower(c);
        out += is_lower(small) ? std::string(table[static_cast<std::size_t>(small - 'a')])
                               : std::string(1, c);
    }
    return out;
}

// `change` applied to each run of ASCII letters of at least `least`.
template <typename Change>
std::string each_word(std::string_view text, std::size_t least, Change change) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_lower(lower(text[end]))) {
            ++end;
        }
        const std::string word(text.substr(at, end - at));
        out += word.size() >= least ? change(word) : word;
        if (end < text.size()) {
            out.push_back(text[end]);
        }
        at = end + 1;
    }
    return out;
}

}  // namespace

std::string base64(std::string_view text) {
    return bits_as_letters(text, 6,
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 4);
}

std::string base64_url(std::string_view text) {
    return bits_as_letters(text, 6,
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 1);
}

std::string base64_lines(std::string_view text) {
    std::string out = base64(text);
    for (std::size_t at = 24; at < out.size(); at += 25) {
        out.insert(at, 1, '\n');
    }
    return out;
}

std::string base64_groups(std::string_view text) {
    std::string out = base64(text);
    for (std::size_t at = 5; at < out.size(); at += 6) {
        out.insert(at, 1, ' ');
    }
    return out;
}

std::string base32(std::string_view text) {
    return bits_as_letters(text, 5, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 8);
}

std::string hex(std::string_view text) {
    return codes(text, 16, "", "");
}

std::string codes(std::string_view text, int base, std::string_view gap, std::string_view prefix) {
    const std::size_t width = base == 2 ? 8 : base == 8 ? 3 : base == 16 ? 2 : 1;
    std::string out;
    for (const char c : text) {
        out += out.empty() ? "" : std::string(gap);
        out += std::string(prefix) +
               number(static_cast<unsigned char>(c), static_cast<std::uint32_t>(base), width);
    }
    return out;
}

std::string points(std::string_view text, std::string_view before, bool hexadecimal,
                   std::string_view after, int width) {
    std::string out;
    for (const Letter& letter : letters_of(text)) {
        out += std::string(before) +
               number(letter.value, hexadecimal ? 16 : 10, static_cast<std::size_t>(width)) +
               std::string(after);
    }
    return out;
}

std::string percent(std::string_view text) {
    return codes(text, 16, "", "%");
}

std::string json(std::string_view text) {
    std::string out;
    for (const Letter& letter : letters_of(text)) {
        if (letter.value < 0x10000) {
            out += "\\u" + number(letter.value, 16, 4);
            continue;
        }
        out += "\\u" + number(0xD800 + ((letter.value - 0x10000) >> 10U), 16, 4);
        out += "\\u" + number(0xDC00 + ((letter.value - 0x10000) & 0x3FFU), 16, 4);
    }
    return out;
}

std::string rotate(std::string_view text, int shift) {
    std::string out(text);
    for (char& c : out) {
        const char first = is_upper(c) ? 'A' : 'a';
        if (is_upper(c) || is_lower(c)) {
            c = static_cast<char>(first + (c - first + shift) % 26);
        }
    }
    return out;
}

std::string atbash(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = is_upper(c)   ? static_cast<char>('A' + 'Z' - c)
            : is_lower(c) ? static_cast<char>('a' + 'z' - c)
                          : c;
    }
    return out;
}

std::string reversed(std::string_view text) {
    std::string out;
    for (const Letter& letter : letters_of(text)) {
        out.insert(0, letter.bytes);
    }
    return out;
}

std::string words_reversed(std::string_view text) {
    std::string out;
    std::size_t end = text.size();
    while (end > 0 && !is_lower(lower(text[end - 1]))) {
        --end;
    }
    while (end > 0) {
        const std::size_t blank = text.rfind(' ', end - 1);
        const std::size_t start = blank == std::string_view::npos ? 0 : blank + 1;
        out += (out.empty() ? "" : " ") + std::string(text.substr(start, end - start));
        end = blank == std::string_view::npos ? 0 : blank;
    }
    return out;
}

std::string morse(std::string_view text) {
    constexpr std::array<std::string_view, 26> kSignals = {
        ".-",   "-...", "-.-.", "-..",  ".",   "..-.", "--.",  "....", "..",
        ".---", "-.-",  ".-..", "--",   "-.",  "---",  ".--.", "--.-", ".-.",
        "...",  "-",    "..-",  "...-", ".--", "-..-", "-.--", "--.."};
    std::string out;
    for (const char c : text) {
        if (is_lower(lower(c))) {
            out += std::string(kSignals[static_cast<std::size_t>(lower(c) - 'a')]) + " ";
        } else if (c == ' ') {
            out += "/ ";
        }
    }
    return out;
}

std::string leet(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        const std::size_t at = std::string_view("oieast").find(lower(c));
        c = at == std::string_view::npos ? c : "013457"[at];
    }
    return out;
}

std::string leet_signs(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        const std::size_t at = std::string_view("oieaslt").find(lower(c));
        c = at == std::string_view::npos ? c : "0!3@$|7"[at];
    }
    return out;
}

std::string apart(std::string_view text, std::string_view gap, std::string_view word_gap) {
    std::string out;
    bool begins = true;
    for (const Letter& letter : letters_of(text)) {
        if (letter.bytes == " ") {
            out += word_gap;
            begins = true;
            continue;
        }
        out += (begins ? "" : std::string(gap)) + std::string(letter.bytes);
        begins = false;
    }
    return out;
}

std::string split(std::string_view text, std::string_view first, std::string_view second) {
    return each_word(text, 4, [&](const std::string& word) {
        return word.substr(0, 2) + std::string(first) + word.substr(2, 1) + std::string(second) +
               word.substr(3);
    });
}

std::string scrambled(std::string_view text) {
    return each_word(text, 5, [](std::string word) {
        for (std::size_t i = 1; i + 2 < word.size(); i += 2) {
            std::swap(word[i], word[i + 1]);
        }
        return word;
    });
}

std::string full_width(std::string_view text) {
    return alphabet_at(text, 0xFF41, 0xFF21);
}

std::string mathematical(std::string_view text) {
    return alphabet_at(text, 0x1D41A, 0x1D400);
}

std::string enclosed(std::string_view text) {
    return alphabet_at(text, 0x24D0, 0x24B6);
}

std::string regional(std::string_view text) {
    return alphabet_at(text, 0x1F1E6, 0x1F1E6);
}

std::string small_caps(std::string_view text) {
    return map_letters(text, {"ᴀ", "ʙ", "ᴄ", "ᴅ", "ᴇ", "ꜰ", "ɢ", "ʜ", "ɪ", "ᴊ", "ᴋ", "ʟ", "ᴍ",
                              "ɴ", "ᴏ", "ᴘ", "q", "ʀ", "ꜱ", "ᴛ", "ᴜ", "ᴠ", "ᴡ", "x", "ʏ", "ᴢ"});
}

std::string upside_down(std::string_view text) {
    return reversed(
        map_letters(text, {"ɐ", "q", "ɔ", "p", "ǝ", "ɟ", "ƃ", "ɥ", "ᴉ", "ɾ", "ʞ", "l", "ɯ",
                           "u", "o", "d", "b", "ɹ", "s", "ʇ", "n", "ʌ", "ʍ", "x", "ʎ", "z"}));
}

std::string braille(std::string_view text) {
    return map_letters(text, {"⠁", "⠃", "⠉", "⠙", "⠑", "⠋", "⠛", "⠓", "⠊", "⠚", "⠅", "⠇", "⠍",
                              "⠝", "⠕", "⠏", "⠟", "⠗", "⠎", "⠞", "⠥", "⠧", "⠺", "⠭", "⠽", "⠵"});
}

std::string between(std::string_view text, std::string_view hidden) {
    std::string out;
    for (const Letter& letter : letters_of(text)) {
        out += std::string(letter.bytes) + (letter.bytes == " " ? "" : std::string(hidden));
    }
    return out;
}

std::string tag_characters(std::string_view text) {
    std::string out = "Hello";
    for (const char c : text) {
        append_utf8(0xE0000 + static_cast<char32_t>(c), out);
    }
    return out;
}

std::string selectors(std::string_view text) {
    std::string out = "\U0001F600";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        append_utf8(byte < 16 ? 0xFE00U + byte : 0xE0100U + byte - 16U, out);
    }
    return out;
}

std::string zero_width_bits(std::string_view text) {
    std::string out = "Good morning";
    for (const char c : text) {
        for (int bit = 7; bit >= 0; --bit) {
            const bool one = ((static_cast<unsigned char>(c) >> bit) & 1) != 0;
            append_utf8(one ? 0x200CU : 0x200BU, out);
        }
    }
    return out + "!";
}

std::string homoglyphs(std::string_view text) {
    constexpr std::string_view kFrom = "aeopcxyiAEOPCXKMHTB";
    constexpr std::array<std::string_view, 19> kTo = {"а", "е", "о", "р", "с", "х", "у",
                                                      "і", "А", "Е", "О", "Р", "С", "Х",
                                                      "К", "М", "Н", "Т", "В"};
    std::string out;
    for (const char c : text) {
        const std::size_t at = kFrom.find(c);
        out += at == std::string_view::npos ? std::string(1, c) : std::string(kTo[at]);
    }
    return out;
}

std::string alternating(std::string_view text) {
    std::string out(text);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = i % 2 == 0 ? lower(out[i])
                            : (is_lower(out[i]) ? static_cast<char>(out[i] - 32) : out[i]);
    }
    return out;
}

}  // namespace credence::guard::encode
