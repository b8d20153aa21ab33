// Finds canary tokens in texts without knowing them.
//
// A token is some thirty letters and digits. Of each spelling of it (forward, backward, base64 at
// each of its three alignments, hex) the index holds a keyed hash of every kGramBytes characters
// that follow each other; a text is reduced to its letters and digits (after normalise()) and run
// through once with a rolling hash: sum of c_i * b^(n-i) modulo 2^61 - 1 (Karp and Rabin 1987) with
// a secret b. So a part of kGramBytes characters is found wherever it stands, whatever separates
// its characters. False alarms: below 2^-34 a window for words, 2^-46 for hex, by the tokens' own
// chance.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

enum class CanaryForm : std::uint8_t {
    plain,      // as it was given, or in another case
    separated,  // with blanks or signs between
    reversed,
    base64,
    hex,
    decoded,  // inside an encoding that was undone
};

inline constexpr std::size_t kGramBytes = 12;

struct CanaryGrams {
    std::vector<std::uint64_t> hashes[4];  // plain, reversed, base64, hex
};

struct CanaryHit {
    std::size_t canary = 0;
    CanaryForm form = CanaryForm::plain;
    ByteSpan span;               // of the normalised text
    std::size_t characters = 0;  // letters and digits that match, one after the other
};

// The letters and digits of normalised text, in lower case.
std::string squeezed(std::string_view normalised);

// Immutable once filled; thread-safe then.
class CanaryIndex {
public:
    static constexpr std::size_t kMaxHits = 64;

    // `base`: the secret of the hash.
    explicit CanaryIndex(std::uint64_t base);

    // Hashes of all spellings of a token.
    static CanaryGrams grams_of(std::string_view token, std::uint64_t base);
    void add(std::size_t canary, const CanaryGrams& grams);
    bool empty() const { return grams_.empty(); }

    // In the order of the text; at most kMaxHits. Linear: about 3 ns a byte.
    std::vector<CanaryHit> find(std::string_view normalised) const;

private:
    struct Entry {
        std::uint32_t canary = 0;
        std::uint8_t form = 0;
    };

    std::uint64_t base_;
    std::uint64_t top_;  // base^kGramBytes
    std::unordered_map<std::uint64_t, Entry> grams_;
    std::vector<std::uint64_t> filter_;  // bits of low parts of hashes
};

}  // namespace credence::guard
