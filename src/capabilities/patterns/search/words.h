// Text to words: what both the word index and the built-in embedder see. Deterministic; changing
// anything here changes what is stored, so kWordsVersion goes up with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace credence::patterns {

inline constexpr int kWordsVersion = 1;
inline constexpr std::size_t kMaxWords = 1'000;   // of one text; the rest is not read
inline constexpr std::size_t kMaxWordBytes = 40;  // longer words are cut

// Lower-case words of a text: ASCII letters and digits and every byte above 0x7f; camelCase and
// snake_case come apart; "c++" and "c#" become "cplusplus" and "csharp". Never empty, never with a
// byte that means anything to FTS5.
std::vector<std::string> words_of(std::string_view text, std::size_t max_words = kMaxWords);

// A light English stemmer: "caching", "cached", "caches" and "cache" become "cach".
std::string stem_of(std::string_view word);

// What is known of words beforehand. Immutable and thread-safe.
class Vocabulary {
public:
    Vocabulary();
    // Function words ("the", "how"), which say nothing about the subject.
    bool is_stop_word(std::string_view word) const;
    // How much a word tells, in 1/256: 8 for function words, 96 for the everyday words of the
    // trade ("use", "code"), 160 for bare numbers, 256 for the rest.
    int weight(std::string_view word, std::string_view stem) const;
    // Numbers of the meanings a stem stands for: "db" and "database" share one.
    const std::vector<std::uint32_t>& meanings(const std::string& stem) const;

private:
    std::unordered_map<std::string, int> weights_;
    std::unordered_map<std::string, std::vector<std::uint32_t>> meanings_;
    const std::vector<std::uint32_t> none_;
};

}  // namespace credence::patterns
