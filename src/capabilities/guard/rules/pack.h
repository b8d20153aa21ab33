// Rule packs as people write them: TOML or JSON files, read and checked (rules/README.md describes
// the format). Used while building, and at run time when there are packs beside the shipped ones.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/rules/rules.h"

namespace credence::guard {

inline constexpr std::size_t kMaxPackBytes = 4U << 20U;  // of one file

// A phrase, or a regular expression after "re:".
struct Phrase {
    std::string text;
    std::string language;  // empty: any
};

struct PackRule {
    Rule rule;
    std::string where;                                // "FILE:LINE"
    std::vector<std::vector<std::string>> sequences;  // names of groups, in order
    std::vector<Phrase> patterns;                     // sequences of one part
    std::set<std::string> languages;                  // only these of each group; empty: all
    std::uint32_t within = 32;
    bool across_sentences = false;
    bool any_order = false;
    std::vector<std::string> examples;
    std::vector<std::string> counterexamples;
};

// All packs together.
struct Packs {
    std::map<std::string, std::vector<Phrase>> groups;
    std::vector<std::vector<Phrase>> marks = std::vector<std::vector<Phrase>>(kMarks);
    std::vector<PackRule> rules;
};

// Adds one file to *packs; JSON when its name ends in ".json", else TOML. Errors: Code::invalid,
// "FILE:LINE: what"; *packs is then in no usable state.
Result<void> read_pack(std::string_view text, const std::string& file, PackOrigin origin,
                       Packs& packs);

// Compiles to a blob's content. Code::invalid names the rule or phrase at fault. Seconds.
Result<CompiledRules> compile_packs(const Packs& packs);

// "{show|tell} me" -> "show me", "tell me"; nested braces are not allowed. At most 4096 phrases.
Result<std::vector<std::string>> expand_braces(std::string_view phrase);

}  // namespace credence::guard
