// What a sandboxed program sees, as a list of mounts; both runners build the same one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/sandbox/channel.h"
#include "engine/sandbox/request.h"
#include "engine/sandbox/sandbox.h"

namespace credence::sandbox {

inline constexpr int kInsideId = 1000;  // user and group inside a user namespace
inline constexpr std::string_view kScratchMount = "/tmp";

enum class EntryKind : std::uint8_t { symlink, read_only, writable, device };

struct Entry {
    EntryKind kind = EntryKind::read_only;
    std::string source;  // path on the host; of a symlink: its target
    std::string target;  // path inside
};

// /usr, the links or folders /bin … as on this host, the loader's cache, the devices without state,
// the tree, and the command's own paths.
std::vector<Entry> plan_view(const Command& command);

// /etc/passwd and /etc/group inside: root, and the program's user.
std::string passwd_text(std::int64_t user_id);
std::string group_text(std::int64_t user_id);

// An entry's source, cloned as a mount that is attached nowhere yet; symlinks have none.
struct Clone {
    Entry entry;
    Descriptor mount;
    bool is_folder = false;
};

// Of the calling process, which is alone in a new mount namespace: nothing that is mounted from
// now on shows anywhere else. Works below a plain chroot as well, where / is no mount point.
Result<void> make_mounts_private();
Result<std::vector<Clone>> clone_sources(const std::vector<Entry>& entries);
Result<void> attach(const Clone& clone, const std::string& target);

// Mounts a tmpfs for /tmp at `target`; returns its folder, which stays readable afterwards for as
// long as the descriptor lives, whatever becomes of the mount.
Result<Descriptor> mount_scratch(const std::string& target, std::int64_t bytes);

// Native: makes the view the root of the calling process, read-only but for the scratch, with the
// old root gone. Returns the scratch. The caller is process 1 of its own PID namespace.
Result<Descriptor> enter_view(const Request& request);

// Bubblewrap: puts the sources and the scratch at a place that any user can reach.
struct Staged {
    std::vector<Entry> entries;  // with their sources replaced
    std::string scratch;         // path of the tmpfs
    Descriptor scratch_folder;
};
Result<Staged> stage_view(const Request& request);

}  // namespace credence::sandbox
