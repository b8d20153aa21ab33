#include "capabilities/guard/model/tokens.h"

#include <algorithm>
#include <array>
#include <span>

namespace credence::guard {

namespace {

constexpr std::size_t kMaxWordBytes = 48;  // a longer run is no word
constexpr std::size_t kLeastGram = 3;
constexpr std::size_t kMostGram = 5;
constexpr std::size_t kMaxCodes = kMaxWordBytes + 2;  // with the marks of both edges
constexpr std::size_t kMaxFeatures = 1 + (kMostGram - kLeastGram + 1) * kMaxCodes;
constexpr std::uint32_t kOffset = 2166136261U;  // FNV-1a (Fowler, Noll, Vo)
constexpr std::uint32_t kPrime = 16777619U;

enum class Kind : std::uint8_t { blank, word, digit, sign, ideograph };

std::uint32_t mix(std::uint32_t hash, std::uint32_t value) {
    return (hash ^ value) * kPrime;
}

// Murmur3's finaliser: FNV alone leaves the low bits of short keys related.
std::uint32_t finish(std::uint32_t hash) {
    hash ^= hash >> 16;
    hash *= 0x85EBCA6BU;
    hash ^= hash >> 13;
    hash *= 0xC2B2AE35U;
    return hash ^ (hash >> 16);
}

struct Decoded {
    std::uint32_t code = 0;
    std::uint32_t bytes = 1;
};

// Normalised text is valid UTF-8.
Decoded decode(std::string_view text, std::size_t at) {
    const unsigned char first = static_cast<unsigned char>(text[at]);
    if (first < 0xC0) {
        return {first, 1};
    }
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) & 0x3FU : 0U;
    };
    if (first < 0xE0) {
        return {(first & 0x1FU) << 6 | byte(1), 2};
    }
    if (first < 0xF0) {
        return {(first & 0x0FU) << 12 | byte(1) << 6 | byte(2), 3};
    }
    return {(first & 0x07U) << 18 | byte(1) << 12 | byte(2) << 6 | byte(3), 4};
}

// Scripts written without blanks between words: Thai to Myanmar, Khmer, kana, Han.
bool is_ideograph(std::uint32_t c) {
    return (c >= 0x0E00 && c < 0x1100) || (c >= 0x1780 && c < 0x1800) ||
           (c >= 0x3040 && c < 0xA000) || (c >= 0xF900 && c < 0xFB00) ||
           (c >= 0x20000 && c < 0x30000);
}

bool is_wide_sign(std::uint32_t c) {
    return (c >= 0x80 && c < 0xAA) || (c >= 0x2000 && c < 0x2C00) || (c >= 0x3000 && c < 0x3040) ||
           (c >= 0xFE00 && c < 0xFE70) || (c >= 0xFF00 && c < 0xFF10) ||
           (c >= 0x1F000 && c < 0x20000) || c == 0xBF || c == 0xBB || c == 0xAB;
}

constexpr std::array<Kind, 0x80> ascii_kinds() {
    std::array<Kind, 0x80> kinds{};
    for (std::size_t c = 0; c < kinds.size(); ++c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool digit = c >= '0' && c <= '9';
        kinds[c] = letter ? Kind::word : digit ? Kind::digit : c <= ' ' ? Kind::blank : Kind::sign;
    }
    return kinds;
}

Kind kind_of(std::uint32_t c) {
    static constexpr std::array<Kind, 0x80> kAscii = ascii_kinds();
    if (c < 0x80) {
        return kAscii[c];
    }
    if (is_wide_sign(c)) {
        return Kind::sign;
    }
    return is_ideograph(c) ? Kind::ideograph : Kind::word;
}

class Tokeniser {
public:
    Tokeniser(const Normalised& text, std::size_t max_tokens, Tokens& out)
        : text_(text.text), breaks_(text.breaks), max_tokens_(max_tokens), out_(out) {}

    void run() {
        std::size_t at = 0;
        std::size_t next_break = 0;
        while (at < text_.size() && out_.tokens.size() < max_tokens_) {
            if (next_break < breaks_.size() && breaks_[next_break] <= at) {
                while (next_break < breaks_.size() && breaks_[next_break] <= at) {
                    ++next_break;
                }
                single(at, at, finish(mix(kOffset, 10)));
                continue;
            }
            const Decoded c = decode(text_, at);
            switch (kind_of(c.code)) {
                case Kind::blank:
                    at += c.bytes;
                    break;
                case Kind::word:
                    at = word(at);
                    break;
                case Kind::digit:
                    at = number(at);
                    break;
                case Kind::sign:
                    at = sign(at, c);
                    break;
                case Kind::ideograph:
                    at = ideograph(at, c);
                    break;
            }
        }
    }

private:
    void single(std::size_t start, std::size_t end, std::uint32_t feature) {
        open(start, end);
        out_.features.push_back(feature);
        close();
    }
    void open(std::size_t start, std::size_t end) {
        out_.tokens.push_back({static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(end),
                               static_cast<std::uint32_t>(out_.features.size()), 0});
    }
    void close() {
        Token& token = out_.tokens.back();
        token.features = static_cast<std::uint32_t>(out_.features.size()) - token.first_feature;
    }

    std::size_t word(std::size_t start) {
        std::uint32_t codes[kMaxCodes];
        codes[0] = '<';
        std::size_t count = 1;
        std::size_t at = start;
        bool digits = false;
        while (at < text_.size()) {
            const Decoded c = decode(text_, at);
            const Kind kind = kind_of(c.code);
            const bool joint = c.code == '\'' && at + 1 < text_.size() &&
                               kind_of(static_cast<unsigned char>(text_[at + 1])) == Kind::word;
            if (kind != Kind::word && kind != Kind::digit && !joint) {
                break;
            }
            digits = digits || kind == Kind::digit;
            if (count <= kMaxWordBytes) {
                codes[count++] = c.code;
            }
            at += c.bytes;
        }
        if (at - start > kMaxWordBytes) {
            single(start, at, finish(mix(mix(kOffset, 'L'), digits ? 1 : 0)));
            return at;
        }
        codes[count++] = '>';
        open(start, at);
        add_grams({codes, count});
        close();
        return at;
    }

    // The whole word, then its parts.
    void add_grams(std::span<const std::uint32_t> word) {
        const std::uint32_t* codes = word.data();
        std::uint32_t features[kMaxFeatures];
        std::size_t count = 1;
        std::uint32_t hash = mix(kOffset, 'w');
        for (std::size_t i = 0; i < word.size(); ++i) {
            hash = mix(hash, codes[i]);
        }
        features[0] = finish(hash);
        for (std::size_t i = 0; i + kLeastGram <= word.size(); ++i) {
            std::uint32_t gram = mix(kOffset, 'g');
            const std::size_t end = std::min(i + kMostGram, word.size());
            for (std::size_t j = i; j < end; ++j) {
                gram = mix(gram, codes[j]);
                if (j + 1 - i >= kLeastGram) {
                    features[count++] = finish(gram);
                }
            }
        }
        out_.features.insert(out_.features.end(), features, features + count);
    }

    // Its length only; what digits say is for other detectors.
    std::size_t number(std::size_t start) {
        std::size_t at = start;
        while (at < text_.size() && text_[at] >= '0' && text_[at] <= '9') {
            ++at;
        }
        const auto length = static_cast<std::uint32_t>(std::min<std::size_t>(at - start, 9));
        single(start, at, finish(mix(mix(kOffset, 'n'), length)));
        return at;
    }

    std::size_t sign(std::size_t start, const Decoded& c) {
        std::size_t at = start + c.bytes;
        std::uint32_t run = 1;
        while (at < text_.size() && decode(text_, at).code == c.code) {
            at += c.bytes;
            ++run;
        }
        single(start, at, finish(mix(mix(mix(kOffset, 's'), c.code), std::min(run, 3U))));
        return at;
    }

    std::size_t ideograph(std::size_t start, const Decoded& c) {
        open(start, start + c.bytes);
        std::uint32_t hash = mix(mix(kOffset, 'i'), c.code);
        out_.features.push_back(finish(hash));
        std::size_t at = start + c.bytes;
        for (int more = 0; more < 2 && at < text_.size(); ++more) {
            const Decoded next = decode(text_, at);
            if (kind_of(next.code) != Kind::ideograph) {
                break;
            }
            hash = mix(hash, next.code);
            out_.features.push_back(finish(hash));
            at += next.bytes;
        }
        close();
        return start + c.bytes;
    }

    std::string_view text_;
    const std::vector<std::uint32_t>& breaks_;
    std::size_t max_tokens_;
    Tokens& out_;
};

}  // namespace

std::uint32_t feature_of(std::string_view name) {
    std::uint32_t hash = mix(kOffset, 'c');
    for (const char c : name) {
        hash = mix(hash, static_cast<unsigned char>(c));
    }
    return finish(hash);
}

void tokenise(const Normalised& text, std::size_t max_tokens, Tokens& out) {
    out.tokens.clear();
    out.features.clear();
    Tokeniser(text, max_tokens, out).run();
}

}  // namespace credence::guard
