#include "capabilities/guard/text/words.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "capabilities/guard/text/word_list.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxWord = 32;   // bytes; longer tokens are no listed word
constexpr std::size_t kMinEdited = 6;  // letters of a key word that may be mistyped
constexpr std::size_t kLongWord = 8;   // a mistyped one this long is evidence enough
constexpr std::size_t kLongScrambled = 6;
constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;

template <typename Number>
std::uint64_t load(const char* bytes) {
    Number value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * kMix;
    return hash ^ (hash >> 32U);
}

constexpr std::size_t kHashed = 16;  // bytes hashed at once

// Masks for the first and the second eight bytes of a word, by its size.
struct Masks {
    std::uint64_t head;
    std::uint64_t tail;
};
constexpr auto kMasks = [] {
    std::array<Masks, kHashed + 1> masks{};
    for (std::size_t size = 0; size <= kHashed; ++size) {
        const auto low = [](std::size_t bytes) {
            return bytes >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (bytes * 8)) - 1;
        };
        masks[size] = {low(size), low(size > 8 ? size - 8 : 0)};
    }
    return masks;
}();

// Of `size` bytes, `readable` of which may be read: where those are at least kHashed, no branch
// depends on the size of a word that is not a long one.
[[gnu::always_inline]] inline std::uint64_t hash_of(const char* bytes, std::size_t size,
                                                    std::size_t readable) {
    std::array<char, kHashed> copy{};
    std::uint64_t hash = size;
    Masks masks = kMasks[std::min(size, kHashed)];
    if (size > kHashed) [[unlikely]] {
        // The bytes between the two ends; size is at most twice kHashed.
        hash = mixed(mixed(hash, load<std::uint64_t>(bytes + size - 8)),
                     load<std::uint64_t>(bytes + size - 16));
    } else if (readable < kHashed) [[unlikely]] {
        std::memcpy(copy.data(), bytes, size);
        bytes = copy.data();
    }
    const std::uint64_t head = load<std::uint64_t>(bytes) & masks.head;
    const std::uint64_t tail = load<std::uint64_t>(bytes + 8) & masks.tail;
    return mixed(hash + std::rotl(tail * kMix, 29), head) * kMix;
}

constexpr auto kLetterTerms = [] {
    std::array<std::uint64_t, 256> terms{};
    for (std::size_t i = 0; i < terms.size(); ++i) {
        std::uint64_t z = i * kMix;
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
    return is_latin(word.front()) && is_latin(word.back())
               ? static_cast<std::size_t>(word.front() - 'a') * 26 +
                     static_cast<std::size_t>(word.back() - 'a')
               : 26 * 26;
}

// One letter replaced, missing or too many.
bool one_edit_apart(std::string_view a, std::string_view b) {
    if (a.size() > b.size()) {
        std::swap(a, b);
    }
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
    const std::uint64_t hash = hash_of(word.data(), word.size(), word.size());
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
    for (const Entry& entry : entries_) {
        sizes_.push_back(static_cast<std::uint8_t>(entry.text.size()));
    }
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
    bucket_from_.assign(kBuckets + 1, static_cast<std::uint16_t>(entries_.size()));
    for (std::size_t i = entries_.size(); i > 0; --i) {
        take_slot(entries_[i - 1].text, i);
        bucket_from_[bucket_of(entries_[i - 1].text)] = static_cast<std::uint16_t>(i - 1);
    }
    for (std::size_t bucket = kBuckets; bucket > 0; --bucket) {
        bucket_from_[bucket - 1] = std::min(bucket_from_[bucket - 1], bucket_from_[bucket]);
    }
}

[[gnu::always_inline]] inline std::uint32_t Words::slot_of(std::string_view word,
                                                           std::size_t readable) const {
    if (word.size() > kMaxWord) [[unlikely]] {
        return 0;
    }
    const std::uint64_t hash = hash_of(word.data(), word.size(), readable);
    for (std::size_t slot = (hash >> 20U) % kSlots; slots_[slot] != 0; slot = (slot + 1) % kSlots) {
        if ((slots_[slot] >> 16U) == (hash >> 48U)) {
            return slots_[slot];
        }
    }
    return 0;
}

std::size_t Words::find(std::string_view word) const {
    const std::uint32_t slot = slot_of(word, word.size());
    return slot == 0 ? entries_.size() : (slot & ((1U << kNumberBits) - 1U)) - 1;
}

Words::Known Words::look_up(std::string_view text, ByteSpan word) const {
    const std::uint32_t slot =
        slot_of({text.data() + word.start, word.end - word.start}, text.size() - word.start);
    return {slot != 0, static_cast<Role>((slot >> kNumberBits) & 7U)};
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
    if (token.size() < kMinScrambled || token.size() > kMaxWord || bucket_of(token) == kBuckets) {
        return {};
    }
    const std::size_t bucket = bucket_of(token);
    const std::size_t size = token.size();
    std::size_t at = bucket_from_[bucket];
    const std::size_t end = bucket_from_[bucket + 1];
    while (at < end && sizes_[at] + 1U < size) {
        ++at;
    }
    std::uint64_t letters = 0;
    Meant best;
    for (; at < end && sizes_[at] <= size + 1; ++at) {
        const Entry& entry = entries_[at];
        if (sizes_[at] == size) {
            letters = letters == 0 ? letters_of(token) : letters;
            if (entry.letters == letters) {
                const bool strong = entry.key && size >= kLongScrambled;
                return {entry.text, strong ? 2 : 1};
            }
        }
        if (entry.key && sizes_[at] >= kMinEdited && one_edit_apart(token, entry.text)) {
            best = {entry.text, sizes_[at] >= kLongWord ? 2 : 1};
        }
    }
    return best;
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
