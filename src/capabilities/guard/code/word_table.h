// A fixed set of lower-case words with a value each, looked up by hash; built while compiling.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace credence::guard {

template <class Value>
struct WordEntry {
    std::string_view word;
    Value value;
};

// Open addressing over four times as many slots as words. Most misses cost one look at a table of
// first letters and sizes.
template <class Value, std::size_t kWords>
class WordTable {
public:
    consteval explicit WordTable(const std::array<WordEntry<Value>, kWords>& entries)
        : entries_(entries) {
        for (std::size_t i = 0; i < kWords; ++i) {
            std::size_t slot = hash(entries_[i].word) & (kSlots - 1);
            while (slots_[slot] != 0) {
                slot = (slot + 1) & (kSlots - 1);
            }
            slots_[slot] = static_cast<std::uint16_t>(i + 1);
            sizes_[pair_of(entries_[i].word)] |= size_bit(entries_[i].word);
        }
    }

    // Null when the word is not in the table.
    [[gnu::always_inline]] constexpr const Value* find(std::string_view word) const {
        if (word.empty() || (sizes_[pair_of(word)] & size_bit(word)) == 0) {
            return nullptr;
        }
        return find_listed(word);
    }

private:
    constexpr const Value* find_listed(std::string_view word) const {
        std::size_t slot = hash(word) & (kSlots - 1);
        while (slots_[slot] != 0) {
            const WordEntry<Value>& entry = entries_[slots_[slot] - 1U];
            if (entry.word == word) {
                return &entry.value;
            }
            slot = (slot + 1) & (kSlots - 1);
        }
        return nullptr;
    }

    static constexpr std::size_t pair_of(std::string_view word) {
        const auto second = static_cast<unsigned char>(word[word.size() > 1 ? 1 : 0]);
        return (static_cast<unsigned char>(word[0]) & 31U) * 32U + (second & 31U);
    }
    static constexpr std::uint32_t size_bit(std::string_view word) {
        return 1U << (word.size() < 31 ? word.size() : 31U);
    }
    static constexpr std::size_t slots_for(std::size_t words) {
        std::size_t slots = 16;
        while (slots < words * 4) {
            slots *= 2;
        }
        return slots;
    }
    static constexpr std::size_t kSlots = slots_for(kWords);

    // Four letters and the length tell most words apart; comparing settles the rest.
    static constexpr std::size_t hash(std::string_view word) {
        const auto letter = [&](std::size_t at) {
            return static_cast<std::uint32_t>(static_cast<unsigned char>(word[at]));
        };
        const std::size_t size = word.size();
        std::uint32_t value = letter(0) | (letter(size / 2) << 8U) | (letter(size - 1) << 16U) |
                              (letter(size > 2 ? 2 : 0) << 24U);
        value = (value ^ (static_cast<std::uint32_t>(size) * 0x85EBCA6BU)) * 0x9E3779B1U;
        return value ^ (value >> 15U);
    }

    std::array<WordEntry<Value>, kWords> entries_;
    std::array<std::uint16_t, kSlots> slots_{};
    // For every pair of first letters, one bit for each size of the words that begin so.
    std::array<std::uint32_t, 1024> sizes_{};
};

}  // namespace credence::guard
