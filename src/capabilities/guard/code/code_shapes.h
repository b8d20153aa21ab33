// The classes that the structural scorer puts numbers, files and paths in.
#pragma once

#include <cstdint>
#include <string_view>

namespace credence::guard {

// Words before the name of a command: sudo, nohup, then … by their word_hash.
bool is_prefix(std::uint32_t hash);

// Of a run of digits: itself when it is a told one (777, 22 …), else by its length.
std::string_view number_class(std::string_view digits);

// What kind of file a name ends like; empty when no known one.
std::string_view ending_class(std::string_view word);

// Where a path begins: a system folder, a home, here …
std::string_view root_class(std::string_view word);

}  // namespace credence::guard
