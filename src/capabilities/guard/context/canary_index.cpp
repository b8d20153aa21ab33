#include "capabilities/guard/context/canary_index.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"

namespace credence::guard {

namespace {

constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;
constexpr std::size_t kFilterBits = std::size_t{1} << 19;
__extension__ using Wide = unsigned __int128;

std::uint64_t reduce(Wide value) {
    std::uint64_t out =
        static_cast<std::uint64_t>(value & kPrime) + static_cast<std::uint64_t>(value >> 61);
    while (out >= kPrime) {  // at most twice
        out -= kPrime;
    }
    return out;
}

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
    return reduce(static_cast<Wide>(a) * b);
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

void add_grams(std::string_view spelled, std::uint64_t base, std::vector<std::uint64_t>& out) {
    for (std::size_t at = 0; at + kGramBytes <= spelled.size(); ++at) {
        std::uint64_t hash = 0;
        for (std::size_t i = at; i < at + kGramBytes; ++i) {
            hash = reduce(static_cast<Wide>(hash) * base + static_cast<unsigned char>(spelled[i]));
        }
        out.push_back(hash);
    }
}

// Without the characters at the ends that depend on what stands beside the token.
std::string base64_of(std::string_view token, std::size_t alignment) {
    std::vector<std::uint8_t> bytes(alignment, 0);
    bytes.insert(bytes.end(), token.begin(), token.end());
    std::string coded = to_base64url(bytes);
    constexpr std::array<std::size_t, 3> kLost{0, 2, 3};
    coded.erase(0, kLost[alignment]);
    if (bytes.size() % 3 != 0) {
        coded.pop_back();
    }
    return coded;
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::string squeezed(std::string_view normalised) {
    std::string out;
    out.reserve(normalised.size());
    for (char c : normalised) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (is_letter_or_digit(c)) {
            out.push_back(c);
        }
    }
    return out;
}

CanaryIndex::CanaryIndex(std::uint64_t base)
    : base_(base % kPrime), top_(1), filter_(kFilterBits / 64, 0) {
    for (std::size_t i = 0; i < kGramBytes; ++i) {
        top_ = times(top_, base_);
    }
}

CanaryGrams CanaryIndex::grams_of(std::string_view token, std::uint64_t base) {
    base %= kPrime;
    CanaryGrams grams;
    std::string plain = squeezed(token);
    add_grams(plain, base, grams.hashes[0]);
    std::reverse(plain.begin(), plain.end());
    add_grams(plain, base, grams.hashes[1]);
    // In base64 case matters, but a text that has lost it still tells.
    for (std::size_t alignment = 0; alignment < 3; ++alignment) {
        add_grams(squeezed(base64_of(token, alignment)), base, grams.hashes[2]);
    }
    add_grams(to_hex(bytes_of(token)), base, grams.hashes[3]);
    return grams;
}

void CanaryIndex::add(std::size_t canary, const CanaryGrams& grams) {
    for (std::uint8_t form = 0; form < std::size(grams.hashes); ++form) {
        for (const std::uint64_t hash : grams.hashes[form]) {
            grams_.emplace(hash, Entry{static_cast<std::uint32_t>(canary), form});
            const std::uint64_t bit = hash % kFilterBits;
            filter_[bit / 64] |= std::uint64_t{1} << (bit % 64);
        }
    }
}

std::vector<CanaryHit> CanaryIndex::find(std::string_view normalised) const {
    constexpr CanaryForm kForms[] = {CanaryForm::plain, CanaryForm::reversed, CanaryForm::base64,
                                     CanaryForm::hex};
    struct Run {
        Entry entry;
        std::size_t last_index = 0;  // of the squeezed text
        std::size_t first = 0;       // of the normalised text
        std::size_t last = 0;
        std::size_t characters = 0;
    };
    std::vector<Run> runs;
    std::array<char, kGramBytes> window{};
    std::array<std::size_t, kGramBytes> places{};
    std::uint64_t hash = 0;
    std::size_t index = 0;
    for (std::size_t at = 0; at < normalised.size(); ++at) {
        const char c = normalised[at];
        if (!is_letter_or_digit(c)) {
            continue;
        }
        const std::size_t slot = index % kGramBytes;
        const std::uint64_t gone = times(top_, static_cast<unsigned char>(window[slot]));
        hash =
            reduce(static_cast<Wide>(hash) * base_ + static_cast<unsigned char>(c) + kPrime - gone);
        window[slot] = c;
        places[slot] = at;
        ++index;
        const std::uint64_t bit = hash % kFilterBits;
        if (index < kGramBytes || ((filter_[bit / 64] >> (bit % 64)) & 1U) == 0) {
            continue;
        }
        const auto found = grams_.find(hash);
        if (found == grams_.end()) {
            continue;
        }
        const Entry entry = found->second;
        if (!runs.empty() && runs.back().entry.canary == entry.canary &&
            runs.back().entry.form == entry.form && runs.back().last_index + 1 == index) {
            runs.back().last_index = index;
            runs.back().last = at;
            ++runs.back().characters;
        } else if (runs.size() < kMaxHits) {
            runs.push_back({entry, index, places[index % kGramBytes], at, kGramBytes});
        }
    }
    std::vector<CanaryHit> hits;
    for (const Run& run : runs) {
        hits.push_back({run.entry.canary, kForms[run.entry.form], ByteSpan{run.first, run.last + 1},
                        run.characters});
    }
    return hits;
}

}  // namespace credence::guard
