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

struct RoomPlan {
    const Kernel& kernel;
    bool privileged = false;  // a real root: no user namespace for the mounts
    int input = -1;           // the program's stdin
};

// The order for a room, sent over its channel.
enum RoomDescriptor : std::size_t { kRoomRequest, kRoomOutput, kRoomError, kRoomDescriptors };
struct RoomOrder {
    std::int64_t processes = 0;  // for RLIMIT_NPROC of the program
    int request = -1;            // the memory file
    int output = -1;             // the program's 1 and 2
    int error = -1;
};

// What the room says on its channel: first this with the scratch folder, last a packed Answer
// without the duration. When that comes, every process inside is dead.
inline constexpr std::string_view kRoomReady = "ready";

struct Room {
    pid_t process = 0;
    Descriptor channel;
};
// Starts a room in its new namespaces. It prepares what no order changes, then waits for its only
// order. It ends when its channel does, and when the calling process does.
Result<Room> start_room(const RoomPlan& plan);
Result<void> send_order(const Room& room, const RoomOrder& order);

}  // namespace credence::sandbox
