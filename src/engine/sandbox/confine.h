// What a process takes from itself before it becomes the foreign program. Every step fails closed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/sandbox/sandbox.h"

namespace credence::sandbox {

// Measured once, by the zygote.
struct Kernel {
    bool user_namespaces = false;  // an ordinary user may make one here
    std::string filter;            // build_filter()
    std::string problem;           // why there is no filter, or empty
};
Kernel measure_kernel();

// 0: the kernel has no Landlock.
std::int64_t landlock_abi();

// True with the rights of a real root: mounts without a user namespace.
bool is_privileged();

// Of the calling process, new in a user namespace: `user` and `group` outside are kInsideId inside.
Result<void> map_ids(uid_t user, gid_t group);
// Becomes the user outside, for good, and dumpable, so that /proc/self stays its own.
Result<void> become_user(std::int64_t user_id);
Result<void> enter_user_namespace();

// The bounding set, as far as the process has the right to; before become_user().
void drop_bounding_set();
// All five sets empty, and no new privileges from now on.
Result<void> drop_capabilities();

// Tasks of this user in the whole PID namespace: what RLIMIT_NPROC counts without a user namespace.
std::int64_t count_tasks(std::int64_t user_id);
// `processes`: for RLIMIT_NPROC, counted by the caller.
Result<void> limit_resources(const Limits& limits, std::int64_t processes);

// Reading and executing everything in view; writing the scratch, the devices and the tree if asked;
// no TCP, no signals and abstract sockets to the outside. Does nothing without Landlock.
Result<void> restrict_files(bool writable_tree);

// From here on the calls of build_filter() are refused.
Result<void> install_filter(std::string_view filter);

// Default actions, nothing blocked: as a program expects them.
void reset_signals();

}  // namespace credence::sandbox
