// How bubblewrap is told to build the same room as the native runner.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/sandbox/request.h"
#include "engine/sandbox/view.h"

namespace credence::sandbox {

// The descriptors that bubblewrap finds open, beside the standard three and the caller's own at 3.
enum BubblewrapDescriptor : int {
    kArgumentsDescriptor = 4,
    kFilterDescriptor,
    kPasswdDescriptor,
    kGroupDescriptor,
    kReportDescriptor,  // --json-status-fd
    kAfterDescriptors,
};

// Its options, each ended by a NUL, for --args; the program's own argv goes on the command line.
std::string bubblewrap_options(const Request& request, const Staged& staged);

// The exit code in what it wrote to kReportDescriptor; nothing if the program never started.
std::optional<std::int64_t> reported_exit_code(std::string_view report);

}  // namespace credence::sandbox
