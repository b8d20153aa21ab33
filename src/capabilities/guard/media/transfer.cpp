#include "capabilities/guard/media/transfer.h"

#include <cstdint>
#include <optional>

#include "base/text.h"

namespace credence::guard {
namespace {

int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

}  // namespace

std::string from_base64_lines(std::string_view text) {
    std::string out;
    unsigned bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const int value = base64_value(c);
        if (value < 0) {
            continue;
        }
        bits = (bits << 6U | static_cast<unsigned>(value)) & 0xffffffU;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> count & 0xffU);
        }
    }
    return out;
}

std::string from_quoted_printable(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '=') {
            out += text[at];
            continue;
        }
        const unsigned high = at + 2 < text.size() ? hex_value(text[at + 1]) : 16;
        const unsigned low = at + 2 < text.size() ? hex_value(text[at + 2]) : 16;
        if (high < 16 && low < 16) {
            out += static_cast<char>(high * 16 + low);
            at += 2;
        } else if (at + 1 < text.size() && text[at + 1] == '\n') {
            ++at;
        } else if (at + 2 < text.size() && text[at + 1] == '\r' && text[at + 2] == '\n') {
            at += 2;
        }
    }
    return out;
}

std::string from_hex_lines(std::string_view text) {
    std::string out;
    std::optional<unsigned> high;
    for (const char c : text) {
        if (c == '>') {
            break;
        }
        const unsigned value = hex_value(c);
        if (value > 15) {
            continue;
        }
        if (!high) {
            high = value;
        } else {
            out += static_cast<char>(*high * 16 + value);
            high.reset();
        }
    }
    if (high) {
        out += static_cast<char>(*high * 16);
    }
    return out;
}

std::string from_ascii85(std::string_view text) {
    std::string out;
    std::uint32_t value = 0;
    int count = 0;
    const auto put = [&](int bytes) {
        for (int i = 0; i < bytes; ++i) {
            out += static_cast<char>(value >> (24U - 8U * static_cast<unsigned>(i)) & 0xffU);
        }
        value = 0;
        count = 0;
    };
    for (const char c : text) {
        if (c == '~') {
            break;
        }
        if (c == 'z' && count == 0) {
            put(4);
        } else if (c >= '!' && c <= 'u') {
            value = value * 85U + static_cast<std::uint32_t>(c - '!');
            if (++count == 5) {
                put(4);
            }
        }
    }
    if (count > 1) {
        const int bytes = count - 1;
        for (; count < 5; ++count) {
            value = value * 85U + 84U;
        }
        put(bytes);
    }
    return out;
}

}  // namespace credence::guard
