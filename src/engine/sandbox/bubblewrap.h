// How bubblewrap is told to run a program in the room. The view is the room's, complete, and so are
// its network, IPC and host-name namespaces; bubblewrap adds namespaces of its own for users,
// processes and mounts, a /proc that shows no more than the program's, and the filter.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/sandbox/request.h"

namespace credence::sandbox {

// The descriptors that bubblewrap finds open, beside the standard three and the caller's own at 3.
enum BubblewrapDescriptor : int {
    kArgumentsDescriptor = 4,
    kFilterDescriptor,
    kReportDescriptor,  // --json-status-fd
    kAfterDescriptors,
};

// Its options, each ended by a NUL, for --args; the program's own argv goes on the command line.
std::string bubblewrap_options(const Request& request);

// The exit code in what it wrote to kReportDescriptor; nothing if the program never started.
std::optional<std::int64_t> reported_exit_code(std::string_view report);

}  // namespace credence::sandbox
