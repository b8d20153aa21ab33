// Whether this host can run recipes, and through what.
#pragma once

#include "api/context.h"
#include "base/result.h"
#include "base/shape.h"
#include "engine/sandbox/sandbox.h"

namespace credence::trust {

// Thread-safe.
class Sandbox {
public:
    explicit Sandbox(sandbox::Sandbox& sandbox) : sandbox_(sandbox) {}

    // Probes on first use (well under a second), then answers from memory.
    Result<sandbox::Status> status(const Context&, const Empty&) { return sandbox_.status(); }

private:
    sandbox::Sandbox& sandbox_;
};

}  // namespace credence::trust
