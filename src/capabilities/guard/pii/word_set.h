// A constant set of words, hashed while compiling. O(length of the word) a look-up.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace credence::guard {

// Slots must be a power of two, at least twice the words.
template <std::size_t Slots>
class WordSet {
public:
    // Words parted by single blanks, lower case.
    constexpr explicit WordSet(std::string_view words) {
        while (!words.empty()) {
            const std::size_t blank = words.find(' ');
            const std::string_view word = words.substr(0, blank);
            if (!word.empty()) {
                std::size_t slot = hash(word) % Slots;
                while (!slots_[slot].empty() && slots_[slot] != word) {
                    slot = (slot + 1) % Slots;
                }
                slots_[slot] = word;
            }
            words = blank == std::string_view::npos ? std::string_view() : words.substr(blank + 1);
        }
    }

    constexpr bool contains(std::string_view word) const {
        for (std::size_t slot = hash(word) % Slots; !slots_[slot].empty();
             slot = (slot + 1) % Slots) {
            if (slots_[slot] == word) {
                return true;
            }
        }
        return false;
    }

private:
    static constexpr std::uint64_t hash(std::string_view word) {
        std::uint64_t value = 0xCBF29CE484222325ULL;  // FNV-1a
        for (const char c : word) {
            value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
        }
        return value ^ (value >> 29U);
    }

    std::array<std::string_view, Slots> slots_{};
};

}  // namespace credence::guard
