// How this library uses RE2: quiet, with bounded memory, and linear in the text. Inside claims
// only.
#pragma once

#include <re2/re2.h>

#include <cstddef>
#include <cstdint>

namespace credence::trust {

inline constexpr std::size_t kMaxRegexBytes = 1024;
inline constexpr std::int64_t kRegexMemoryBytes = std::int64_t{1} << 20;
// Instructions. When its automaton outgrows the memory, RE2 steps through each of them for each
// byte (measured: 2.3 ns a step), so their product is bounded too, to about 3 s.
inline constexpr int kMaxRegexProgram = 1100;  // a literal of 1024 bytes is not refused
inline constexpr std::size_t kMaxRegexSteps = std::size_t{5} << 28;

re2::RE2::Options regex_options();

}  // namespace credence::trust
