// Invented threats, ordinary texts and variants for the tests and benchmarks of the threat memory.
// Seeded: the same numbers give the same texts.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace credence::guard::texts {

// How a text comes back.
enum class Variant : std::uint8_t {
    letter_case,  // random capitals
    spacing,      // more blanks, and one in four missing
    punctuation,  // stops and commas between words
    typing,       // one word in four with a letter swapped, lost or doubled
    order,        // its clauses or halves exchanged
    synonyms,     // words exchanged by a table that is not the embedder's
    framed,       // a polite sentence before and behind
    edited,       // light words dropped, fillers put in, one word in six exchanged
};
inline constexpr std::size_t kVariants = 8;
inline constexpr std::array<std::string_view, kVariants> kVariantNames = {
    "letter_case", "spacing", "punctuation", "typing", "order", "synonyms", "framed", "edited"};

class Texts {
public:
    explicit Texts(std::uint64_t seed) : random_(seed) {}

    // Two clauses, each of a sentence pattern with words chosen for its places.
    std::string threat();
    // What users and documents say otherwise; one in four uses words of attacks.
    std::string ordinary();
    std::string variant(const std::string& text, Variant kind);

private:
    std::size_t below(std::size_t count) { return random_.next() % count; }
    bool chance(std::size_t one_in) { return below(one_in) == 0; }
    std::string fill(std::string_view pattern);
    std::vector<std::string> words(const std::string& text) const;
    std::string mistyped(std::string word);
    std::string reordered(const std::string& text);
    std::string exchanged(const std::string& text);
    std::string edited(const std::string& text);

    SeededRandom random_;
};

}  // namespace credence::guard::texts
