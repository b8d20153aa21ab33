#include "capabilities/guard/text/decode.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/text.h"
#include "capabilities/guard/text/language.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMinBlob = 16;      // shorter runs hide nothing worth saying
constexpr std::size_t kMinLineBlob = 20;  // a wrapped blob's line
constexpr std::size_t kMinGroups = 3;
constexpr std::size_t kMinGroup = 2;     // letters of a group that is unlike a word
constexpr std::size_t kProbeBytes = 12;  // bytes decoded before a run is given up or gone on with
constexpr std::size_t kSurelyText = 20;
constexpr std::uint8_t kNoDigit = 0xFF;

using Digits = std::array<std::uint8_t, 256>;

constexpr Digits make_digits(std::string_view alphabet) {
    Digits digits{};
    digits.fill(kNoDigit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return digits;
}

constexpr Digits make_base64() {
    Digits digits = make_digits("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    digits['-'] = 62;
    digits['_'] = 63;
    return digits;
}

constexpr Digits make_base32() {
    Digits digits = make_digits("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    for (std::size_t i = 0; i < 26; ++i) {
        digits['a' + i] = static_cast<std::uint8_t>(i);
    }
    return digits;
}

constexpr Digits make_hex() {
    Digits digits = make_digits("0123456789abcdef");
    for (std::size_t i = 0; i < 6; ++i) {
        digits['A' + i] = static_cast<std::uint8_t>(10 + i);
    }
    return digits;
}

constexpr Digits kBase64 = make_base64();
constexpr Digits kBase32 = make_base32();
constexpr Digits kHex = make_hex();

std::uint8_t digit(const Digits& digits, char c) {
    return digits[static_cast<unsigned char>(c)];
}

bool is_blob_byte(char c) {
    return digit(kBase64, c) != kNoDigit || c == '=';
}

bool is_control(unsigned char byte) {
    return (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7F;
}

bool is_filler(char c) {
    return c == '=' || c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

// Bits of the alphabet's digits, most significant first, as bytes. Nothing when a byte is no digit
// or what comes out begins unreadably.
std::optional<std::string> decode_bits(std::string_view encoded, const Digits& digits,
                                       unsigned width) {
    std::string out;
    out.reserve(encoded.size() * width / 8);
    std::uint32_t bits = 0;
    unsigned held = 0;
    std::size_t controls = 0;
    for (const char c : encoded) {
        if (is_filler(c)) {
            continue;
        }
        const std::uint8_t value = digit(digits, c);
        if (value == kNoDigit) {
            return std::nullopt;
        }
        bits = (bits << width) | value;
        held += width;
        if (held >= 8) {
            held -= 8;
            out.push_back(static_cast<char>((bits >> held) & 0xFFU));
            controls += is_control(static_cast<unsigned char>(out.back())) ? 1 : 0;
        }
        // Most long identifiers fail here, after a few bytes.
        if (out.size() == kProbeBytes && controls > 1) {
            return std::nullopt;
        }
    }
    // What was cut in the middle of a character is still worth reading.
    for (int cut = 0; cut < 4 && !out.empty() && !is_valid_utf8(out); ++cut) {
        out.pop_back();
    }
    return is_readable(out) ? std::optional(std::move(out)) : std::nullopt;
}

bool all_of(std::string_view text, const Digits& digits) {
    return std::all_of(text.begin(), text.end(),
                       [&](char c) { return digit(digits, c) != kNoDigit || is_filler(c); });
}

std::optional<Blob> as_blob(Blob::Encoding encoding, ByteSpan span,
                            std::optional<std::string> text) {
    // Longer ones are not readable by chance, whatever they say (perhaps another encoding).
    if (!text || (text->size() < kSurelyText && !reads_like_text(*text))) {
        return std::nullopt;
    }
    return Blob{encoding, {span, std::move(*text), false}};
}

struct Kinds {
    std::size_t lower = 0;
    std::size_t upper = 0;
    std::size_t figures = 0;
    std::size_t turns = 0;  // a capital or figure after something else
};

Kinds kinds_of(std::string_view token) {
    Kinds kinds;
    for (std::size_t i = 0; i < token.size(); ++i) {
        const char c = token[i];
        const bool lower = c >= 'a' && c <= 'z';
        const bool upper = c >= 'A' && c <= 'Z';
        kinds.lower += lower ? 1 : 0;
        kinds.upper += upper ? 1 : 0;
        kinds.figures += !lower && !upper ? 1 : 0;
        kinds.turns += i > 0 && !lower ? 1 : 0;
    }
    return kinds;
}

// No word of a language: capitals or figures inside.
bool is_odd(std::string_view token) {
    return kinds_of(token).turns > 0;
}

}  // namespace

bool is_readable(std::string_view bytes) {
    if (bytes.empty() || !is_valid_utf8(bytes)) {
        return false;
    }
    const auto controls = std::count_if(bytes.begin(), bytes.end(), [](char c) {
        return is_control(static_cast<unsigned char>(c));
    });
    return static_cast<std::size_t>(controls) * 10 <= bytes.size();
}

std::optional<std::string> decode_base64_text(std::string_view encoded) {
    return decode_bits(encoded, kBase64, 6);
}

std::optional<std::string> decode_base32_text(std::string_view encoded) {
    return decode_bits(encoded, kBase32, 5);
}

std::optional<std::string> decode_hex_text(std::string_view encoded) {
    std::string out;
    out.reserve(encoded.size() / 2);
    std::size_t at = 0;
    while (at < encoded.size()) {
        const char c = encoded[at];
        if (c == ' ' || c == ':' || c == ',' || c == '\n' || c == '\r') {
            ++at;
            continue;
        }
        const bool prefixed =
            (c == '0' || c == '\\') && at + 1 < encoded.size() && (encoded[at + 1] | 0x20) == 'x';
        at += prefixed ? 2 : 0;
        if (at + 1 >= encoded.size()) {
            break;
        }
        const std::uint8_t high = digit(kHex, encoded[at]);
        const std::uint8_t low = digit(kHex, encoded[at + 1]);
        if (high == kNoDigit || low == kNoDigit) {
            return std::nullopt;
        }
        out.push_back(static_cast<char>((high << 4U) | low));
        at += 2;
    }
    for (int cut = 0; cut < 4 && !out.empty() && !is_valid_utf8(out); ++cut) {
        out.pop_back();
    }
    return is_readable(out) ? std::optional(std::move(out)) : std::nullopt;
}

ByteSpan BlobFinder::next() {
    std::size_t probe = at_ + kMinBlob - 1;
    while (probe < text_.size()) {
        if (!is_blob_byte(text_[probe])) {
            at_ = probe + 1;
            probe += kMinBlob;
            continue;
        }
        std::size_t start = probe;
        while (start > at_ && is_blob_byte(text_[start - 1])) {
            --start;
        }
        std::size_t end = probe + 1;
        while (end < text_.size() && is_blob_byte(text_[end])) {
            ++end;
            std::size_t next = end;
            next += next < text_.size() && text_[next] == '\r' ? 1 : 0;
            const bool wrapped = next + 1 < text_.size() && text_[next] == '\n' &&
                                 end - start >= kMinLineBlob && is_blob_byte(text_[next + 1]);
            end = wrapped ? next + 1 : end;
        }
        at_ = end;
        if (end - start >= kMinBlob) {
            return {start, end};
        }
        probe = at_ + kMinBlob - 1;
    }
    return {};
}

std::optional<Blob> decode_blob(std::string_view raw, ByteSpan run) {
    std::string_view encoded = raw.substr(run.start, run.end - run.start);
    const bool prefixed = encoded.starts_with("0x") || encoded.starts_with("0X");
    const std::string_view bare = encoded.substr(prefixed ? 2 : 0);
    if (all_of(bare, kHex)) {
        if (bare.find_first_not_of("01\n") == std::string_view::npos && bare.size() >= 40) {
            std::vector<Decoded> lists = decode_number_lists(bare);
            if (!lists.empty()) {
                return Blob{Blob::Encoding::binary, {run, std::move(lists.front().text), false}};
            }
        }
        if (auto blob = as_blob(Blob::Encoding::hexadecimal, run, decode_hex_text(bare))) {
            return blob;
        }
    }
    if (auto blob = as_blob(Blob::Encoding::base64, run, decode_base64_text(encoded))) {
        return blob;
    }
    // A line before or after it was taken for part of it, or a word in front of '=' or '/'.
    const std::size_t cut = encoded.find_first_of("=/:-_\n");
    if (cut != std::string_view::npos && cut + 1 + kMinBlob < encoded.size()) {
        const ByteSpan rest{run.start + cut + 1, run.end};
        if (auto blob = as_blob(Blob::Encoding::base64, rest,
                                decode_base64_text(encoded.substr(cut + 1)))) {
            return blob;
        }
    }
    if (encoded.size() >= 24 && all_of(encoded, kBase32)) {
        if (auto blob = as_blob(Blob::Encoding::base32, run, decode_base32_text(encoded))) {
            return blob;
        }
    }
    const std::string turned(encoded.rbegin(), encoded.rend());
    return as_blob(Blob::Encoding::base64, run, decode_base64_text(turned));
}

ByteSpan next_groups(std::string_view raw, std::size_t at) {
    ByteSpan groups;
    std::size_t count = 0;
    std::size_t plain = 0;  // groups in a row that may be words
    std::size_t odd_end = 0;
    while (at < raw.size()) {
        while (at < raw.size() && is_filler(raw[at]) && raw[at] != '=') {
            ++at;
        }
        std::size_t end = at;
        while (end < raw.size() && is_blob_byte(raw[end])) {
            ++end;
        }
        const bool whole = end == raw.size() || is_filler(raw[end]);
        const std::string_view token = raw.substr(at, end - at);
        const bool odd = whole && token.size() >= kMinGroup && is_odd(token);
        const bool fits = odd || (whole && !token.empty() && count > 0 && plain < 2);
        if (!fits && count >= kMinGroups) {
            break;
        }
        if (!fits) {
            count = plain = 0;
        } else {
            groups.start = count == 0 ? at : groups.start;
            ++count;
            plain = odd ? 0 : plain + 1;
            odd_end = end;
        }
        if (end == at) {  // not a byte of the alphabet: over the rest of the word
            while (end < raw.size() && !is_filler(raw[end])) {
                ++end;
            }
        }
        at = end;
    }
    return count >= kMinGroups && odd_end - groups.start >= kMinBlob
               ? ByteSpan{groups.start, odd_end}
               : ByteSpan{};
}

std::optional<Blob> decode_groups(std::string_view raw, ByteSpan groups) {
    // Words before or after were perhaps taken for groups: try without the first, without the last.
    for (int tries = 0; tries < 4; ++tries) {
        const std::string_view encoded = raw.substr(groups.start, groups.end - groups.start);
        if (auto blob = as_blob(Blob::Encoding::base64, groups, decode_base64_text(encoded))) {
            return blob;
        }
        if (all_of(encoded, kBase32)) {
            if (auto blob = as_blob(Blob::Encoding::base32, groups, decode_base32_text(encoded))) {
                return blob;
            }
        }
        const bool at_end = tries < 2;
        const std::size_t blank =
            at_end ? encoded.find_last_of(" \n") : encoded.find_first_of(" \n");
        if (blank == std::string_view::npos) {
            break;
        }
        groups.end = at_end ? groups.start + blank : groups.end;
        groups.start = at_end ? groups.start : groups.start + blank + 1;
    }
    return std::nullopt;
}

}  // namespace credence::guard
