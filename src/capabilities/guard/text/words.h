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
#include "capabilities/guard/text/word_hash.h"

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
    // Of a word inside a text.
    [[gnu::always_inline]] Known look_up(std::string_view text, ByteSpan word) const {
        const std::uint32_t slot =
            slot_of({text.data() + word.start, word.end - word.start}, text.size() - word.start);
        return {slot != 0, static_cast<Role>((slot >> kNumberBits) & 7U)};
    }
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

    static constexpr std::size_t kMaxWord = 32;  // bytes; longer tokens are no listed word

private:
    static constexpr std::size_t kSlots = 16384;
    static constexpr std::uint32_t kNumberBits = 13;  // of a slot: fingerprint, role, number
    static constexpr std::size_t kBuckets = 26 * 26;
    static constexpr std::size_t kMinEdited = 6;  // letters of a key word that may be mistyped

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
    void index_buckets();
    void take_slot(std::string_view word, std::size_t number);
    void set_roles(std::string_view list, Role role);
    // 0: not listed. `readable` bytes may be read from the word's first on.
    [[gnu::always_inline]] std::uint32_t slot_of(std::string_view word,
                                                 std::size_t readable) const {
        if (word.size() > kMaxWord) [[unlikely]] {
            return 0;
        }
        const std::uint64_t hash = listed::word_hash(word.data(), word.size(), readable);
        for (std::size_t slot = (hash >> 20U) % kSlots; slots_[slot] != 0;
             slot = (slot + 1) % kSlots) {
            if ((slots_[slot] >> 16U) == (hash >> 48U)) {
                return slots_[slot];
            }
        }
        return 0;
    }
    std::size_t find(std::string_view word) const;  // index, or entries_.size()

    std::string plurals_;                 // what entries of plurals point into
    std::vector<Entry> entries_;          // by bucket, then length
    std::vector<std::uint64_t> letters_;  // of the entries
    std::vector<std::uint8_t> mistyped_;  // 1 for those that may be
    // Of each bucket and size: the first entry of that size or above.
    std::vector<std::uint16_t> from_;
    std::array<std::uint32_t, kSlots> slots_{};
};

}  // namespace credence::guard
