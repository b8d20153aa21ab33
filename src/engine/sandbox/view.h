// What a sandboxed program sees, as a list of mounts; the same for both runners. It is made in two
// steps, so that the first may be done before the command is known.
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
inline constexpr const char* kOldRoot = "/.old-root";  // until the view is finished

enum class EntryKind : std::uint8_t { symlink, read_only, writable, device };

struct Entry {
    EntryKind kind = EntryKind::read_only;
    std::string source;        // path on the host; of a symlink: its target
    std::string target;        // path inside
    bool is_optional = false;  // need not exist on the host
};

// What every view has: /usr, the links or folders /bin … as on this host, the devices without
// state.
std::vector<Entry> plan_system();
// What one command adds: the loader's files as they are now, the tree, and the command's own paths.
std::vector<Entry> plan_command(const Request& request);

// /etc/passwd and /etc/group inside: root, and the program's user.
std::string passwd_text(std::int64_t user_id);
std::string group_text(std::int64_t user_id);

// A view without what one command adds to it. The old root is still attached in it.
struct BegunView {
    Descriptor old_root;
};
// Of the calling process, which is alone in a new mount namespace and process 1 of its own PID
// namespace: makes the view its root. Nothing of it shows anywhere else. Works below a plain chroot
// as well, where / is no mount point.
Result<BegunView> begin_view();

// Adds what the command needs; then the old root is gone and all is read-only but the scratch and a
// writable tree. Returns the scratch, which stays readable for as long as the descriptor lives,
// whatever becomes of the mount.
Result<Descriptor> finish_view(BegunView view, const Request& request);

}  // namespace credence::sandbox
