// From an invocation to the request's JSON: reads the named files and standard input.
#pragma once

#include <cstdio>
#include <string>

#include "base/result.h"
#include "surface/cli/arguments.h"

namespace credence::surface {

// Of a file or of standard input.
inline constexpr std::size_t kMaxInputBytes = std::size_t{64} << 20;

// Members of --input first, then the positional argument and the flags, which replace them. Types
// and limits are left to the operation; Code::invalid for what only the command line can see:
// files that cannot be read, text that is not JSON, fields given twice, required fields without a
// value.
Result<std::string> make_request(const Invocation& invocation, std::FILE* in);

}  // namespace credence::surface
