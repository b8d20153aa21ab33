// Does a runner isolate on this host? Measured by running something in it.
#pragma once

#include <functional>

#include "engine/sandbox/sandbox.h"

namespace credence::sandbox {

struct Probe {
    RunnerStatus status;
    bool user_namespaces = false;  // the program ran in one
};

using RunOne = std::function<Result<Finished>(Runner, const Command&)>;

// Runs `cat` inside on files that tell: it must start, see no network device but the loopback, have
// no capabilities, be filtered, and not see a file that every user of the host can read.
Probe probe(Runner runner, const RunOne& run);

}  // namespace credence::sandbox
