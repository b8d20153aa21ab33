// Calling an operation on a running server instead of the local store.
#pragma once

#include <string>
#include <string_view>

#include "api/operation.h"
#include "app/command_line.h"
#include "base/result.h"

namespace credence {

// Sends the request as REST; the server's problem answers come back as Error.
Result<std::string> call_remote(const CommandLine& line, const Operation& operation,
                                std::string_view request_json);

}  // namespace credence
