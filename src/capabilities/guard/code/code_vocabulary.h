// The closed list of words that the structural scorer may know: commands, modules, calls, flags.
//
// Words of languages and systems only. A name that a text invents for itself (a variable, a file,
// a host) is never in it, so no weight can come to depend on such a name.
#pragma once

#include <cstdint>
#include <string_view>

namespace credence::guard {

// FNV-1a with a last stir, of the bytes as they are.
constexpr std::uint32_t word_hash(std::string_view word) {
    std::uint32_t value = 2166136261U;
    for (const char c : word) {
        value = (value ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    return value ^ (value >> 15U);
}

// The group of a word of the list (1, 2, …), 0 for every other word. Lower case. O(1).
std::uint8_t word_group(std::uint32_t hash);

// Whether the group is one of commands that stand at the start of a shell command.
bool is_command_group(std::uint8_t group);

}  // namespace credence::guard
