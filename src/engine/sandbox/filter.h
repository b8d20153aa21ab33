// The system calls a sandboxed program may not make (seccomp), as a program for the kernel.
#pragma once

#include <string>

#include "base/result.h"

namespace credence::sandbox {

// An array of struct sock_filter: everything that changes namespaces, mounts, other processes, the
// kernel or the clock is refused, sockets are AF_UNIX only, foreign architectures are killed.
// Code::unavailable when libseccomp cannot build it.
Result<std::string> build_filter();

}  // namespace credence::sandbox
