#include "capabilities/guard/text/escapes.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "base/text.h"
#include "capabilities/guard/text/fold_table.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxEntityName = 16;

// What an escape reads as; end 0: it is none.
struct Escape {
    std::size_t end = 0;
    std::string text;
    bool spelled = true;
};

struct Number {
    std::size_t end = 0;
    char32_t value = 0;
    std::size_t digits = 0;
};

// The number of at most `limit` digits of the base at `at`.
Number read_number(std::string_view text, std::size_t at, unsigned base, std::size_t limit) {
    Number number;
    while (at < text.size() && number.digits < limit && hex_value(text[at]) < base) {
        number.value = number.value * base + hex_value(text[at]);
        ++number.digits;
        ++at;
    }
    number.end = at;
    return number;
}

bool is_character(char32_t value) {
    return value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
}

Escape character(char32_t value, std::size_t end) {
    Escape escape;
    if (is_character(value)) {
        escape.end = end;
        append_utf8(value, escape.text);
    }
    return escape;
}

// Exactly `digits` hex digits at `at`.
std::optional<char32_t> exact_hex(std::string_view text, std::size_t at, std::size_t digits) {
    const Number number = read_number(text, at, 16, digits);
    return number.digits == digits ? std::optional(number.value) : std::nullopt;
}

// The entity after '&' at `at`.
Escape read_entity(std::string_view text, std::size_t at) {
    std::size_t next = at + 1;
    if (next < text.size() && text[next] == '#') {
        ++next;
        const bool hex = next < text.size() && (text[next] | 0x20) == 'x';
        const Number number = read_number(text, next + (hex ? 1 : 0), hex ? 16 : 10, 8);
        if (number.digits == 0 || number.digits == 8) {
            return {};
        }
        const bool closed = number.end < text.size() && text[number.end] == ';';
        return character(number.value, number.end + (closed ? 1 : 0));
    }
    const std::size_t semicolon = text.substr(next, kMaxEntityName + 1).find(';');
    if (semicolon == std::string_view::npos || semicolon == 0) {
        return {};
    }
    const std::string_view meaning = entity(text.substr(next, semicolon));
    return meaning.empty() ? Escape{} : Escape{next + semicolon + 1, std::string(meaning), true};
}

// \uD83D\uDE00: the second half, when it is one.
Escape surrogates(std::string_view text, char32_t high, std::size_t next) {
    if (high > 0xDBFF || text.substr(next, 2) != "\\u") {
        return {};
    }
    const auto low = exact_hex(text, next + 2, 4);
    if (!low || *low < 0xDC00 || *low > 0xDFFF) {
        return {};
    }
    return character(0x10000 + ((high - 0xD800) << 10U) + (*low - 0xDC00), next + 6);
}

Escape read_hex_escape(std::string_view text, std::size_t at) {
    const char kind = text[at + 1];
    if (kind != 'x' && kind != 'u' && kind != 'U') {
        return {};
    }
    if (at + 2 < text.size() && text[at + 2] == '{') {
        const Number number = read_number(text, at + 3, 16, 6);
        const bool closed = number.end < text.size() && text[number.end] == '}';
        return number.digits > 0 && closed ? character(number.value, number.end + 1) : Escape{};
    }
    const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
    const auto value = exact_hex(text, at + 2, digits);
    if (!value) {
        return {};
    }
    const std::size_t end = at + 2 + digits;
    if (kind == 'x') {  // bytes of UTF-8, so not turned into characters one by one
        return {end, std::string(1, static_cast<char>(*value)), true};
    }
    if (*value >= 0xD800 && *value <= 0xDBFF) {
        return surrogates(text, *value, end);
    }
    return character(*value, end);
}

// The escape that begins with the backslash at `at`.
Escape read_backslash(std::string_view text, std::size_t at) {
    if (at + 1 >= text.size()) {
        return {};
    }
    const char kind = text[at + 1];
    if (kind == 'n' || kind == 'r' || kind == 't') {
        return {at + 2, kind == 't' ? " " : "\n", false};
    }
    if (kind == '"' || kind == '\'' || kind == '/') {
        return {at + 2, std::string(1, kind), false};
    }
    if (hex_value(kind) < 4) {
        const Number number = read_number(text, at + 1, 8, 3);
        return number.digits == 3 && number.value >= 0x20
                   ? Escape{number.end, std::string(1, static_cast<char>(number.value)), true}
                   : Escape{};
    }
    return read_hex_escape(text, at);
}

// U+0041, with the blank that parts it from the next one.
Escape read_code_point(std::string_view text, std::size_t at) {
    if (at + 5 >= text.size() || text[at + 1] != '+') {
        return {};
    }
    const Number number = read_number(text, at + 2, 16, 6);
    if (number.digits < 4) {
        return {};
    }
    const bool more = text.substr(number.end, 3) == " U+" || text.substr(number.end, 3) == ",U+";
    return character(number.value, number.end + (more ? 1 : 0));
}

}  // namespace

Rewritten unescape_percent(std::string_view source) {
    const bool plus = source.find(' ') == std::string_view::npos;
    Rewriter out(source);
    std::size_t at = 0;
    const std::string_view wanted = plus ? "%+" : "%";
    while ((at = source.find_first_of(wanted, at)) != std::string_view::npos) {
        const auto byte = exact_hex(source, at + 1, 2);
        if (source[at] == '+') {
            out.copy_to(at);
            out.skip_to(at + 1, " ");
        } else if (byte) {
            const char c = static_cast<char>(*byte);
            out.copy_to(at);
            out.replace(std::string_view(&c, 1), at + 3);
        } else if (source.substr(at + 1, 1) == "u") {
            const auto value = exact_hex(source, at + 2, 4);
            const Escape escape = value ? character(*value, at + 6) : Escape{};
            if (escape.end != 0) {
                out.copy_to(at);
                out.replace(escape.text, escape.end);
            }
        }
        at = std::max(at + 1, out.at());
    }
    return out.finish();
}

Rewritten unescape_entities(std::string_view source) {
    Rewriter out(source);
    std::size_t at = 0;
    while ((at = source.find('&', at)) != std::string_view::npos) {
        const Escape escape = read_entity(source, at);
        if (escape.end == 0) {
            ++at;
            continue;
        }
        out.copy_to(at);
        out.replace(escape.text, escape.end);
        at = escape.end;
    }
    return out.finish();
}

UnescapedBackslashes unescape_backslashes(std::string_view source) {
    Rewriter out(source);
    std::size_t spelled = 0;
    std::size_t at = 0;
    while ((at = source.find_first_of("\\U", at)) != std::string_view::npos) {
        const bool backslash = source[at] == '\\';
        const Escape escape = backslash ? read_backslash(source, at) : read_code_point(source, at);
        if (escape.end == 0) {
            // A doubled backslash stands for itself; what follows it is plain.
            at += backslash ? 2 : 1;
            continue;
        }
        out.copy_to(at);
        out.replace(escape.text, escape.end);
        spelled += escape.spelled ? 1 : 0;
        at = escape.end;
    }
    return {out.finish(), spelled};
}

}  // namespace credence::guard
