// One process a run, between the zygote and the room: watches the clock and the server, kills the
// room, and tells the server how it ended.
#pragma once

#include <string>
#include <vector>

#include "engine/sandbox/channel.h"
#include "engine/sandbox/confine.h"

namespace credence::sandbox {

// The descriptors of a launch message, in this order.
enum LaunchDescriptor : std::size_t {
    kControl,  // the run's own socket: the answer goes out; anything in, or its end, kills the run
    kOutput,
    kError,
    kOrder,  // a memory file with the packed Request
    kLaunchDescriptors,
};

// Waits for one launch on `socket`, meanwhile preparing its room; writes a byte to `taken` when it
// has it, and serves it. The answer carries the report as a descriptor, if there is one. The
// calling process is there for this alone.
void stand_by(Descriptor socket, Descriptor taken, const Kernel& kernel);

}  // namespace credence::sandbox
