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

// Serves one launch, in a process of its own. The answer carries the report as a descriptor, if
// there is one.
void supervise(std::vector<Descriptor> descriptors, const Kernel& kernel);

}  // namespace credence::sandbox
