// What programs and cmdlets of Windows do for an intruder: run code by proxy, switch protection
// off, stay, take secrets.
#pragma once

#include <span>
#include <string_view>

namespace credence::guard {

// Holds where a line names `word` and contains one of each list of alternatives ("a|b"; an empty
// list is no condition).
struct WindowsRule {
    std::string_view word;
    std::string_view first;
    std::string_view second;
    double confidence;
};

// Those of a word in lower case; none for most.
std::span<const WindowsRule> windows_rules(std::string_view word);

}  // namespace credence::guard
