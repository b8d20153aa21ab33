#include "capabilities/guard/pii/cues.h"

#include <algorithm>

#include "capabilities/guard/pii/bytes.h"
#include "capabilities/guard/pii/cue_words.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxCueBytes = 48;
constexpr std::size_t kAfterGap = 3;                    // a number to the word behind it
constexpr std::size_t kMaxPhraseCharacters = 6;         // of scripts without blanks
constexpr std::size_t kSlots = 4096;                    // power of two
constexpr std::uint64_t kSeed = 0xCBF29CE484222325ULL;  // FNV-1a, 64 bits
constexpr std::uint64_t kPrime = 0x100000001B3ULL;

constexpr std::uint64_t mix(std::uint64_t hash, char c) {
    return (hash ^ static_cast<unsigned char>(c)) * kPrime;
}

// One spelling for both cases of ASCII, Latin-1 and basic Cyrillic, byte by byte; `previous` is the
// byte before. Other letters may fall together, too, which does no harm in a list of words.
constexpr char folded(char previous, char c) {
    if (!is_wide(c)) {
        return lower(c);
    }
    const auto byte = static_cast<unsigned char>(c);
    const bool cyrillic = previous == '\xD0' || previous == '\xD1';
    if (previous == '\xC3' && byte >= 0x80 && byte <= 0x9E) {
        return static_cast<char>(byte + 0x20);
    }
    if (previous == '\xD0' && byte >= 0xB0) {
        return static_cast<char>(byte - 0x20);
    }
    if (previous == '\xD1' && byte <= 0x8F) {
        return static_cast<char>(byte + 0x20);
    }
    return !cyrillic && c == '\xD1' ? '\xD0' : c;
}

constexpr std::uint64_t hash_of(std::string_view word) {
    std::uint64_t hash = kSeed;
    char previous = '\0';
    for (const char c : word) {
        hash = mix(hash, folded(previous, c));
        previous = c;
    }
    return hash;
}

// Of two words, from the hashes of each.
constexpr std::uint64_t joined(std::uint64_t first, std::uint64_t second) {
    return (first * kPrime) ^ (second + 0x9E3779B97F4A7C15ULL);
}

constexpr std::uint64_t phrase_hash(std::string_view phrase) {
    const std::size_t blank = phrase.find(' ');
    return blank == std::string_view::npos
               ? hash_of(phrase)
               : joined(hash_of(phrase.substr(0, blank)), hash_of(phrase.substr(blank + 1)));
}

struct Slot {
    std::uint64_t hash = 0;  // 0: empty
    Cue cue = Cue::none;
};

using Table = std::array<Slot, kSlots>;

constexpr void put(Table& table, std::uint64_t hash, Cue cue) {
    std::size_t slot = hash % kSlots;
    while (table[slot].hash != 0) {
        slot = (slot + 1) % kSlots;
    }
    table[slot] = {hash, cue};
}

constexpr Table make_table() {
    Table table{};
    for (const CueWords& row : kCueWords) {
        std::string_view rest = row.words;
        while (!rest.empty()) {
            const std::size_t bar = std::min(rest.find('|'), rest.size());
            put(table, phrase_hash(rest.substr(0, bar)), row.cue);
            rest.remove_prefix(std::min(bar + 1, rest.size()));
        }
    }
    for (const std::string_view word : kLittleWords) {
        put(table, hash_of(word), Cue::none);
    }
    return table;
}

constexpr Table kTable = make_table();

bool is_cue_byte(char c) {
    return is_alphanumeric(c) || is_wide(c) || c == '#';
}

bool is_spaceless_lead(char c) {
    return static_cast<unsigned char>(c) >= 0xE0;
}

}  // namespace

Cue CueScanner::look_up(std::uint64_t hash, std::size_t end) {
    Cue last = Cue::count;
    for (std::size_t slot = hash % kSlots; kTable[slot].hash != 0; slot = (slot + 1) % kSlots) {
        if (kTable[slot].hash == hash) {
            last = kTable[slot].cue;
            Seen& seen = seen_[static_cast<std::size_t>(last)];
            latest_ = last == Cue::none ? latest_ : std::max(latest_, end);
            if (seen.end != end && last != Cue::none) {
                seen.previous = seen.end;
                seen.end = end;
            }
        }
    }
    return last;
}

void CueScanner::wide_word(std::size_t start, std::size_t end) {
    for (std::size_t at = start; at < end;) {
        std::uint64_t hash = kSeed;
        std::size_t stop = at;
        std::size_t next = 0;
        for (std::size_t count = 1; count <= kMaxPhraseCharacters && stop < end; ++count) {
            do {
                hash = mix(hash, text_[stop]);
                ++stop;
            } while (stop < end && (static_cast<unsigned char>(text_[stop]) & 0xC0U) == 0x80U);
            next = next == 0 ? stop : next;
            if (count >= 2) {
                look_up(hash, stop);
            }
        }
        at = next;
    }
}

void CueScanner::word(std::size_t start, std::size_t end) {
    const std::uint64_t hash = hash_of(text_.substr(start, end - start));
    if (look_up(hash, end) == Cue::none) {
        return;  // a little word
    }
    if (last_word_ != 0 && start - last_end_ <= 8) {
        look_up(joined(last_word_, hash), end);
    }
    last_word_ = hash;
    last_end_ = end;
    if (end - start > 3 && is_spaceless_lead(text_[start])) {
        wide_word(start, end);
    }
}

void CueScanner::advance(std::size_t to) {
    std::size_t at = scanned_;
    if (to > at + kReach + kMaxCueBytes) {
        at = to - kReach - kMaxCueBytes;
        last_word_ = 0;
        while (at < to && is_cue_byte(text_[at])) {
            ++at;
        }
    }
    while (at < to) {
        if (!is_cue_byte(text_[at])) {
            ++at;
            continue;
        }
        const std::size_t start = at;
        while (at < text_.size() && at - start < kMaxCueBytes && is_cue_byte(text_[at])) {
            // Digits and letters of other scripts do not make one word: "号码1234".
            if (at > start && is_digit(text_[at]) && is_wide(text_[at - 1])) {
                break;
            }
            ++at;
        }
        if (!is_digit(text_[start])) {
            word(start, at);
        }
    }
    scanned_ = std::max(scanned_, at);
}

std::size_t CueScanner::distance(Cue cue, std::size_t at) const {
    const Seen& seen = seen_[static_cast<std::size_t>(cue)];
    const std::size_t end = seen.end == kFar || seen.end <= at ? seen.end : seen.previous;
    return end == kFar || end > at || at - end > kReach ? kFar : at - end;
}

bool CueScanner::after(Cue cue, std::size_t at) const {
    std::size_t start = at;
    while (start < text_.size() && start - at < kAfterGap && !is_cue_byte(text_[start]) &&
           text_[start] != '\n') {
        ++start;
    }
    std::size_t end = start;
    while (end < text_.size() && end - start < kMaxCueBytes && is_cue_byte(text_[end])) {
        ++end;
    }
    const std::uint64_t hash = hash_of(text_.substr(start, end - start));
    for (std::size_t slot = hash % kSlots; kTable[slot].hash != 0; slot = (slot + 1) % kSlots) {
        if (kTable[slot].hash == hash && kTable[slot].cue == cue) {
            return true;
        }
    }
    return false;
}

}  // namespace credence::guard
