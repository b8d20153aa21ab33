#include "capabilities/trust/evidence/markdown.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMinFence = 3;
constexpr std::string_view kHexDigits = "0123456789abcdef";

std::size_t longest_run(std::string_view text, char wanted) {
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : text) {
        run = c == wanted ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return longest;
}

void append_hex_byte(unsigned char byte, std::string& out) {
    out += "\\x";
    out += kHexDigits[byte >> 4U];
    out += kHexDigits[byte & 0x0FU];
}

// The code point of a three-byte sequence at `at`, or 0. All that turn or hide text have three.
std::uint32_t three_byte_point(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i]));
    };
    if (at + 2 >= text.size() || (byte(0) & 0xF0U) != 0xE0U) {
        return 0;
    }
    return ((byte(0) & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
}

// Zero-width characters, bidirectional controls, separators of lines, byte-order mark.
bool misleads(std::uint32_t point) {
    return (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF;
}

void append_point(std::uint32_t point, std::string& out) {
    out += "\\u{";
    for (int shift = 12; shift >= 0; shift -= 4) {
        out += kHexDigits[(point >> static_cast<unsigned>(shift)) & 0x0FU];
    }
    out += '}';
}

}  // namespace

std::string visible(std::string_view text) {
    const std::string valid = to_valid_utf8(text);
    std::string out;
    out.reserve(valid.size());
    for (std::size_t i = 0; i < valid.size(); ++i) {
        const auto byte = static_cast<unsigned char>(valid[i]);
        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) {
            append_hex_byte(byte, out);
            continue;
        }
        // U+0080 … U+009F are control characters too.
        if (byte == 0xC2 && i + 1 < valid.size() &&
            static_cast<unsigned char>(valid[i + 1]) < 0xA0) {
            append_hex_byte(static_cast<unsigned char>(valid[i + 1]), out);
            ++i;
            continue;
        }
        if (const std::uint32_t point = three_byte_point(valid, i); misleads(point)) {
            append_point(point, out);
            i += 2;
            continue;
        }
        out += valid[i];
    }
    return out;
}

std::string fenced(std::string_view text) {
    const std::string shown = visible(text);
    const std::string fence(std::max(kMinFence, longest_run(shown, '`') + 1), '`');
    std::string out = fence + "text\n" + shown;
    if (!shown.empty() && !shown.ends_with('\n')) {
        out += '\n';
    }
    return out + fence + "\n";
}

std::string code_span(std::string_view text) {
    std::string shown;
    for (const char c : visible(text)) {
        if (c == '\n') {
            shown += "\\n";
        } else if (c == '|') {
            shown += "\\|";
        } else {
            shown += c;
        }
    }
    if (shown.empty()) {
        return "(empty)";
    }
    const std::string delimiter(longest_run(shown, '`') + 1, '`');
    const bool pad = shown.front() == '`' || shown.back() == '`';
    const std::string space = pad ? " " : "";
    return delimiter + space + shown + space + delimiter;
}

}  // namespace credence::trust
