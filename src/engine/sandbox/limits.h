// What a command may ask for. Code::invalid with the field's path otherwise.
#pragma once

#include "base/result.h"
#include "engine/sandbox/sandbox.h"

namespace credence::sandbox {

// Also resolves `folder` to an absolute path as seen inside.
Result<Command> checked(Command command);

}  // namespace credence::sandbox
