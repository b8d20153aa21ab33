// What the names of commands mean, and which commands are harmful with which arguments.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "capabilities/guard/kinds.h"

namespace credence::guard {

// Bits of what a command does.
inline constexpr std::uint32_t kFetches = 1U << 0U;     // reads from the network
inline constexpr std::uint32_t kSends = 1U << 1U;       // can write to the network
inline constexpr std::uint32_t kInterprets = 1U << 2U;  // runs what it reads
inline constexpr std::uint32_t kReads = 1U << 3U;       // prints files
inline constexpr std::uint32_t kSelects = 1U << 4U;     // prints parts of files
inline constexpr std::uint32_t kRemoves = 1U << 5U;     // deletes or empties files
inline constexpr std::uint32_t kArchives = 1U << 6U;
inline constexpr std::uint32_t kDecodes = 1U << 7U;    // with the right option
inline constexpr std::uint32_t kPrints = 1U << 8U;     // its own arguments
inline constexpr std::uint32_t kCopies = 1U << 9U;     // writes to its last argument
inline constexpr std::uint32_t kEdits = 1U << 10U;     // writes to its arguments
inline constexpr std::uint32_t kCaptures = 1U << 11U;  // screen, keys, clipboard, packets
inline constexpr std::uint32_t kReveals = 1U << 12U;   // who and where one is: used to probe
inline constexpr std::uint32_t kWraps = 1U << 13U;     // runs the command that follows
inline constexpr std::uint32_t kKeyword = 1U << 14U;   // of the shell's grammar
inline constexpr std::uint32_t kRuled = 1U << 15U;     // see command_rules()
inline constexpr std::uint32_t kOpens = 1U << 16U;     // installs, loads or opens a file
inline constexpr std::uint32_t kSearches = 1U << 17U;  // walks a tree
inline constexpr std::uint32_t kModes = 1U << 18U;     // chmod
inline constexpr std::uint32_t kWaits = 1U << 19U;     // sleep, ping: blind probing
inline constexpr std::uint32_t kMines = 1U << 20U;
inline constexpr std::uint32_t kEveryday = 1U << 21U;  // what an alias should not replace
inline constexpr std::uint32_t kConnects = 1U << 22U;  // nc and its kin
inline constexpr std::uint32_t kEncrypts = 1U << 23U;
inline constexpr std::uint32_t kSwitchesUser = 1U << 24U;  // su, ssh, docker: a shell is ordinary

// 0 for a name that is not known. `name` is lower case, with or without its folder.
std::uint32_t command_bits(std::string_view name);

// A command whose arguments contain all the parts (an empty part is no condition).
struct CommandRule {
    std::string_view name;
    std::string_view first;
    std::string_view second;
    Detector detector;
    double confidence;
};

std::span<const CommandRule> command_rules();

}  // namespace credence::guard
