#include <array>
#include <bit>
#include <cstdint>

#include "capabilities/guard/code/code_features.h"
#include "capabilities/guard/code/code_vocabulary.h"
#include "capabilities/guard/code/prose_bits.h"
#include "capabilities/guard/code/scan.h"

namespace credence::guard {

namespace {

constexpr std::size_t kShortTextBytes = 256;  // a text as short as this is looked at as a whole
constexpr std::size_t kSampleBytes = 64;      // of every kSampleStride of a longer one
constexpr std::size_t kSampleStride = 128;
constexpr int kSignsOfCode = 3;  // in one sample
constexpr std::size_t kMaxLookedBytes = 120;

// A byte is a sign of code where kSignNow of it meets kSignBefore of the byte before it.
constexpr std::uint8_t kAnywhere = 1;
constexpr std::uint8_t kAfterLetter = 2;
constexpr std::uint8_t kAfterBlank = 4;
constexpr std::uint8_t kNotAfterLetter = 8;

constexpr std::array<std::uint8_t, 256> kSignNow = [] {
    std::array<std::uint8_t, 256> bits{};
    for (const char c : std::string_view("|&;$<>{}[]\\=`~_*")) {
        bits[static_cast<std::size_t>(c)] = kAnywhere;
    }
    bits['('] = kAfterLetter;
    bits['-'] = kAfterBlank;
    bits['/'] = kNotAfterLetter;
    return bits;
}();

constexpr std::array<std::uint8_t, 256> kSignBefore = [] {
    std::array<std::uint8_t, 256> bits{};
    bits.fill(kAnywhere | kNotAfterLetter);
    for (std::size_t i = 0; i < 26; ++i) {
        bits['a' + i] = bits['A' + i] = kAnywhere | kAfterLetter;
    }
    for (const char c : {' ', '\n', '\t', '-'}) {
        bits[static_cast<std::size_t>(c)] = kAnywhere | kNotAfterLetter | kAfterBlank;
    }
    return bits;
}();

int signs_in(std::string_view text) {
    static_assert(kSignNow['a'] == 0 && kSignNow['Z'] == 0 && kSignNow[' '] == 0 &&
                  kSignNow[','] == 0);
    int count = 0;
    const char* const bytes = text.data();
    const auto look = [&](std::size_t i) {
        const char before = i == 0 ? ' ' : bytes[i - 1];
        const unsigned met = kSignNow[static_cast<unsigned char>(bytes[i])] &
                             kSignBefore[static_cast<unsigned char>(before)];
        count += met != 0 ? 1 : 0;
    };
    std::size_t at = 0;
    for (; at + kProseBlock <= text.size(); at += kProseBlock) {
        for (std::uint64_t bits = unlike_prose(bytes + at); bits != 0; bits &= bits - 1) {
            look(at + static_cast<unsigned>(std::countr_zero(bits)));
        }
    }
    for (; at < text.size(); ++at) {
        look(at);
    }
    return count;
}

std::string_view first_word(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size() && end < kMaxLookedBytes && !is_blank(text[end])) {
        ++end;
    }
    return text.substr(0, end);
}

}  // namespace

CodeLook look_for_code(std::string_view text) {
    if (text.size() <= kShortTextBytes) {
        const bool command = is_command_group(word_group(word_hash(first_word(text))));
        return {command || signs_in(text) > 0, text.size()};
    }
    CodeLook look;
    for (std::size_t i = 0; i < text.size() && !look.is_code; i += kSampleStride) {
        const std::string_view sample = text.substr(i, kSampleBytes);
        look.is_code = signs_in(sample) >= kSignsOfCode;
        look.steps += sample.size();
    }
    return look;
}

}  // namespace credence::guard
