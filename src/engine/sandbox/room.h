// Process 1 of a run: builds the room, starts the program in it, waits for it. Its end is the end
// of everything inside, because the kernel kills the rest of a PID namespace with its first
// process.
#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "engine/sandbox/channel.h"
#include "engine/sandbox/confine.h"
#include "engine/sandbox/request.h"

namespace credence::sandbox {

struct RoomOrder {
    const Request& request;
    const Kernel& kernel;
    bool privileged = false;     // a real root: no user namespace for the mounts
    std::int64_t processes = 0;  // for RLIMIT_NPROC of the program
    int input = -1;              // the program's 0, 1 and 2
    int output = -1;
    int error = -1;
};

// What the room says on its channel: first this with the scratch folder, last a packed Answer
// without the duration. When that comes, every process inside is dead.
inline constexpr std::string_view kRoomReady = "ready";

// Starts the room in its new namespaces; returns its process. `channel` is the room's end.
Result<pid_t> start_room(const RoomOrder& order, const Descriptor& channel);

}  // namespace credence::sandbox
