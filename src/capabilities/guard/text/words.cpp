#include "capabilities/guard/text/words.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "capabilities/guard/text/word_hash.h"
#include "capabilities/guard/text/word_list.h"

namespace credence::guard {

namespace {

constexpr std::size_t kLongWord = 8;  // a mistyped one this long is evidence enough
constexpr std::size_t kLongScrambled = 6;
constexpr auto kLetterTerms = [] {
    std::array<std::uint64_t, 256> terms{};
    for (std::size_t i = 0; i < terms.size(); ++i) {
        std::uint64_t z = i * listed::kHashMix;
        z = (z ^ (z >> 29U)) * 0xBF58476D1CE4E5B9ULL;
        terms[i] = z ^ (z >> 32U);
    }
    return terms;
}();

// A sum that does not depend on the order of the letters.
std::uint64_t letters_of(std::string_view word) {
    std::uint64_t sum = 0;
    for (const char c : word) {
        sum += kLetterTerms[static_cast<unsigned char>(c)];
    }
    return sum;
}

bool is_latin(char c) {
    return static_cast<unsigned char>(c - 'a') < 26;
}

std::size_t bucket_of(std::string_view word) {
    const char first = word.data()[0];
    const char last = word.data()[word.size() - 1];
    return is_latin(first) && is_latin(last)
               ? static_cast<std::size_t>(first - 'a') * 26 + static_cast<std::size_t>(last - 'a')
               : 26 * 26;
}

// Of a bucket: sizes up to the longest of a listed word and one more.
constexpr std::size_t kPlaces = Words::kMaxWord + 2;
std::size_t place_of(std::string_view word) {
    return bucket_of(word) * kPlaces + word.size();
}

// Two words that begin and end with the same letter: whether the next letter from the front or from
// the back is the same, too, as it is when they are one edit apart.
bool alike_at_an_end(std::string_view a, std::string_view b) {
    return a.data()[1] == b.data()[1] || a.data()[a.size() - 2] == b.data()[b.size() - 2];
}

// One letter replaced, missing or too many.
bool one_edit_apart(std::string_view word, std::string_view other) {
    const bool shorter = word.size() < other.size();
    const std::string_view a = shorter ? word : other;
    const std::string_view b = shorter ? other : word;
    if (b.size() - a.size() > 1) {
        return false;
    }
    std::size_t head = 0;
    while (head < a.size() && a[head] == b[head]) {
        ++head;
    }
    std::size_t tail = 0;
    while (tail < a.size() - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
        ++tail;
    }
    return head + tail + 1 >= b.size();
}

}  // namespace

const Words& Words::embedded() {
    static const Words words;
    return words;
}

void Words::add(std::string_view list, bool key) {
    for (std::size_t at = 0; at < list.size();) {
        const std::size_t end = std::min(list.find(' ', at), list.size());
        add_word(list.substr(at, end - at), key);
        at = end + 1;
    }
}

void Words::add_word(std::string_view word, bool key) {
    if (word.empty() || word.size() > kMaxWord || find(word) != entries_.size()) {
        return;
    }
    entries_.push_back({word, letters_of(word), key, Role::other});
    take_slot(word, entries_.size());
}

void Words::take_slot(std::string_view word, std::size_t number) {
    const std::uint64_t hash = listed::word_hash(word.data(), word.size(), word.size());
    std::size_t slot = (hash >> 20U) % kSlots;
    while (slots_[slot] != 0) {
        slot = (slot + 1) % kSlots;
    }
    slots_[slot] = static_cast<std::uint32_t>((hash >> 48U) << 16U) |
                   (static_cast<std::uint32_t>(entries_[number - 1].role) << kNumberBits) |
                   static_cast<std::uint32_t>(number);
}

void Words::add_plurals() {
    const std::size_t count = entries_.size();
    std::size_t room = 0;
    for (const Entry& entry : entries_) {
        room += entry.text.size() + 1;
    }
    plurals_.reserve(room);  // never moved: entries point into it
    for (std::size_t i = 0; i < count; ++i) {
        const Entry entry = entries_[i];
        if (entry.text.size() < kMinScrambled || !is_latin(entry.text.back()) ||
            entry.text.back() == 's') {
            continue;
        }
        const std::size_t at = plurals_.size();
        plurals_.append(entry.text).push_back('s');
        add_word(std::string_view(plurals_).substr(at), entry.key);
    }
}

Words::Words() {
    add(kKeyWords, true);
    add(kCommonWords, false);
    add_plurals();
    // Sorted by bucket; the slots then follow the new places.
    std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
        const std::size_t first = bucket_of(a.text);
        const std::size_t second = bucket_of(b.text);
        return first != second ? first < second : a.text.size() < b.text.size();
    });
    index_buckets();
    give_slots();
    set_roles(kDeterminers, Role::determiner);
    set_roles(kLinkers, Role::linker);
    set_roles(kVerbs, Role::verb);
    set_roles(kNouns, Role::noun);
    give_slots();
    CHECK(entries_.size() < (1U << kNumberBits), "the word list has outgrown its slots");
}

void Words::set_roles(std::string_view list, Role role) {
    for (std::size_t at = 0; at < list.size();) {
        const std::size_t end = std::min(list.find(' ', at), list.size());
        const std::size_t index = find(list.substr(at, end - at));
        if (index < entries_.size()) {
            entries_[index].role = role;
        }
        at = end + 1;
    }
}

void Words::give_slots() {
    slots_.fill(0);
    for (std::size_t i = entries_.size(); i > 0; --i) {
        take_slot(entries_[i - 1].text, i);
    }
}

// What meant() reads, of entries that stand in their order.
void Words::index_buckets() {
    std::size_t at = 0;
    for (std::size_t place = 0; place <= kBuckets * kPlaces; ++place) {
        while (at < entries_.size() && place_of(entries_[at].text) < place) {
            ++at;
        }
        from_.push_back(static_cast<std::uint16_t>(at));
    }
    for (const Entry& entry : entries_) {
        letters_.push_back(entry.letters);
        mistyped_.push_back(entry.key && entry.text.size() >= kMinEdited ? 1 : 0);
    }
}

std::size_t Words::find(std::string_view word) const {
    const std::uint32_t slot = slot_of(word, word.size());
    return slot == 0 ? entries_.size() : (slot & ((1U << kNumberBits) - 1U)) - 1;
}

bool Words::contains(std::string_view word) const {
    return slot_of(word, word.size()) != 0;
}

bool Words::contains_reversed(std::string_view word) const {
    if (word.size() > kMaxWord) {
        return false;
    }
    std::array<char, kMaxWord> turned{};
    std::size_t to = word.size();
    for (std::size_t at = 0; at < word.size();) {
        std::size_t bytes = 1;
        while (at + bytes < word.size() &&
               (static_cast<unsigned char>(word[at + bytes]) & 0xC0U) == 0x80U) {
            ++bytes;
        }
        to -= bytes;
        std::memcpy(turned.data() + to, word.data() + at, bytes);
        at += bytes;
    }
    return contains({turned.data(), word.size()});
}

Words::Meant Words::meant(std::string_view token) const {
    const std::size_t size = token.size();
    if (size < kMinScrambled || size > kMaxWord) {
        return {};
    }
    const std::size_t bucket = bucket_of(token);
    if (bucket == kBuckets) {
        return {};
    }
    // From here on: those one letter shorter, of the same size, one letter longer.
    const std::uint16_t* const from = from_.data() + bucket * kPlaces + size;
    if (from[-1] == from[2]) {
        return {};
    }
    std::size_t at = from[0];
    for (const std::uint64_t letters = at < from[1] ? letters_of(token) : 0; at < from[1]; ++at) {
        if (letters_[at] == letters) {
            const bool strong = entries_[at].key && size >= kLongScrambled;
            return {entries_[at].text, strong ? 2 : 1};
        }
    }
    // Those of one letter more or less, too; the last one counts.
    const Entry* const entries = entries_.data();
    for (at = from[2]; at > from[-1]; --at) {
        const std::string_view key = entries[at - 1].text;
        if (mistyped_.data()[at - 1] != 0 && alike_at_an_end(token, key) &&
            one_edit_apart(token, key)) {
            return {key, key.size() >= kLongWord ? 2 : 1};
        }
    }
    return {};
}

Words::Segmented Words::segment(std::string_view letters) const {
    constexpr std::uint32_t kWordCost = 10;
    constexpr std::uint32_t kShortWordCost = 14;
    constexpr std::uint32_t kUnknownLetter = 6;
    constexpr std::size_t kLongest = 16;
    letters = letters.substr(0, kMaxSegment);
    struct Best {
        std::uint32_t cost = std::numeric_limits<std::uint32_t>::max();
        std::size_t from = 0;
        bool known = false;
        bool key = false;
    };
    std::vector<Best> best(letters.size() + 1);
    best[0].cost = 0;
    for (std::size_t end = 1; end <= letters.size(); ++end) {
        Best& here = best[end];
        const Best& before = best[end - 1];
        here = {before.cost + kUnknownLetter + (before.known || end == 1 ? 4U : 0U), end - 1, false,
                false};
        for (std::size_t size = 1; size <= std::min(end, kLongest); ++size) {
            const std::size_t word = find(letters.substr(end - size, size));
            if (word == entries_.size()) {
                continue;
            }
            const std::uint32_t cost =
                best[end - size].cost + (size <= 2 ? kShortWordCost : kWordCost);
            if (cost < here.cost) {
                here = {cost, end - size, true, entries_[word].key};
            }
        }
    }
    Segmented result;
    bool unknown = false;
    for (std::size_t end = letters.size(); end > 0; end = best[end].from) {
        const Best& here = best[end];
        if (here.known) {
            result.known += end - here.from;
            result.keys += here.key ? 1 : 0;
        }
        // Unknown letters in a row stay one word.
        if (unknown && !here.known) {
            result.starts.pop_back();
        }
        result.starts.push_back(here.from);
        unknown = !here.known;
    }
    std::reverse(result.starts.begin(), result.starts.end());
    return result;
}

}  // namespace credence::guard
