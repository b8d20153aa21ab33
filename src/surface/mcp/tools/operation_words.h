// The words of requests and of operations: cut, reduced to stems, and what else they may mean.
// Pure and thread-safe. English; ASCII letters and digits, everything else separates.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace credence::surface::mcp {

// Lower case, in order: "API_key-ID" -> {"api", "key", "id"}.
std::vector<std::string> words_of(std::string_view text);

// A request with the turns of phrase that mean one thing replaced by a word for it, in lower case:
// "how many threats" -> "statistics threats".
std::string with_phrases(std::string_view request);

// Words that say nothing about what is wanted: "the", "please", "show".
bool is_stop_word(std::string_view word);

// A light stem: plural, -ing, -ed, -ation, -ment, -ly and final e are gone, so that "verify",
// "verified" and "verification" are one. Not always a word; never empty for a word.
std::string stem_of(std::string_view word);

// The stems the catalogue may use for a word of a request; none: an empty list.
const std::vector<std::string>& other_meanings(const std::string& word, const std::string& stem);

}  // namespace credence::surface::mcp
