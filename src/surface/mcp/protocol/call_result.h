// Results of tools/call (CallToolResult). Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace credence::surface::mcp {

// The operation's answer as text and as structuredContent, isError false.
std::string call_result(std::string_view json);
// What an operation refused, as a result the model can act on: {code, message, field}, isError.
std::string call_problem(const Error& error);

}  // namespace credence::surface::mcp
