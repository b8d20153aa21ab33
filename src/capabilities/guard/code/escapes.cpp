#include "capabilities/guard/code/escapes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "capabilities/guard/code/scan.h"

namespace credence::guard {

namespace {

constexpr ByteSet kEscapes("%\\&");
constexpr std::size_t kLongBytes = 8192;
constexpr std::size_t kNearBytes = 300;  // around an escape, in long texts
constexpr std::size_t kMaxEntity = 10;   // bytes of a numeric one

// What an escape stands for; length 0 for none.
struct Escape {
    int value = -1;
    std::size_t length = 0;
};

struct Entity {
    std::string_view name;
    char sign;
};

constexpr Entity kEntities[] = {
    {"&lt;", '<'},   {"&gt;", '>'},   {"&quot;", '"'},  {"&amp;", '&'},  {"&apos;", '\''},
    {"&lpar;", '('}, {"&rpar;", ')'}, {"&colon;", ':'}, {"&tab;", '\t'}, {"&newline;", '\n'},
};

int hex_value(char c) {
    return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The value of so many hexadecimal digits; -1 when one is none.
int hex_at(std::string_view text, std::size_t from, std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const int digit = from + i < text.size() ? hex_value(text[from + i]) : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

Escape entity_at(std::string_view text) {
    constexpr ByteSet kFirst("#lgqarctn");
    if (text.size() < 2 || !kFirst.has(text[1])) {
        return {};
    }
    if (text[1] != '#') {
        for (const Entity& entity : kEntities) {
            if (text.starts_with(entity.name)) {
                return {entity.sign, entity.name.size()};
            }
        }
        return {};
    }
    const bool sixteen = text.size() > 2 && text[2] == 'x';
    std::size_t end = sixteen ? 3 : 2;
    int value = 0;
    while (end < text.size() && end < kMaxEntity && hex_value(text[end]) >= 0 &&
           (sixteen || is_digit(text[end]))) {
        value = value * (sixteen ? 16 : 10) + hex_value(text[end]);
        ++end;
    }
    return {value, end + (end < text.size() && text[end] == ';' ? 1 : 0)};
}

// The byte that the escape at `at` stands for, and its length; 0 for none.
std::size_t escape_at(std::string_view text, std::size_t at, char& byte) {
    Escape escape;
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (text[at] == '%') {
        escape = {hex_at(text, at + 1, 2), 3};
    } else if (text[at] == '\\' && (next == 'x' || next == 'u')) {
        const std::size_t digits = next == 'x' ? 2 : 4;
        escape = {hex_at(text, at + 2, digits), 2 + digits};
    } else if (text[at] == '&') {
        escape = entity_at(text.substr(at, 16));
    }
    if (escape.value < 9 || escape.value > 126) {
        return 0;
    }
    const int lower = escape.value >= 'A' && escape.value <= 'Z' ? 32 : 0;
    byte = static_cast<char>(escape.value + lower);
    return escape.length;
}

}  // namespace

bool decode_escapes(std::string_view text, std::string& decoded,
                    std::vector<std::uint32_t>& origins) {
    std::vector<std::uint32_t> origins_now;
    decoded.clear();
    bool any = false;
    char ignored = 0;
    std::size_t first = kEscapes.find_in(text);
    while (first != std::string_view::npos && escape_at(text, first, ignored) == 0) {
        first = kEscapes.find_in(text, first + 1);
    }
    if (first == std::string_view::npos) {
        return false;
    }
    decoded.reserve(text.size());
    origins_now.reserve(text.size() + 1);
    // Of long texts only what stands near escapes is read again.
    std::size_t until = text.size() > kLongBytes ? 0 : text.size();
    for (std::size_t at = 0; at < text.size();) {
        if (at >= until) {
            const std::size_t next = kEscapes.find_in(text, at);
            if (next == std::string_view::npos) {
                break;
            }
            at = std::max(at, next - std::min(next, kNearBytes));
            until = next + 1;
        }
        char byte = text[at];
        std::size_t length =
            byte == '%' || byte == '\\' || byte == '&' ? escape_at(text, at, byte) : 0;
        any = any || length > 0;
        until = length > 0 ? std::max(until, at + length + kNearBytes) : until;
        length = std::max<std::size_t>(length, 1);
        origins_now.push_back(origins.empty() ? static_cast<std::uint32_t>(at) : origins[at]);
        decoded.push_back(byte);
        at += length;
    }
    if (any) {
        origins_now.push_back(origins.empty() ? static_cast<std::uint32_t>(text.size())
                                              : origins.back());
        origins = std::move(origins_now);
    }
    return any;
}

}  // namespace credence::guard
