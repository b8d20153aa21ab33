// What the learned model sees of one view of a text: its tokens, and the concepts that rules found.
//
// A concept is a signal rule or a technique that fired ("signal.override", in whatever language),
// attached to the token where it ends. So the network learns from words and, apart from them, from
// meanings that the rule packs know in many languages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "capabilities/guard/model/tokens.h"
#include "capabilities/guard/rules/analysis.h"

namespace credence::guard {

struct Concept {
    std::uint32_t token = 0;    // index
    std::uint32_t feature = 0;  // hash of the concept's name
};

struct Reading {
    Tokens text;
    std::vector<Concept> concepts;  // by token, ascending
};

// Hashes of RuleSet::signal_names(), by index.
std::vector<std::uint32_t> concept_features(std::span<const std::string> signal_names);

// Replaces *out by what one view says, at most max_tokens of it.
void read_view(const RuleSet& rules, const std::vector<std::uint32_t>& features,
               const Analysis& analysis, std::size_t view, std::size_t max_tokens, Reading& out);

}  // namespace credence::guard
