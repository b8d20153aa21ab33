#include "capabilities/patterns/search/words.h"

#include <algorithm>

#include "base/text.h"
#include "capabilities/patterns/search/word_tables.h"

namespace credence::patterns {
namespace {

constexpr int kStopWeight = 8;
constexpr int kCommonWeight = 96;
constexpr int kNumberWeight = 160;
constexpr int kFullWeight = 256;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_word_byte(char c) {
    return is_digit(c) || is_upper(c) || is_lower(c) || static_cast<unsigned char>(c) >= 0x80;
}
bool is_vowel(char c) {
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}
bool has_vowel(std::string_view text) {
    return std::ranges::any_of(text, is_vowel);
}

// "setting" -> "sett" -> "set"; "ll" and "ss" belong to the word.
void undouble(std::string& word) {
    const std::size_t size = word.size();
    if (size >= 3 && word[size - 1] == word[size - 2] && !is_vowel(word.back()) &&
        word.back() != 'l' && word.back() != 's') {
        word.pop_back();
    }
}

bool strip(std::string& word, std::string_view suffix, std::size_t least) {
    if (word.size() < suffix.size() + least || !word.ends_with(suffix) ||
        !has_vowel(std::string_view(word).substr(0, word.size() - suffix.size()))) {
        return false;
    }
    word.resize(word.size() - suffix.size());
    return true;
}

void strip_plural(std::string& word) {
    if (word.ends_with("ies") && word.size() > 4) {
        word.resize(word.size() - 3);
        word += 'y';
    } else if (word.ends_with("sses") || word.ends_with("xes") || word.ends_with("ches") ||
               word.ends_with("shes")) {
        word.resize(word.size() - 2);
    } else if (word.size() > 3 && word.ends_with('s') && !word.ends_with("ss") &&
               !word.ends_with("us") && !word.ends_with("is")) {
        word.pop_back();
    }
}

}  // namespace

std::vector<std::string> words_of(std::string_view text, std::size_t max_words) {
    std::vector<std::string> words;
    std::string word;
    const auto finish = [&] {
        if (!word.empty() && words.size() < max_words) {
            words.push_back(word);
        }
        word.clear();
    };
    for (std::size_t i = 0; i < text.size() && words.size() < max_words; ++i) {
        const char c = text[i];
        if (is_word_byte(c)) {
            if (is_upper(c) && i > 0 && is_lower(text[i - 1])) {
                finish();
            }
            if (word.size() < kMaxWordBytes) {
                word += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
            }
            continue;
        }
        if (word == "c" && text.substr(i).starts_with("++")) {
            word = "cplusplus";
        } else if (word == "c" && c == '#') {
            word = "csharp";
        }
        finish();
    }
    finish();
    return words;
}

std::string stem_of(std::string_view word) {
    std::string out(word);
    if (out.size() < 4 || !std::ranges::all_of(out, is_lower)) {
        return out;
    }
    strip_plural(out);
    if (strip(out, "ing", 3) || strip(out, "ed", 3)) {
        undouble(out);
    } else if (!strip(out, "ment", 4) && !strip(out, "ness", 4)) {
        strip(out, "ly", 4);
    }
    if (out.size() > 5 && (out.ends_with("tion") || out.ends_with("sion"))) {
        out.resize(out.size() - 3);
    } else if (out.size() > 5 && (out.ends_with("tor") || out.ends_with("ter"))) {
        out.resize(out.size() - 2);
    }
    if (out.size() > 3 && out.ends_with('e')) {
        out.pop_back();
    } else if (out.size() > 3 && out.ends_with('y') && !is_vowel(out[out.size() - 2])) {
        out.back() = 'i';
    }
    return out;
}

Vocabulary::Vocabulary() {
    for (const std::string_view word : split(kStopWords, ' ')) {
        weights_[std::string(word)] = kStopWeight;
    }
    for (const std::string_view word : split(kCommonWords, ' ')) {
        weights_.try_emplace(stem_of(word), kCommonWeight);
    }
    std::uint32_t meaning = 0;
    for (const std::string_view line : kMeanings) {
        for (const std::string_view word : split(line, ' ')) {
            auto& known = meanings_[stem_of(word)];
            if (known.empty() || known.back() != meaning) {
                known.push_back(meaning);
            }
        }
        ++meaning;
    }
}

bool Vocabulary::is_stop_word(std::string_view word) const {
    const auto found = weights_.find(std::string(word));
    return found != weights_.end() && found->second == kStopWeight;
}

int Vocabulary::weight(std::string_view word, std::string_view stem) const {
    if (const auto found = weights_.find(std::string(word));
        found != weights_.end() && found->second == kStopWeight) {
        return kStopWeight;
    }
    if (const auto found = weights_.find(std::string(stem)); found != weights_.end()) {
        return found->second;
    }
    return std::ranges::all_of(word, is_digit) ? kNumberWeight : kFullWeight;
}

const std::vector<std::uint32_t>& Vocabulary::meanings(const std::string& stem) const {
    const auto found = meanings_.find(stem);
    return found == meanings_.end() ? none_ : found->second;
}

}  // namespace credence::patterns
