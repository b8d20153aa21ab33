#include "capabilities/guard/media/encoding.h"

#include <array>

#include "base/text.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxRuns = 64;
constexpr std::size_t kLookBytes = 4096;

// What code page 1252 puts in 0x80..0x9f.
constexpr std::array<char16_t, 32> kWindowsHigh = {
    0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178};

struct ZeroCount {
    std::size_t even = 0;
    std::size_t odd = 0;
};

ZeroCount count_zeros(std::string_view bytes) {
    ZeroCount count;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == '\0') {
            ++(i % 2 == 0 ? count.even : count.odd);
        }
    }
    return count;
}

// Mostly Latin text in UTF-16 has a zero in every other byte, and hardly one in the others.
bool looks_like_utf16(std::string_view bytes, Endian& endian) {
    const std::string_view look = bytes.substr(0, kLookBytes);
    if (look.size() < 8) {
        return false;
    }
    const ZeroCount zeros = count_zeros(look);
    const std::size_t half = look.size() / 2;
    if (zeros.odd * 10 >= half * 6 && zeros.even * 20 <= half) {
        endian = Endian::little;
        return true;
    }
    if (zeros.even * 10 >= half * 6 && zeros.odd * 20 <= half) {
        endian = Endian::big;
        return true;
    }
    return false;
}

// The length of the UTF-8 character at `at`, 0 when it is none or not printable.
std::size_t printable_length(std::string_view bytes, std::size_t at) {
    const unsigned char first = byte_at(bytes, at);
    if (first < 0x80) {
        const bool blank = first == '\t' || first == '\n' || first == '\r';
        return blank || (first >= 0x20 && first != 0x7f) ? 1 : 0;
    }
    const std::size_t length = first >= 0xf0 && first < 0xf5   ? 4
                               : first >= 0xe0 && first < 0xf0 ? 3
                               : first >= 0xc2 && first < 0xe0 ? 2
                                                               : 0;
    if (length == 0 || at + length > bytes.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(bytes, at + i) & 0xc0U) != 0x80) {
            return 0;
        }
    }
    return length;
}

}  // namespace

void append_utf8(std::string& out, char32_t code) {
    const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0U | code >> 6U);
        put(0x80U | (code & 0x3fU));
    } else if (code < 0x10000) {
        if (code >= 0xd800 && code < 0xe000) {
            return;
        }
        put(0xe0U | code >> 12U);
        put(0x80U | (code >> 6U & 0x3fU));
        put(0x80U | (code & 0x3fU));
    } else if (code <= 0x10ffff) {
        put(0xf0U | code >> 18U);
        put(0x80U | (code >> 12U & 0x3fU));
        put(0x80U | (code >> 6U & 0x3fU));
        put(0x80U | (code & 0x3fU));
    }
}

char32_t windows1252(unsigned char byte) {
    return byte >= 0x80 && byte < 0xa0 ? char32_t{kWindowsHigh[byte - 0x80U]} : char32_t{byte};
}

std::string from_latin1(std::string_view bytes) {
    std::string out;
    for (const char byte : bytes) {
        append_utf8(out, static_cast<unsigned char>(byte));
    }
    return out;
}

std::string from_windows1252(std::string_view bytes) {
    std::string out;
    for (const char byte : bytes) {
        append_utf8(out, windows1252(static_cast<unsigned char>(byte)));
    }
    return out;
}

std::string from_utf16(std::string_view bytes, Endian endian) {
    std::size_t at = 0;
    if (bytes.starts_with("\xff\xfe")) {
        endian = Endian::little;
        at = 2;
    } else if (bytes.starts_with("\xfe\xff")) {
        endian = Endian::big;
        at = 2;
    }
    std::string out;
    char32_t high = 0;
    for (; at + 1 < bytes.size(); at += 2) {
        const auto unit = static_cast<char32_t>(read_number(bytes, at, 2, endian));
        if (unit >= 0xd800 && unit < 0xdc00) {
            high = unit;
        } else if (unit >= 0xdc00 && unit < 0xe000) {
            append_utf8(
                out, high == 0 ? 0xfffdU : 0x10000 + ((high - 0xd800U) << 10U) + (unit - 0xdc00U));
            high = 0;
        } else {
            append_utf8(out, unit);
            high = 0;
        }
    }
    return out;
}

std::string from_utf32(std::string_view bytes, Endian endian) {
    std::string out;
    for (std::size_t at = 0; at + 3 < bytes.size(); at += 4) {
        const auto code = static_cast<char32_t>(read_number(bytes, at, 4, endian));
        if (code != 0xfeff) {
            append_utf8(out, code);
        }
    }
    return out;
}

std::string from_unknown(std::string_view bytes) {
    if (bytes.starts_with("\xef\xbb\xbf")) {
        return to_valid_utf8(bytes.substr(3));
    }
    if (bytes.starts_with(std::string_view("\xff\xfe\0\0", 4))) {
        return from_utf32(bytes, Endian::little);
    }
    if (bytes.starts_with(std::string_view("\0\0\xfe\xff", 4))) {
        return from_utf32(bytes, Endian::big);
    }
    Endian endian = Endian::little;
    if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff") ||
        looks_like_utf16(bytes, endian)) {
        return from_utf16(bytes, endian);
    }
    return is_valid_utf8(bytes) ? std::string(bytes) : from_windows1252(bytes);
}

bool looks_like_text(std::string_view bytes) {
    Endian endian = Endian::little;
    if (bytes.empty()) {
        return false;
    }
    if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff") ||
        looks_like_utf16(bytes, endian)) {
        return true;
    }
    std::size_t control = 0;
    std::size_t high = 0;
    const std::string_view look = bytes.substr(0, kLookBytes);
    for (std::size_t at = 0; at < look.size();) {
        const std::size_t length = printable_length(look, at);
        if (length == 0) {
            // A character cut off by the end of the look is no evidence.
            const auto byte = static_cast<unsigned char>(look[at]);
            ++(byte < 0x80 ? control : high);
        }
        at += std::max<std::size_t>(length, 1);
    }
    return control * 200 <= look.size() && high * 5 <= look.size();
}

std::vector<ByteSpan> text_runs(std::string_view bytes, std::size_t min_bytes) {
    std::vector<ByteSpan> runs;
    std::size_t start = 0;
    bool blank = false;
    for (std::size_t at = 0; at <= bytes.size() && runs.size() < kMaxRuns;) {
        const std::size_t length = at < bytes.size() ? printable_length(bytes, at) : 0;
        if (length == 0) {
            if (blank && at - start >= min_bytes) {
                runs.push_back({start, at});
            }
            start = ++at;
            blank = false;
            continue;
        }
        blank = blank || bytes[at] == ' ' || length > 2;
        at += length;
    }
    return runs;
}

}  // namespace credence::guard
