#include "engine/sandbox/view.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <string>
#include <utility>

namespace credence::sandbox {
namespace {

constexpr mode_t kFolderMode = 0755;
constexpr mode_t kFileMode = 0644;
constexpr std::int64_t kScratchInodes = 200'000;

// Mount points that every root has, on which other mounts can hide for a moment.
constexpr std::array kMountPoints{"/proc", "/sys", "/dev"};
constexpr std::array kSystemFolders{
    "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives"};
// Replaced as a whole by whoever installs libraries: shown as it is when the command comes.
constexpr const char* kLoaderCache = "/etc/ld.so.cache";
constexpr std::array kDevices{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
constexpr std::array<std::pair<const char*, const char*>, 5> kLinks{{
    {"/proc/self/fd", "/dev/fd"},
    {"/proc/self/fd/0", "/dev/stdin"},
    {"/proc/self/fd/1", "/dev/stdout"},
    {"/proc/self/fd/2", "/dev/stderr"},
    {"/tmp", "/dev/shm"},  // so that the limit of the scratch holds there as well
}};

std::string read_link(const std::string& path) {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
    return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : std::string();
}

// Entries that this host has: `path` as it is, a link as a link.
void add_as_on_host(const char* path, std::vector<Entry>& entries) {
    struct stat status{};
    if (::lstat(path, &status) != 0) {
        return;
    }
    if (S_ISLNK(status.st_mode)) {
        entries.push_back({.kind = EntryKind::symlink, .source = read_link(path), .target = path});
    } else {
        entries.push_back({.kind = EntryKind::read_only, .source = path, .target = path});
    }
}

Result<void> make_folders(const std::string& path) {
    for (std::size_t slash = path.find('/', 1); true; slash = path.find('/', slash + 1)) {
        const std::string folder = path.substr(0, slash);
        if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) {
            return system_failure("the sandbox cannot make " + folder);
        }
        if (slash == std::string::npos) {
            return {};
        }
    }
}

Result<void> make_parent(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    return slash == 0 ? Result<void>() : make_folders(path.substr(0, slash));
}

Result<void> write_file(const std::string& path, std::string_view text) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
    if (!file.is_open() ||
        ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        return system_failure("the sandbox cannot write " + path);
    }
    return {};
}

Result<void> mount_plain(const char* type, const char* target, const std::string& options) {
    if (::mount(type, target, type, MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
        return system_failure(std::string("the sandbox cannot mount ") + type + " at " + target);
    }
    return {};
}

Result<void> mount_processes() {
    constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (::mount("proc", "/proc", "proc", kFlags, "hidepid=2") == 0 ||
        ::mount("proc", "/proc", "proc", kFlags, nullptr) == 0) {
        return {};
    }
    return system_failure("the sandbox cannot mount proc");
}

// What the view has beside the clones.
Result<void> furnish() {
    for (const char* folder : {"/etc", "/dev", "/tmp", "/proc"}) {
        TRY(make_folders(folder));
    }
    for (const auto& [source, target] : kLinks) {
        if (::symlink(source, target) != 0) {
            return system_failure(std::string("the sandbox cannot link ") + target);
        }
    }
    return mount_processes();
}

// An entry's source, cloned as a mount that is attached nowhere yet; symlinks have none.
struct Clone {
    Entry entry;
    Descriptor mount;
    bool is_folder = false;
};

// `path` as `root` leads to it: its links, absolute ones as well, stay below.
Descriptor open_below(int root, const std::string& path) {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT;
    long file = -1;
    do {
        file = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    } while (file < 0 && errno == EAGAIN);  // something was renamed just now
    return Descriptor(static_cast<int>(file));
}

Result<Clone> clone_source(int root, const Entry& entry) {
    Clone clone{.entry = entry, .mount = {}, .is_folder = false};
    if (entry.kind == EntryKind::symlink) {
        return clone;
    }
    constexpr unsigned int kFlags =
        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH;
    const Descriptor source = open_below(root, entry.source);
    if (source.is_open()) {
        clone.mount = Descriptor(::open_tree(source.get(), "", kFlags));
    }
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_NOSUID;
    if (entry.kind != EntryKind::device) {
        attributes.attr_set |= MOUNT_ATTR_NODEV;
    }
    if (entry.kind == EntryKind::read_only) {
        attributes.attr_set |= MOUNT_ATTR_RDONLY;
    }
    struct stat status{};
    if (!clone.mount.is_open() || ::fstat(clone.mount.get(), &status) != 0 ||
        ::mount_setattr(clone.mount.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
                        sizeof attributes) != 0) {
        return system_failure("the sandbox cannot show " + entry.source);
    }
    clone.is_folder = S_ISDIR(status.st_mode);
    return clone;
}

Result<void> attach(const Clone& clone, const std::string& target) {
    if (clone.is_folder) {
        TRY(make_folders(target));
    } else {
        const Descriptor file(
            ::open(target.c_str(), O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kFileMode));
        if (!file.is_open()) {
            return system_failure("the sandbox cannot make " + target);
        }
    }
    if (::move_mount(clone.mount.get(), "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH) !=
        0) {
        return system_failure("the sandbox cannot attach " + target);
    }
    return {};
}

// Shows what `root` has at the entries' sources.
Result<void> add_entries(int root, const std::vector<Entry>& entries) {
    for (const Entry& entry : entries) {
        if (entry.target.starts_with(kOldRoot)) {
            return fail(Code::invalid, "nothing can be shown at " + entry.target);
        }
        if (entry.is_optional && !open_below(root, entry.source).is_open() && errno == ENOENT) {
            continue;
        }
        const Clone clone = TRY(clone_source(root, entry));
        TRY(make_parent(entry.target));
        if (entry.kind != EntryKind::symlink) {
            TRY(attach(clone, entry.target));
        } else if (::symlink(entry.source.c_str(), entry.target.c_str()) != 0 && errno != EEXIST) {
            return system_failure("the sandbox cannot link " + entry.target);
        }
    }
    return {};
}

Result<Descriptor> mount_scratch(const std::string& target, std::int64_t bytes) {
    TRY(make_folders(target));
    TRY(mount_plain("tmpfs", target.c_str(),
                    "mode=1777,size=" + std::to_string(bytes) +
                        ",nr_inodes=" + std::to_string(kScratchInodes)));
    Descriptor folder(::open(target.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder.is_open()) {
        return system_failure("the sandbox cannot open its scratch");
    }
    return folder;
}

Result<void> make_mounts_private() {
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0) {
        return {};
    }
    if (errno != EINVAL) {
        return system_failure("the sandbox cannot separate its mounts");
    }
    // Below a plain chroot / is no mount point. A mount of / over another one that can be made
    // private first (so that the host does not see it) becomes the root.
    for (const char* point : kMountPoints) {
        if (::mount(nullptr, point, nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
            ::mount("/", point, nullptr, MS_BIND | MS_REC, nullptr) == 0 &&
            ::mount(nullptr, point, nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
            ::chdir(point) == 0 && ::chroot(".") == 0 && ::chdir("/") == 0) {
            return {};
        }
    }
    return system_failure("the sandbox cannot make / a mount point of its own");
}

// The old root goes, the new one becomes read-only.
Result<void> close_view() {
    if (::umount2(kOldRoot, MNT_DETACH) != 0 || ::rmdir(kOldRoot) != 0) {
        return system_failure("the sandbox cannot leave the old root");
    }
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
    if (::mount_setattr(AT_FDCWD, "/", 0, &attributes, sizeof attributes) != 0) {
        return system_failure("the sandbox cannot make its root read-only");
    }
    if (::chdir("/") != 0) {
        return system_failure("the sandbox cannot enter its root");
    }
    return {};
}

}  // namespace

std::vector<Entry> plan_system() {
    std::vector<Entry> entries;
    entries.push_back({.kind = EntryKind::read_only, .source = "/usr", .target = "/usr"});
    for (const char* path : kSystemFolders) {
        add_as_on_host(path, entries);
    }
    for (const char* path : kDevices) {
        entries.push_back({.kind = EntryKind::device, .source = path, .target = path});
    }
    return entries;
}

std::vector<Entry> plan_command(const Request& request) {
    const Command& command = request.command;
    std::vector<Entry> entries;
    entries.push_back({.kind = EntryKind::read_only,
                       .source = kLoaderCache,
                       .target = kLoaderCache,
                       .is_optional = true});
    if (!command.tree.empty()) {
        entries.push_back(
            {.kind = command.writable_tree ? EntryKind::writable : EntryKind::read_only,
             .source = command.tree,
             .target = std::string(kTreeMount)});
    }
    for (const std::string& path : command.read_only) {
        entries.push_back({.kind = EntryKind::read_only, .source = path, .target = path});
    }
    if (request.runner == Runner::bubblewrap && !request.bubblewrap.starts_with("/usr/")) {
        entries.push_back({.kind = EntryKind::read_only,
                           .source = request.bubblewrap,
                           .target = request.bubblewrap});
    }
    return entries;
}

std::string passwd_text(std::int64_t user_id) {
    std::string text =
        "root:x:0:0:root:/:/usr/sbin/nologin\nsandbox:x:" + std::to_string(kInsideId) + ":" +
        std::to_string(kInsideId) + "::/tmp:/usr/sbin/nologin\n";
    if (user_id != kInsideId && user_id != 0) {
        const std::string id = std::to_string(user_id);
        text += "program:x:" + id + ":" + id + "::/tmp:/usr/sbin/nologin\n";
    }
    return text;
}

std::string group_text(std::int64_t user_id) {
    std::string text = "root:x:0:\nsandbox:x:" + std::to_string(kInsideId) + ":\n";
    if (user_id != kInsideId && user_id != 0) {
        text += "program:x:" + std::to_string(user_id) + ":\n";
    }
    return text;
}

Result<BegunView> begin_view() {
    TRY(make_mounts_private());
    const std::vector<Entry> entries = plan_system();
    const char* place = kMountPoints.front();
    TRY(mount_plain("tmpfs", place, "mode=0755,size=4m,nr_inodes=4096"));
    if (::chdir(place) != 0 || ::mkdir(kOldRoot + 1, kFolderMode) != 0 ||
        ::syscall(SYS_pivot_root, ".", kOldRoot + 1) != 0 || ::chdir("/") != 0) {
        return system_failure("the sandbox cannot change its root");
    }
    BegunView view{.old_root = Descriptor(::open(kOldRoot, O_PATH | O_DIRECTORY | O_CLOEXEC))};
    if (!view.old_root.is_open()) {
        return system_failure("the sandbox cannot open the old root");
    }
    TRY(furnish());
    TRY(add_entries(view.old_root.get(), entries));
    return view;
}

Result<Descriptor> finish_view(BegunView view, const Request& request) {
    TRY(write_file("/etc/passwd", passwd_text(request.user_id)));
    TRY(write_file("/etc/group", group_text(request.user_id)));
    Descriptor scratch =
        TRY(mount_scratch(std::string(kScratchMount), request.command.limits.scratch_bytes));
    TRY(add_entries(view.old_root.get(), plan_command(request)));
    view.old_root.reset();
    TRY(close_view());
    return scratch;
}

}  // namespace credence::sandbox
