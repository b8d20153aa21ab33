// Random text of mixed scripts, invisible characters, marks and broken UTF-8, for tests.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "capabilities/guard/text/fold_table.h"

namespace credence::guard {

inline std::string utf8(char32_t c) {
    std::string out;
    append_utf8(c, out);
    return out;
}

// Folds that are ours and not ICU's; normalise_test.cpp names them.
inline bool is_own_fold(char32_t c) {
    static const std::u32string kOwn =
        U"\u2018\u2019\u201A\u201B\u2039\u203A\u201C\u201D\u201E\u201F\u00AB\u00BB\u300C\u300D"
        U"\u300E"
        U"\u300F\u3001\u3002\u060C\u061B\u061F\u0964\u06D4\u00BF\u00A1\u2010\u2011\u2012\u2013"
        U"\u2014"
        U"\u2015\u2212\u00B4\u2032\u2033\u3010\u3011\u300A\u300B\u00F8\u00D8\u0142\u0141\u0111"
        U"\u0110"
        U"\u0131\u0130\u0127\u0126\u00E6\u00C6\u0153\u0152\u00F0\u00FE\u0622\u0623\u0625\u0671"
        U"\u0649"
        U"\u06CC\u06A9\u0640\u0451\u0401\u1D00\u0299\u1D04\u1D05\u1D07\uA730\u0262\u029C\u026A"
        U"\u1D0A"
        U"\u1D0B\u029F\u1D0D\u0274\u1D0F\u1D18\uA7AF\u0280\uA731\u1D1B\u1D1C\u1D20\u1D21\u028F"
        U"\u1D22"
        U"\u0261\u0251\u1D7C";
    return kOwn.find(c) != std::u32string::npos || (c >= 0x2801 && c <= 0x28FF) ||
           (c >= 0x1F130 && c <= 0x1F1FF);
}

class RandomText {
public:
    std::string next() {
        std::string text;
        const auto length = pick(36);
        for (std::uint32_t i = 0; i < length; ++i) {
            add(text);
        }
        // Broken bytes may have met to form one of our own folds.
        for (std::size_t at = 0; at < text.size();) {
            const CodePoint point = decode_utf8(text, at);
            text.replace(at, is_own_fold(point.value) ? point.bytes : 0U, "");
            at += is_own_fold(point.value) ? 0U : point.bytes;
        }
        return text;
    }

private:
    std::uint32_t pick(std::uint32_t below) {
        return static_cast<std::uint32_t>(random_() % below);
    }

    void add(std::string& text) {
        struct Range {
            char32_t first;
            char32_t last;
        };
        static constexpr Range kRanges[] = {
            {'a', 'z'},       {'a', 'z'},         {'A', 'Z'},         {' ', '@'},
            {' ', ' '},       {0, 0x7F},          {0xA0, 0x24F},      {0x250, 0x2AF},
            {0x300, 0x36F},   {0x370, 0x3FF},     {0x400, 0x4FF},     {0x430, 0x44F},
            {0x430, 0x44F},   {0x531, 0x586},     {0x590, 0x6FF},     {0x900, 0x97F},
            {0xE00, 0xE5B},   {0x1100, 0x1200},   {0x13A0, 0x13F5},   {0x1E00, 0x1FFF},
            {0x2000, 0x206F}, {0x2070, 0x214F},   {0x2460, 0x24FF},   {0x3040, 0x30FF},
            {0x4E00, 0x4E80}, {0xAC00, 0xAC80},   {0xFB00, 0xFB4F},   {0xFE00, 0xFE0F},
            {0xFF00, 0xFFEF}, {0x1D400, 0x1D7FF}, {0x1F600, 0x1F64F}, {0xE0000, 0xE01EF}};
        const std::uint32_t kind = pick(40);
        if (kind == 39) {
            text += static_cast<char>(0x80 + pick(0x80));
            return;
        }
        if (kind == 38) {
            const char32_t c = 0x10000 + pick(0x100000);
            text += is_own_fold(c) ? "" : utf8(c).substr(0, 1 + pick(4));
            return;
        }
        const Range range = kRanges[kind % (sizeof kRanges / sizeof kRanges[0])];
        const char32_t c =
            range.first + pick(static_cast<std::uint32_t>(range.last - range.first + 1));
        text += is_own_fold(c) ? "o" : utf8(c);
    }

    std::mt19937 random_{20240815};
};

}  // namespace credence::guard
