// What every recogniser of harmful code works on: the text in lower case, and where findings go.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "capabilities/guard/detected.h"

namespace credence::guard {

inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
inline bool is_letter(char c) {  // of lower-cased text
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline bool is_name(char c) {
    static constexpr std::array<bool, 256> kNames = [] {
        std::array<bool, 256> names{};
        for (std::size_t i = 0; i < 256; ++i) {
            names[i] = (i >= '0' && i <= '9') || (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z') ||
                       i == '_';
        }
        return names;
    }();
    return kNames[static_cast<unsigned char>(c)];
}
inline bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
inline bool is_quote_sign(char c) {
    return c == '\'' || c == '"' || c == '`';
}

// A string literal with its length, so that comparing costs no search for its end.
template <std::size_t kSize>
constexpr std::string_view literal(const char (&word)[kSize]) {
    return {word, kSize - 1};
}

// Whether `text` contains any of the words. For texts of bounded length.
template <std::size_t... kSizes>
bool has_any(std::string_view text, const char (&... words)[kSizes]) {
    return (... || (text.find(literal(words)) != std::string_view::npos));
}

template <std::size_t... kSizes>
bool starts_any(std::string_view text, const char (&... words)[kSizes]) {
    return (... || text.starts_with(literal(words)));
}

template <std::size_t... kSizes>
bool is_any(std::string_view text, const char (&... words)[kSizes]) {
    return (... || (text == literal(words)));
}

// A set of bytes to look for; std::string_view::find_first_of searches the set anew for every byte.
class ByteSet {
public:
    consteval explicit ByteSet(std::string_view bytes) {
        for (const char c : bytes) {
            has_[static_cast<unsigned char>(c)] = true;
        }
    }

    bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }

    std::size_t find_in(std::string_view text, std::size_t from = 0) const {
        for (std::size_t i = from; i < text.size(); ++i) {
            if (has(text[i])) {
                return i;
            }
        }
        return std::string_view::npos;
    }

private:
    std::array<bool, 256> has_{};
};

class CodeScan {
public:
    CodeScan(std::string_view lower, std::vector<Detected>& found) : text(lower), found_(found) {}

    // The text in lower case (ASCII letters only), byte for byte as long as the original.
    const std::string_view text;

    // Keeps at most kMaxOfAKind findings of a kind: more change no verdict.
    void add(Detector detector, std::size_t start, std::size_t end, double confidence);
    bool full() const { return found_.size() >= kMaxDetected; }
    bool has(Detector detector) const { return counts_[static_cast<std::size_t>(detector)] > 0; }

    char at(std::size_t index) const { return index < text.size() ? text[index] : '\0'; }
    // The next index that holds no blank (at most kMaxBlanks on), and the one after the last
    // such before `index`.
    std::size_t skip_blanks(std::size_t index) const;
    std::size_t back_blanks(std::size_t index) const;
    std::string_view around(std::size_t index, std::size_t before, std::size_t after) const;

private:
    static constexpr std::uint8_t kMaxOfAKind = 4;

    std::vector<Detected>& found_;
    std::array<std::uint8_t, kDetectors> counts_{};
};

// The recognisers. Each is linear in the text and looks at bounded stretches around its anchors.
void find_shell(CodeScan& scan);     // commands, pipes, redirections: shell.cpp
void find_anchored(CodeScan& scan);  // everything that a word announces: anchors.cpp
// Separators put before a command at the edge of a value; `parted`: the text holds separators.
void find_injection(CodeScan& scan, bool parted);
void find_shuffled(CodeScan& scan);   // "{1}{0}" -f: windows.cpp
void find_disguises(CodeScan& scan);  // spellings that hide
void find_traversal(CodeScan& scan);  // ways out of a directory, in many encodings

}  // namespace credence::guard
