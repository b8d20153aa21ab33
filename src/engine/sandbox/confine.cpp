#include "engine/sandbox/confine.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>

#include "base/units.h"
#include "engine/sandbox/channel.h"
#include "engine/sandbox/filter.h"
#include "engine/sandbox/view.h"

namespace credence::sandbox {
namespace {

constexpr uid_t kNobody = 65534;
constexpr unsigned long kLastCapability = 63;

using CapabilityWords = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

bool read_capabilities(CapabilityWords& words) {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    return ::syscall(SYS_capget, &header, words.data()) == 0;
}

Result<void> write_own(const char* path, const std::string& text) {
    const Descriptor file(::open(path, O_WRONLY | O_CLOEXEC));
    if (!file.is_open() ||
        ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        return system_failure(std::string("the sandbox cannot write ") + path);
    }
    return {};
}

// In a child, because nobody comes back from there.
bool try_user_namespace() {
    const pid_t child = ::fork();
    if (child == 0) {
        const bool good =
            (::geteuid() != 0 || become_user(kNobody).has_value()) && enter_user_namespace();
        ::_exit(good ? 0 : 1);
    }
    int status = 1;
    while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

Kernel measure_kernel() {
    Kernel kernel;
    kernel.user_namespaces = try_user_namespace();
    auto filter = build_filter();
    if (filter) {
        kernel.filter = std::move(*filter);
    } else {
        kernel.problem = filter.error().message;
    }
    return kernel;
}

bool is_privileged() {
    CapabilityWords words{};
    return ::geteuid() == 0 && read_capabilities(words) &&
           (words[0].effective & (1U << CAP_SYS_ADMIN)) != 0;
}

Result<void> map_ids(uid_t user, gid_t group) {
    const std::string inside = std::to_string(kInsideId) + " ";
    TRY(write_own("/proc/self/setgroups", "deny"));
    TRY(write_own("/proc/self/uid_map", inside + std::to_string(user) + " 1"));
    return write_own("/proc/self/gid_map", inside + std::to_string(group) + " 1");
}

Result<void> become_user(std::int64_t user_id) {
    const auto user = static_cast<uid_t>(user_id);
    const auto group = static_cast<gid_t>(user_id);
    if (user == 0 || ::setgroups(0, nullptr) != 0 || ::setresgid(group, group, group) != 0 ||
        ::setresuid(user, user, user) != 0 || ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) {
        return system_failure("the sandbox cannot become its user");
    }
    return {};
}

Result<void> enter_user_namespace() {
    const uid_t user = ::geteuid();
    const gid_t group = ::getegid();
    if (::unshare(CLONE_NEWUSER) != 0) {
        return system_failure("the kernel grants no user namespace");
    }
    return map_ids(user, group);
}

void drop_bounding_set() {
    for (unsigned long capability = 0; capability <= kLastCapability; ++capability) {
        // Without CAP_SETPCAP this is refused; no_new_privs and empty sets then do it alone.
        if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) {
            break;
        }
    }
}

Result<void> drop_capabilities() {
    drop_bounding_set();
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    CapabilityWords words{};
    if (::syscall(SYS_capset, &header, words.data()) != 0 || !read_capabilities(words)) {
        return system_failure("the sandbox cannot drop its capabilities");
    }
    for (const auto& word : words) {
        if ((word.effective | word.permitted | word.inheritable) != 0) {
            return fail(Code::unavailable, "the sandbox kept a capability");
        }
    }
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return system_failure("the sandbox cannot forbid new privileges");
    }
    return {};
}

std::int64_t count_tasks(std::int64_t user_id) {
    const std::unique_ptr<DIR, int (*)(DIR*)> processes(::opendir("/proc"), &::closedir);
    std::int64_t tasks = 0;
    for (const dirent* entry = nullptr;
         processes != nullptr && (entry = ::readdir(processes.get())) != nullptr;) {
        const std::string path = std::string("/proc/") + entry->d_name + "/task";
        struct stat status{};
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
            ::stat(path.c_str(), &status) == 0 && status.st_uid == static_cast<uid_t>(user_id)) {
            tasks += static_cast<std::int64_t>(status.st_nlink) - 2;  // less "." and ".."
        }
    }
    return tasks;
}

Result<void> limit_resources(const Limits& limits, std::int64_t processes) {
    const std::int64_t cpu_s = (limits.cpu_ms + kMsPerSecond - 1) / kMsPerSecond;
    const std::array<std::pair<__rlimit_resource, std::int64_t>, 8> all{{
        {RLIMIT_CPU, cpu_s},
        {RLIMIT_AS, limits.memory_bytes},
        {RLIMIT_FSIZE, limits.file_bytes},
        {RLIMIT_NOFILE, limits.open_files},
        {RLIMIT_NPROC, processes},
        {RLIMIT_CORE, 0},
        {RLIMIT_MEMLOCK, 0},
        {RLIMIT_MSGQUEUE, 0},
    }};
    for (const auto& [resource, value] : all) {
        const rlim_t hard = static_cast<rlim_t>(resource == RLIMIT_CPU ? value + 1 : value);
        const rlimit limit{.rlim_cur = static_cast<rlim_t>(value), .rlim_max = hard};
        rlimit now{};
        // An ordinary user cannot raise what the server itself may not exceed: the lower one holds.
        if (::setrlimit(resource, &limit) != 0 &&
            (::getrlimit(resource, &now) != 0 || now.rlim_max > limit.rlim_max)) {
            return system_failure("the sandbox cannot limit its resources");
        }
    }
    return {};
}

Result<void> install_filter(std::string_view filter) {
    // The bytes are an array of sock_filter; the kernel copies them.
    std::vector<sock_filter> program(filter.size() / sizeof(sock_filter));
    filter.copy(reinterpret_cast<char*>(program.data()), program.size() * sizeof(sock_filter));
    const sock_fprog header{.len = static_cast<unsigned short>(program.size()),
                            .filter = program.data()};
    if (program.empty() || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &header, 0, 0) != 0) {
        return system_failure("the sandbox cannot filter system calls");
    }
    return {};
}

void reset_signals() {
    struct sigaction ordinary{};
    ordinary.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) {
        ::sigaction(number, &ordinary, nullptr);  // refused for the two that cannot be changed
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace credence::sandbox
