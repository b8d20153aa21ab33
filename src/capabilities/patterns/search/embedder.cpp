#include "capabilities/patterns/search/embedder.h"

#include <algorithm>
#include <cstdlib>
#include <unordered_map>

namespace credence::patterns {
namespace {

constexpr std::uint64_t kStemSeed = 0x9e3779b97f4a7c15ULL;
constexpr std::uint64_t kMeaningSeed = 0xc2b2ae3d27d4eb4fULL;
constexpr std::uint64_t kGramSeed = 0x165667b19e3779f9ULL;
constexpr std::uint64_t kPairSeed = 0xd6e8feb86659fd93ULL;

// Of one word's weight, in 1/256, chosen on the tuning third of tests/quality.
constexpr int kStemShare = 256;
constexpr int kMeaningShare = 400;
constexpr int kGramShare = 310;  // divided by the root of the number of grams
constexpr int kPairShare = 70;

// The finaliser of splitmix64.
std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

std::uint64_t hash(std::uint64_t seed, std::string_view text) {
    std::uint64_t h = seed;
    for (const char c : text) {
        h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    return mix(h);
}

// Adds a feature on four dimensions, so that two features rarely coincide wholly.
template <class Sums>
void add_feature(Sums& sums, std::uint64_t h, std::int64_t weight) {
    for (int i = 0; i < 4; ++i) {
        const std::size_t dimension = h & 0xff;
        sums[dimension] += (h & 0x100) != 0 ? weight : -weight;
        h >>= 9;
    }
}

// Times 256: 1, 1.69, 2.10, … that is 1 + ln(count), so that repetition tells less each time.
int count_factor(int count) {
    static constexpr std::array<int, 9> kFactors = {0, 256, 433, 537, 611, 668, 715, 754, 788};
    return kFactors[static_cast<std::size_t>(std::min(count, 8))];
}

int square_root(int value) {
    int root = 1;
    while ((root + 1) * (root + 1) <= value) {
        ++root;
    }
    return root;
}

}  // namespace

std::string Embedder::name() const {
    return "hashed-" + std::to_string(kDimension) + "-" + std::to_string(kWordsVersion);
}

Vector Embedder::embed(std::string_view text) const {
    const TextPart part{text};
    return embed(std::span(&part, 1));
}

Vector Embedder::embed(std::span<const TextPart> parts) const {
    Sums sums{};
    for (const TextPart& part : parts) {
        add_part(sums, part);
    }
    std::int64_t largest = 0;
    for (const std::int64_t sum : sums) {
        largest = std::max(largest, std::abs(sum));
    }
    std::vector<std::int8_t> values(kDimension);
    for (std::size_t i = 0; i < kDimension && largest > 0; ++i) {
        const std::int64_t size = (std::abs(sums[i]) * 127 + largest / 2) / largest;
        values[i] = static_cast<std::int8_t>(sums[i] < 0 ? -size : size);
    }
    return vector_from(std::move(values));
}

void Embedder::add_part(Sums& sums, const TextPart& part) const {
    struct Counted {
        std::string stem;
        int count = 0;
    };
    std::unordered_map<std::string, Counted> counted;
    std::string previous;
    const std::vector<std::string> words = words_of(part.text);
    counted.reserve(words.size());
    for (const std::string& word : words) {
        const auto [at, is_new] = counted.try_emplace(word);
        if (is_new) {
            at->second.stem = stem_of(word);
        }
        ++at->second.count;
        if (vocabulary_.is_stop_word(word)) {
            continue;
        }
        const std::string& stem = at->second.stem;
        if (!previous.empty()) {
            add_feature(sums, hash(hash(kPairSeed, previous), stem),
                        std::int64_t{part.weight} * kPairShare * 256);
        }
        previous = stem;
    }
    // Sums of integers: the order does not matter.
    for (const auto& [word, seen] : counted) {
        const int weight = vocabulary_.weight(word, seen.stem) * count_factor(seen.count) / 256;
        add_word(sums, word, seen.stem, weight * part.weight);
    }
}

void Embedder::add_word(Sums& sums, const std::string& word, const std::string& stem,
                        int weight) const {
    add_feature(sums, hash(kStemSeed, stem), std::int64_t{weight} * kStemShare);
    if (vocabulary_.is_stop_word(word)) {
        return;
    }
    const auto& meanings = vocabulary_.meanings(stem);
    for (const std::uint32_t meaning : meanings) {
        add_feature(
            sums, mix(kMeaningSeed + meaning),
            std::int64_t{weight} * kMeaningShare / square_root(static_cast<int>(meanings.size())));
    }
    const std::string padded = "^" + word + "$";
    const int grams = static_cast<int>(padded.size()) * 3;
    const std::int64_t gram_weight = std::int64_t{weight} * kGramShare / square_root(grams);
    for (std::size_t at = 0; at < padded.size(); ++at) {
        for (std::size_t size = 3; size <= 5 && at + size <= padded.size(); ++size) {
            add_feature(sums, hash(kGramSeed, std::string_view(padded).substr(at, size)),
                        gram_weight);
        }
    }
}

}  // namespace credence::patterns
