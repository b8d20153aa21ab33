// What the normaliser does with each byte of ASCII.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace credence::guard {

enum class Ascii : std::uint8_t { plain, blank, line, control, high };

constexpr std::array<Ascii, 256> make_ascii_kinds() {
    std::array<Ascii, 256> kinds{};
    for (std::size_t i = 0; i < 256; ++i) {
        kinds[i] = i >= 0x80                 ? Ascii::high
                   : (i < 0x20 || i == 0x7F) ? Ascii::control
                                             : Ascii::plain;
    }
    kinds[' '] = kinds['\t'] = kinds['\v'] = Ascii::blank;
    kinds['\n'] = kinds['\r'] = kinds['\f'] = Ascii::line;
    return kinds;
}

constexpr std::array<char, 256> make_lower() {
    std::array<char, 256> lower{};
    for (std::size_t i = 0; i < 256; ++i) {
        lower[i] = static_cast<char>(i >= 'A' && i <= 'Z' ? i + 32 : i);
    }
    return lower;
}

inline constexpr auto kAscii = make_ascii_kinds();
inline constexpr auto kLower = make_lower();

}  // namespace credence::guard
