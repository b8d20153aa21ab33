#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <limits>
#include <string>

#include "base/check.h"
#include "base/text.h"
#include "capabilities/guard/memory/embedder_words.h"
#include "capabilities/guard/memory/threat_memory.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxWordBytes = 48;  // a longer run is taken in pieces
constexpr std::size_t kGramBytes = 3;
constexpr std::size_t kMaxGramCharacters = 5;

constexpr std::uint64_t kWordSeed = 0x51ed270b35ae1f4dULL;
constexpr std::uint64_t kMeaningSeed = 0xa0761d6478bd642fULL;
constexpr std::uint64_t kGramSeed = 0xe7037ed1a0b428dbULL;
constexpr std::uint64_t kPairSeed = 0x8ebc6af09c88c6e3ULL;

// Shares of a word's weight, chosen on the variants of memory_texts.h.
constexpr std::int32_t kWordShare = 160;
constexpr std::int32_t kMeaningShare = 224;
constexpr std::int32_t kGramShare = 72;
constexpr std::int32_t kPairShare = 72;
constexpr std::int32_t kFullWeight = 16;
constexpr std::int32_t kCommonWeight = 6;
constexpr std::int32_t kLightWeight = 2;
constexpr std::int32_t kNumberWeight = 8;

constexpr std::uint64_t mix(std::uint64_t x) {  // the finaliser of splitmix64
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

constexpr std::uint64_t step(std::uint64_t h, char c) {
    return (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
}

std::uint64_t hash(std::uint64_t seed, std::string_view text) {
    std::uint64_t h = seed;
    for (const char c : text) {
        h = step(h, c);
    }
    return mix(h);
}

// Cheaper than mix: its upper 32 bits are good enough for the many grams.
constexpr std::uint64_t spread(std::uint64_t h) {
    return (h * 0x9e3779b97f4a7c15ULL) >> 32U;
}

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_high(char c) {
    return static_cast<unsigned char>(c) >= 0x80;
}
bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
}

// "instructions" and "instruct", "revealing" and "reveal", as one.
std::string_view stem_of(std::string_view word) {
    if (word.size() < 4 || !is_lower(word.front()) || !is_lower(word.back())) {
        return word;
    }
    const auto strip = [&word](std::string_view suffix, std::size_t least) {
        if (word.size() >= suffix.size() + least && word.ends_with(suffix)) {
            word.remove_suffix(suffix.size());
            return true;
        }
        return false;
    };
    if (!word.ends_with("ss")) {
        strip("s", 3);
    }
    if (!strip("ing", 3) && !strip("ed", 3) && !strip("ly", 4)) {
        strip("ion", 4);
    }
    strip("e", 3);
    return word;
}

// A set of words by hash: their weight and the group they belong to. Immutable.
class Lexicon {
public:
    struct Entry {
        std::uint64_t key = 0;
        std::int32_t weight = kFullWeight;
        std::int32_t meaning = -1;
    };

    Lexicon() {
        for (const std::string_view word : split(kLightWords, ' ')) {
            put(hash(kWordSeed, stem_of(word))).weight = kLightWeight;
        }
        for (const std::string_view word : split(kFrameWords, ' ')) {
            put(hash(kWordSeed, stem_of(word))).weight = kCommonWeight;
        }
        std::int32_t meaning = 0;
        for (const std::string_view line : kSynonyms) {
            for (const std::string_view word : split(line, ' ')) {
                Entry& entry = put(hash(kWordSeed, stem_of(word)));
                entry.meaning = entry.meaning < 0 ? meaning : entry.meaning;
            }
            ++meaning;
        }
    }

    const Entry* find(std::uint64_t key) const {
        std::size_t at = key % kSlots;
        while (entries_[at].key != 0) {
            if (entries_[at].key == key) {
                return &entries_[at];
            }
            at = (at + 1) % kSlots;
        }
        return nullptr;
    }

private:
    static constexpr std::size_t kSlots = 2048;  // three times the words above

    Entry& put(std::uint64_t key) {
        std::size_t at = key % kSlots;
        while (entries_[at].key != 0 && entries_[at].key != key) {
            at = (at + 1) % kSlots;
        }
        entries_[at].key = key;
        return entries_[at];
    }

    std::array<Entry, kSlots> entries_{};
};

const Lexicon& lexicon() {
    static const Lexicon words;
    return words;
}

struct Word {
    std::uint32_t start = 0;
    std::uint32_t size = 0;
    std::uint64_t key = 0;      // of its stem
    std::uint64_t subject = 0;  // of its meaning, or of its stem
    std::int32_t weight = 0;
    std::int32_t meaning = -1;
    std::int32_t count = 0;  // in the whole text, at its first place; 0 elsewhere
};

// Times 64: 1 + ln(count), so that repetition tells less each time.
std::int32_t count_factor(std::int32_t count) {
    static constexpr std::array<std::int32_t, 17> kFactors = {
        0, 64, 108, 134, 153, 167, 179, 189, 197, 205, 211, 217, 223, 228, 233, 237, 241};
    return kFactors[static_cast<std::size_t>(std::min(count, 16))];
}

class Summer {
public:
    explicit Summer(std::size_t dimension) : sums_(dimension) {}

    // On `places` dimensions, so that two features rarely coincide wholly.
    void add(std::uint64_t h, std::int32_t weight, int places) {
        const std::uint64_t dimension = sums_.size();
        for (int i = 0; i < places; ++i) {
            // 15 bits choose the place, one the sign.
            const std::size_t place = ((h & 0x7fffU) * dimension) >> 15U;
            sums_[place] += (h & 0x8000U) != 0 ? weight : -weight;
            h >>= 16U;
        }
    }

    std::vector<std::int8_t> quantised() const {
        std::int64_t largest = 0;
        for (const std::int32_t sum : sums_) {
            largest = std::max(largest, std::int64_t{std::abs(sum)});
        }
        std::vector<std::int8_t> values(sums_.size());
        if (largest == 0) {
            return values;
        }
        // One division: by a reciprocal in 32 bits of fraction, exact enough and the same anywhere.
        const std::int64_t scale = (std::int64_t{127} << 32) / largest;
        for (std::size_t i = 0; i < sums_.size(); ++i) {
            const std::int64_t size =
                (std::abs(std::int64_t{sums_[i]}) * scale + (1LL << 31)) >> 32;
            values[i] = static_cast<std::int8_t>(sums_[i] < 0 ? -size : size);
        }
        return values;
    }

private:
    std::vector<std::int32_t> sums_;  // at most 16 KiB of text: below 2^30
};

// The words of a text in lower case, with their counts.
class WordReader {
public:
    explicit WordReader(std::string_view text) : text_(text) {
        for (char& c : text_) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        words_.reserve(text_.size() / 5 + 1);
        read();
        count();
    }
    const std::vector<Word>& words() const { return words_; }
    std::string_view text_of(const Word& word) const {
        return std::string_view(text_).substr(word.start, word.size);
    }

private:
    void read() {
        std::size_t at = 0;
        while (at < text_.size()) {
            const std::size_t start = at;
            while (at < text_.size() && at - start < kMaxWordBytes &&
                   (is_lower(text_[at]) || is_digit(text_[at]) || is_high(text_[at]))) {
                ++at;
            }
            if (at == start) {
                ++at;
                continue;
            }
            add(start, at - start);
        }
    }

    void add(std::size_t start, std::size_t size) {
        Word word{.start = static_cast<std::uint32_t>(start),
                  .size = static_cast<std::uint32_t>(size)};
        const std::string_view text = text_of(word);
        word.key = hash(kWordSeed, stem_of(text)) | 1U;
        word.weight = is_digit(text.front()) ? kNumberWeight : kFullWeight;
        word.subject = word.key;
        if (const Lexicon::Entry* known = lexicon().find(hash(kWordSeed, stem_of(text)))) {
            word.weight = known->weight;
            word.meaning = known->meaning;
        }
        if (word.meaning >= 0) {
            word.subject = mix(kMeaningSeed + static_cast<std::uint64_t>(word.meaning));
        }
        words_.push_back(word);
    }

    void count() {
        const std::size_t slots = std::bit_ceil(words_.size() * 2 + 1);
        std::vector<std::uint32_t> first(slots, kNone);
        for (std::uint32_t i = 0; i < words_.size(); ++i) {
            std::size_t at = words_[i].key & (slots - 1);
            while (first[at] != kNone && words_[first[at]].key != words_[i].key) {
                at = (at + 1) & (slots - 1);
            }
            if (first[at] == kNone) {
                first[at] = i;
            }
            ++words_[first[at]].count;
        }
    }

    static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
    std::string text_;
    std::vector<Word> words_;
};

// Three to five characters, with the edges of the word; of scripts without blanks one to three.
void add_grams(Summer& sums, std::string_view word, std::int32_t weight) {
    std::array<char, kMaxWordBytes + 2> padded;
    padded[0] = '^';
    std::ranges::copy(word, padded.begin() + 1);
    padded[word.size() + 1] = '$';
    const std::size_t size = word.size() + 2;
    const bool dense = static_cast<unsigned char>(word.front()) >= 0xe2;
    const std::size_t least = dense ? 1 : 3;
    const std::size_t most = dense ? 3 : kMaxGramCharacters;
    for (std::size_t from = 0; from < size; ++from) {
        if (!begins_character(padded[from])) {
            continue;
        }
        std::uint64_t h = kGramSeed;
        std::size_t characters = 0;
        for (std::size_t at = from; at < size; ++at) {
            h = step(h, padded[at]);
            if (at + 1 < size && !begins_character(padded[at + 1])) {
                continue;
            }
            ++characters;
            if (characters >= least) {
                sums.add(spread(h), weight, 2);
            }
            if (characters == most) {
                break;
            }
        }
    }
}

// The grams that would be inside if the blank between two words were missing.
void add_joint(Summer& sums, std::string_view left, std::string_view right, std::int32_t weight) {
    const std::size_t before = std::min(kGramBytes, left.size());
    const std::size_t after = std::min(kGramBytes, right.size());
    std::array<char, 2 * kGramBytes> joint;
    std::ranges::copy(left.substr(left.size() - before), joint.begin());
    std::ranges::copy(right.substr(0, after), joint.begin() + static_cast<std::ptrdiff_t>(before));
    for (std::size_t from = 0; from < before; ++from) {
        std::uint64_t h = kGramSeed;
        for (std::size_t at = from; at < before + after && at - from < 4; ++at) {
            h = step(h, joint[at]);
            if (at >= before && at - from >= 2) {
                sums.add(spread(h), weight, 2);
            }
        }
    }
}

}  // namespace

ThreatEmbedder::ThreatEmbedder(std::size_t dimension) : dimension_(dimension) {
    CHECK(is_dimension(dimension), "the dimension of a threat embedder");
}

std::string ThreatEmbedder::name() const {
    return "threat-" + std::to_string(dimension_) + "-" + std::to_string(kVersion);
}

std::vector<std::int8_t> ThreatEmbedder::embed(std::string_view normalised) const {
    const WordReader reader(normalised.substr(0, kMaxEmbeddedBytes));
    Summer sums(dimension_);
    const Word* previous = nullptr;
    const Word* subject = nullptr;
    for (const Word& word : reader.words()) {
        const std::string_view text = reader.text_of(word);
        if (previous != nullptr) {
            const std::int32_t least = std::min(previous->weight, word.weight);
            add_joint(sums, reader.text_of(*previous), text, least * kGramShare);
        }
        previous = &word;
        if (word.weight > kLightWeight) {
            if (subject != nullptr) {
                sums.add(mix(subject->subject * 3 + word.subject + kPairSeed),
                         std::min(subject->weight, word.weight) * kPairShare, 4);
            }
            subject = &word;
        }
        if (word.count == 0) {
            continue;
        }
        const std::int32_t weight = word.weight * count_factor(word.count) / 64;
        if (word.meaning >= 0) {
            sums.add(word.subject, weight * kMeaningShare, 4);
            sums.add(word.key, weight * kWordShare / 2, 4);
        } else {
            sums.add(word.key, weight * kWordShare, 4);
        }
        add_grams(sums, text, weight * kGramShare);
    }
    return sums.quantised();
}

}  // namespace credence::guard
