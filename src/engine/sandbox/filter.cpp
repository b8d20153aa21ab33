#include "engine/sandbox/filter.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>

#include "engine/sandbox/channel.h"

namespace credence::sandbox {
namespace {

constexpr std::size_t kMaxFilterBytes = std::size_t{1} << 16;

// Refused with EPERM, as without the right to them.
constexpr std::array kRefused{
    // mounts and namespaces
    "mount",
    "umount2",
    "mount_setattr",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "pivot_root",
    "chroot",
    "unshare",
    "setns",
    "open_by_handle_at",
    "name_to_handle_at",
    // other processes
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "process_mrelease",
    "pidfd_getfd",
    "kcmp",
    // the kernel and its keys
    "bpf",
    "perf_event_open",
    "keyctl",
    "add_key",
    "request_key",
    "userfaultfd",
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "lookup_dcookie",
    "fanotify_init",
    "fanotify_mark",
    "memfd_secret",
    "syslog",
    "acct",
    "quotactl",
    "quotactl_fd",
    "swapon",
    "swapoff",
    "reboot",
    "vhangup",
    "nfsservctl",
    "iopl",
    "ioperm",
    "modify_ldt",
    "set_mempolicy_home_node",
    "move_pages",
    "migrate_pages",
    // the clock
    "settimeofday",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "stime",
    // memory outside every limit
    "shmget",
    "memfd_create",
};

// Refused as unknown, so that programs take their older way.
constexpr std::array kUnknown{"clone3", "io_uring_setup", "io_uring_enter", "io_uring_register"};

// Newer than the library's table: statmount, listmount, open_tree_attr.
constexpr std::array kRefusedNumbers{457, 458, 467};

// CLONE_NEWTIME shares its bit with the exit signal of clone(); only clone3 and unshare know it.
constexpr std::array<std::uint64_t, 7> kNamespaceFlags{CLONE_NEWNS,    CLONE_NEWUSER, CLONE_NEWPID,
                                                       CLONE_NEWNET,   CLONE_NEWIPC,  CLONE_NEWUTS,
                                                       CLONE_NEWCGROUP};

constexpr std::uint64_t kLow32Bits = 0xffffffffU;
constexpr std::uint64_t kOrdinaryPersonality = 0;

struct ReleaseFilter {
    void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, ReleaseFilter>;

bool refuse_names(void* context) {
    const auto refuse = [&](const char* name, int error) {
        const int number = seccomp_syscall_resolve_name(name);
        // Not every architecture has every call.
        return number < 0 ||
               seccomp_rule_add(context, SCMP_ACT_ERRNO(static_cast<std::uint16_t>(error)), number,
                                0) == 0;
    };
    bool good = true;
    for (const char* name : kRefused) {
        good = refuse(name, EPERM) && good;
    }
    for (const char* name : kUnknown) {
        good = refuse(name, ENOSYS) && good;
    }
    for (const int number : kRefusedNumbers) {
        good = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), number, 0) == 0 && good;
    }
    return good;
}

bool refuse_arguments(void* context) {
    bool good = true;
    const auto refuse = [&](int error, int number, scmp_arg_cmp argument) {
        good = seccomp_rule_add_array(context, SCMP_ACT_ERRNO(static_cast<std::uint16_t>(error)),
                                      number, 1, &argument) == 0 &&
               good;
    };
    for (const std::uint64_t flag : kNamespaceFlags) {
        refuse(EPERM, SCMP_SYS(clone), {0, SCMP_CMP_MASKED_EQ, flag, flag});
    }
    refuse(EAFNOSUPPORT, SCMP_SYS(socket), {0, SCMP_CMP_NE, std::uint64_t{AF_UNIX}, 0});
    refuse(EAFNOSUPPORT, SCMP_SYS(socketpair), {0, SCMP_CMP_NE, std::uint64_t{AF_UNIX}, 0});
    for (const std::uint64_t request : {std::uint64_t{TIOCSTI}, std::uint64_t{TIOCLINUX}}) {
        refuse(EPERM, SCMP_SYS(ioctl), {1, SCMP_CMP_MASKED_EQ, kLow32Bits, request});
    }
    refuse(EPERM, SCMP_SYS(personality), {0, SCMP_CMP_NE, kOrdinaryPersonality, 0});
    return good;
}

}  // namespace

Result<std::string> build_filter() {
    constexpr std::uint32_t kBinaryTree = 2;
    const Context context(seccomp_init(SCMP_ACT_ALLOW));
    if (context == nullptr ||
        seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0 ||
        // A tree instead of a list: the kernel tries every call when the filter is installed.
        seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, kBinaryTree) != 0) {
        return fail(Code::unavailable, "libseccomp cannot start a filter");
    }
    if (!refuse_names(context.get()) || !refuse_arguments(context.get())) {
        return fail(Code::unavailable, "libseccomp cannot build the filter");
    }
    const Descriptor file = TRY(make_memory_file({}));
    if (seccomp_export_bpf(context.get(), file.get()) != 0) {
        return fail(Code::unavailable, "libseccomp cannot write the filter");
    }
    return read_memory_file(file.get(), kMaxFilterBytes);
}

}  // namespace credence::sandbox
