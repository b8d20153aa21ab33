// What rules and structure say about a text, as numbers: features of the boosted trees, and of the
// judgement that weighs the network against the rules.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/rules/analysis.h"

namespace credence::guard {

// Names of the traits, in order: structure first, then RuleSet::signal_names().
std::vector<std::string> trait_names(std::span<const std::string> signal_names);

// One value for each name. Counts are log(1 + n), shares are in [0, 1].
std::vector<float> traits_of(const RuleSet& rules, const Analysis& analysis, std::string_view text);

// Places of the rules' own judgement, and of their strongest finding against instructions.
inline constexpr std::size_t kRulesTrait = 0;
inline constexpr std::size_t kSubversionTrait = 1;
// Name of one more trait, behind all others, that only the shipped trees read: the network's logit.
inline constexpr std::string_view kNetworkTrait = "network.logit";

}  // namespace credence::guard
