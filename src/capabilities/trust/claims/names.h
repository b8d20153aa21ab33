// Small checks that claims, recipes and trees share, and what is wrong. Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace credence::trust {

// Code::invalid of this field ("parameters.threshold").
std::unexpected<Error> invalid(std::string field, std::string message);

// [a-z0-9_-]{1,64}: names of recipes and trees.
bool is_plain_name(std::string_view text);
// Bytes below 0x20, and 0x7f: NUL, newlines, escape sequences.
bool has_control(std::string_view text);
// UTF-8, relative, below its root: no part "..", no leading "/", "-" or "@", no control characters.
Result<void> check_relative_path(std::string_view path, const std::string& field);
// Absolute, without empty parts, "." or "..".
bool is_normal_absolute(std::string_view path);
// "; did you mean 'value'?" for the nearest candidate within two edits, else "".
std::string suggest(std::string_view wrong, const std::vector<std::string_view>& candidates);
// A foreign name for a message: without control characters, at most 80 bytes.
std::string show_name(std::string_view name);

}  // namespace credence::trust
