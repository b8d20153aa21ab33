// A small list of words: tells language from noise, finds scrambled and mistyped key words, and
// parts words that were run together. Read-only after construction, thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

class Words {
public:
    // The embedded list; built at the first call (about a millisecond).
    static const Words& embedded();
    Words(const Words&) = delete;
    Words& operator=(const Words&) = delete;

    // What part the word takes in a sentence: tells the order of words.
    enum class Role : std::uint8_t { other, determiner, linker, verb, noun };
    struct Known {
        bool listed = false;
        Role role = Role::other;
    };
    Known look_up(std::string_view text, ByteSpan word) const;  // of a word inside a text
    // In the list. Lower case, marks stripped; about 3 ns.
    bool contains(std::string_view word) const;
    // The same for the letters reversed (by character).
    bool contains_reversed(std::string_view word) const;

    struct Meant {
        std::string_view word;  // empty: none
        int evidence = 0;       // 1: weak, 2: enough by itself
    };
    // The listed word that an unlisted ASCII token was meant as: same first and last letter, and
    // the same letters in another order, or a key word one edit away. Linear in the token, times
    // the few words with these two letters.
    Meant meant(std::string_view token) const;

    // Parts letters that were run together: "ignorealltherules" -> "ignore all the rules"; what is
    // no word stays together. `known` counts the letters of listed words. At most kMaxSegment
    // letters; about 100 ns a letter.
    struct Segmented {
        std::vector<std::size_t> starts;  // of words, ascending, from 0
        std::size_t known = 0;
        std::size_t keys = 0;  // key words among them
    };
    Segmented segment(std::string_view letters) const;
    static constexpr std::size_t kMaxSegment = 512;
    static constexpr std::size_t kMinScrambled =
        4;  // letters of a word that is tried in other orders

private:
    static constexpr std::size_t kSlots = 16384;
    static constexpr std::uint32_t kNumberBits = 13;  // of a slot: fingerprint, role, number
    static constexpr std::size_t kBuckets = 26 * 26;

    struct Entry {
        std::string_view text;
        std::uint64_t letters = 0;  // the same for every order
        bool key = false;
        Role role = Role::other;
    };

    Words();
    void add(std::string_view list, bool key);
    void add_word(std::string_view word, bool key);
    void add_plurals();
    void give_slots();
    void take_slot(std::string_view word, std::size_t number);
    void set_roles(std::string_view list, Role role);
    std::uint32_t slot_of(std::string_view word, std::size_t readable) const;  // 0: not listed
    std::size_t find(std::string_view word) const;  // index, or entries_.size()

    std::string plurals_;                     // what entries of plurals point into
    std::vector<Entry> entries_;              // by bucket, then length
    std::vector<std::uint8_t> sizes_;         // of the entries
    std::vector<std::uint16_t> bucket_from_;  // kBuckets + 1
    std::array<std::uint32_t, kSlots> slots_{};
};

}  // namespace credence::guard
