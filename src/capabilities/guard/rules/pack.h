// Rule packs as people write them: TOML files, read and checked. Used at build time only; the
// format is described in rules/README.md.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/rules/rules.h"

namespace credence::guard {

// A phrase, or a regular expression after "re:".
struct Phrase {
    std::string text;
    std::string language;  // empty: any
};

struct PackRule {
    Rule rule;
    std::vector<std::vector<std::string>> sequences;  // names of groups, in order
    std::vector<Phrase> patterns;                     // sequences of one part
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

// Adds one file to *packs. Errors name the file, line and rule.
Result<void> read_pack(std::string_view toml, const std::string& file, Packs& packs);

// Compiles to a blob's content. Code::invalid names the rule or phrase at fault.
Result<CompiledRules> compile_packs(const Packs& packs);

// "{show|tell} me" -> "show me", "tell me"; nested braces are not allowed. At most 4096 phrases.
Result<std::vector<std::string>> expand_braces(std::string_view phrase);

}  // namespace credence::guard
