#include "capabilities/guard/text/decode.h"

#include <array>
#include <cstdint>
#include <utility>

#include "base/text.h"
#include "capabilities/guard/text/fold_table.h"

namespace credence::guard {

namespace {

constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_base64() {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(kNoDigit);
    const std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    digits['-'] = 62;
    digits['_'] = 63;
    return digits;
}

constexpr auto kBase64 = make_base64();

std::uint8_t hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<std::uint8_t>(c - '0');
    }
    const char lower = static_cast<char>(c | 0x20);
    if (lower >= 'a' && lower <= 'f') {
        return static_cast<std::uint8_t>(lower - 'a' + 10);
    }
    return kNoDigit;
}

// The number written in at most `limit` digits of the base at `at`; advances `at`.
std::optional<char32_t> read_number(std::string_view text, std::size_t& at, unsigned base,
                                    std::size_t limit) {
    char32_t value = 0;
    std::size_t digits = 0;
    while (at < text.size() && digits < limit) {
        const std::uint8_t digit = hex_digit(text[at]);
        if (digit >= base) {
            break;
        }
        value = value * base + digit;
        ++at;
        ++digits;
    }
    if (digits == 0 || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return std::nullopt;
    }
    return value;
}

class Builder {
public:
    explicit Builder(std::string_view source) : source_(source) { result_.map.add(0, 0); }
    // Copies up to `end` unchanged.
    void copy_to(std::size_t end) {
        result_.text.append(source_.substr(at_, end - at_));
        at_ = end;
    }
    // Replaces what lies between here and `end`.
    void replace(std::string_view text, std::size_t end) {
        result_.map.add(result_.text.size(), at_);
        result_.text.append(text);
        at_ = end;
        result_.map.add(result_.text.size(), at_);
        ++result_.count;
    }
    Unescaped finish() {
        copy_to(source_.size());
        result_.map.finish(result_.text.size(), source_.size());
        return std::move(result_);
    }

private:
    std::string_view source_;
    std::size_t at_ = 0;
    Unescaped result_;
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kEntities = {{
    {"amp;", "&"},
    {"lt;", "<"},
    {"gt;", ">"},
    {"quot;", "\""},
    {"apos;", "'"},
    {"nbsp;", " "},
    {"lpar;", "("},
    {"rpar;", ")"},
    {"colon;", ":"},
    {"sol;", "/"},
}};

// The entity after '&' at `at`; returns its end and text, or end 0.
std::pair<std::size_t, std::string> read_entity(std::string_view text, std::size_t at) {
    std::size_t next = at + 1;
    if (next < text.size() && text[next] == '#') {
        ++next;
        const bool hex = next < text.size() && (text[next] | 0x20) == 'x';
        next += hex ? 1 : 0;
        const auto value = read_number(text, next, hex ? 16 : 10, 7);
        if (!value) {
            return {};
        }
        next += next < text.size() && text[next] == ';' ? 1 : 0;
        std::string out;
        append_utf8(*value, out);
        return {next, std::move(out)};
    }
    for (const auto& [name, replacement] : kEntities) {
        if (text.substr(next, name.size()) == name) {
            return {next + name.size(), std::string(replacement)};
        }
    }
    return {};
}

// The escape after '\' at `at`; returns its end and text, or end 0.
std::pair<std::size_t, std::string> read_backslash(std::string_view text, std::size_t at) {
    if (at + 1 >= text.size()) {
        return {};
    }
    const char kind = text[at + 1];
    if (kind == 'n' || kind == 'r' || kind == 't') {
        return {at + 2, kind == 'n' ? "\n" : " "};
    }
    if (kind == '"' || kind == '\'' || kind == '/') {
        return {at + 2, std::string(1, kind)};
    }
    std::size_t next = at + 2;
    const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    if (digits == 0) {
        return {};
    }
    const bool braces = kind == 'u' && next < text.size() && text[next] == '{';
    next += braces ? 1 : 0;
    const std::size_t first = next;
    const auto value = read_number(text, next, 16, braces ? 6 : digits);
    if (!value || (!braces && next - first != digits)) {
        return {};
    }
    next += braces && next < text.size() && text[next] == '}' ? 1 : 0;
    std::string out;
    append_utf8(*value, out);
    return {next, std::move(out)};
}

}  // namespace

bool is_readable(std::string_view bytes) {
    if (bytes.empty() || !is_valid_utf8(bytes)) {
        return false;
    }
    std::size_t control = 0;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        control += (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7F;
    }
    return control * 10 <= bytes.size();
}

std::optional<std::string> decode_base64_text(std::string_view encoded) {
    std::string out;
    out.reserve(encoded.size() * 3 / 4);
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : encoded) {
        if (c == '=' || c == '\n' || c == '\r') {
            continue;
        }
        const std::uint8_t digit = kBase64[static_cast<unsigned char>(c)];
        if (digit == kNoDigit) {
            return std::nullopt;
        }
        bits = (bits << 6U) | digit;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out.push_back(static_cast<char>((bits >> static_cast<unsigned>(held)) & 0xFFU));
        }
        // Most long identifiers fail here, after a few bytes.
        if (out.size() == 12 && !is_readable(out) && static_cast<unsigned char>(out[0]) < 0x80) {
            bool ascii = true;
            for (const char byte : out) {
                ascii = ascii && static_cast<unsigned char>(byte) < 0x80;
            }
            if (ascii) {
                return std::nullopt;
            }
        }
    }
    // A blob cut in the middle of a character is still worth reading.
    while (!out.empty() && !is_valid_utf8(out) && out.size() + 4 > encoded.size() * 3 / 4) {
        out.pop_back();
    }
    return is_readable(out) ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<std::string> decode_hex_text(std::string_view encoded) {
    std::string out;
    out.reserve(encoded.size() / 2);
    std::size_t at = 0;
    while (at < encoded.size()) {
        const char c = encoded[at];
        if (c == ' ' || c == ':' || c == ',') {
            ++at;
            continue;
        }
        const bool prefixed =
            (c == '0' || c == '\\') && at + 1 < encoded.size() && (encoded[at + 1] | 0x20) == 'x';
        at += prefixed ? 2 : 0;
        if (at + 1 >= encoded.size()) {
            break;
        }
        const std::uint8_t high = hex_digit(encoded[at]);
        const std::uint8_t low = hex_digit(encoded[at + 1]);
        if (high == kNoDigit || low == kNoDigit) {
            return std::nullopt;
        }
        out.push_back(static_cast<char>((high << 4U) | low));
        at += 2;
    }
    return is_readable(out) ? std::optional(std::move(out)) : std::nullopt;
}

Unescaped unescape_percent(std::string_view source) {
    Builder builder(source);
    std::size_t at = 0;
    while ((at = source.find('%', at)) != std::string_view::npos) {
        const bool pair = at + 2 < source.size() && hex_digit(source[at + 1]) != kNoDigit &&
                          hex_digit(source[at + 2]) != kNoDigit;
        if (!pair) {
            ++at;
            continue;
        }
        const char byte =
            static_cast<char>((hex_digit(source[at + 1]) << 4U) | hex_digit(source[at + 2]));
        builder.copy_to(at);
        builder.replace(std::string_view(&byte, 1), at + 3);
        at += 3;
    }
    return builder.finish();
}

Unescaped unescape_entities(std::string_view source) {
    Builder builder(source);
    std::size_t at = 0;
    while ((at = source.find('&', at)) != std::string_view::npos) {
        const auto [end, text] = read_entity(source, at);
        if (end == 0) {
            ++at;
            continue;
        }
        builder.copy_to(at);
        builder.replace(text, end);
        at = end;
    }
    return builder.finish();
}

Unescaped unescape_backslashes(std::string_view source) {
    Builder builder(source);
    std::size_t at = 0;
    while ((at = source.find('\\', at)) != std::string_view::npos) {
        const auto [end, text] = read_backslash(source, at);
        if (end == 0) {
            at += 2;  // a doubled backslash stands for itself; what follows it is plain
            continue;
        }
        builder.copy_to(at);
        builder.replace(text, end);
        at = end;
    }
    return builder.finish();
}

}  // namespace credence::guard
