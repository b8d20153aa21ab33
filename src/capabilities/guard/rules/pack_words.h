// The words of the pack format (rules/README.md), in the order of their enumerators.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "capabilities/guard/rules/rules.h"

namespace credence::guard {

inline constexpr std::array<std::string_view, kCategories> kCategoryNames = {
    "prompt_injection", "jailbreak", "prompt_leak", "tool_poisoning",
    "code_execution",   "secrets",   "pii"};
inline constexpr std::array<std::string_view, 4> kSeverityNames = {"low", "medium", "high",
                                                                   "critical"};
inline constexpr std::array<std::string_view, kMarks> kMarkNames = {"discussion", "negation",
                                                                    "addressee", "urgency"};
inline constexpr std::array<std::string_view, kSourceKinds> kChannelNames = {
    "user", "assistant", "document", "tool_result", "tool_description", "system"};
inline constexpr std::array<std::string_view, 5> kCheckNames = {
    "none", "random_token", "assigned_value", "json_web_token", "line_start"};
inline constexpr std::array<std::string_view, 9> kPackKeys = {
    "pack", "version", "category", "enabled", "signal", "channels", "groups", "marks", "rule"};
inline constexpr std::array<std::string_view, 21> kRuleKeys = {
    "id",       "technique", "category",        "severity",         "score",
    "enabled",  "signal",    "channels",        "languages",        "sequences",
    "patterns", "within",    "any_order",       "across_sentences", "check",
    "detector", "unless",    "counterexamples", "examples",         "note",
    "detectors"};

// ISO 639-1, and ours for Latin spellings of other scripts ("hinglish").
inline constexpr std::array<std::string_view, 52> kLanguages = {
    "af", "ar", "bg",  "bn", "ca", "cs", "da", "de", "el",       "en", "es", "et", "eu",
    "fa", "fi", "fil", "fr", "ga", "gl", "he", "hi", "hinglish", "hr", "hu", "id", "is",
    "it", "ja", "ko",  "lt", "lv", "ms", "nl", "no", "pl",       "pt", "ro", "ru", "sk",
    "sl", "sq", "sr",  "sv", "sw", "ta", "te", "th", "tr",       "uk", "ur", "vi", "zh"};

// The detector of this name ("us_ssn", "shell_reverse"), or all of a group of personal data
// ("group:government_id"), or none.
std::vector<Detector> detectors_named(std::string_view name);
std::string_view detector_name(Detector detector);

}  // namespace credence::guard
