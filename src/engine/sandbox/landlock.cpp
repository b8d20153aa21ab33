// Landlock: a second wall behind the mounts. Numbers and layouts are the kernel's (uapi
// linux/landlock.h); headers that know them all are newer than the systems we build on.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>

#include "engine/sandbox/channel.h"
#include "engine/sandbox/confine.h"

namespace credence::sandbox {
namespace {

constexpr long kCreateRuleset = 444;
constexpr long kAddRule = 445;
constexpr long kRestrictSelf = 446;
constexpr unsigned int kAskVersion = 1;
constexpr int kPathBeneath = 1;

constexpr std::uint64_t kExecute = 1U << 0;
constexpr std::uint64_t kWriteFile = 1U << 1;
constexpr std::uint64_t kReadFile = 1U << 2;
constexpr std::uint64_t kReadFolder = 1U << 3;
constexpr std::uint64_t kFirstRights = (1U << 13) - 1;  // version 1: bits 0 to 12
constexpr std::uint64_t kRefer = 1U << 13;              // version 2
constexpr std::uint64_t kTruncate = 1U << 14;           // version 3
constexpr std::uint64_t kDeviceControl = 1U << 15;      // version 5
constexpr std::uint64_t kAllTcp = 3;                    // version 4: bind and connect
constexpr std::uint64_t kAllScopes = 3;                 // version 6: abstract sockets and signals

struct Ruleset {
    std::uint64_t files = 0;
    std::uint64_t network = 0;
    std::uint64_t scopes = 0;
};

struct [[gnu::packed]] PathRule {
    std::uint64_t rights = 0;
    std::int32_t parent = -1;
};

Ruleset ruleset_for(std::int64_t abi) {
    Ruleset all{.files = kFirstRights, .network = 0, .scopes = 0};
    all.files |= abi >= 2 ? kRefer : 0;
    all.files |= abi >= 3 ? kTruncate : 0;
    all.files |= abi >= 5 ? kDeviceControl : 0;
    all.network = abi >= 4 ? kAllTcp : 0;
    all.scopes = abi >= 6 ? kAllScopes : 0;
    return all;
}

std::size_t size_for(std::int64_t abi) {
    if (abi >= 6) {
        return sizeof(Ruleset);
    }
    return abi >= 4 ? 2 * sizeof(std::uint64_t) : sizeof(std::uint64_t);
}

Result<void> allow(int ruleset, const char* path, std::uint64_t rights) {
    const Descriptor parent(::open(path, O_PATH | O_CLOEXEC));
    const PathRule rule{.rights = rights, .parent = parent.get()};
    if (!parent.is_open() || ::syscall(kAddRule, ruleset, kPathBeneath, &rule, 0) != 0) {
        return system_failure(std::string("the sandbox cannot allow ") + path);
    }
    return {};
}

}  // namespace

std::int64_t landlock_abi() {
    const long version = ::syscall(kCreateRuleset, nullptr, 0, kAskVersion);
    return version > 0 ? version : 0;
}

Result<void> restrict_files(bool writable_tree) {
    const std::int64_t abi = landlock_abi();
    if (abi == 0) {
        return {};
    }
    const Ruleset all = ruleset_for(abi);
    const Descriptor ruleset(static_cast<int>(::syscall(kCreateRuleset, &all, size_for(abi), 0)));
    if (!ruleset.is_open()) {
        return system_failure("the sandbox cannot make a Landlock ruleset");
    }
    TRY(allow(ruleset.get(), "/", kExecute | kReadFile | kReadFolder));
    TRY(allow(ruleset.get(), "/tmp", all.files));
    if (writable_tree) {
        TRY(allow(ruleset.get(), "/tree", all.files));
    }
    for (const char* device : {"/dev/null", "/dev/zero", "/dev/full"}) {
        TRY(allow(ruleset.get(), device, kReadFile | kWriteFile | (all.files & kTruncate)));
    }
    if (::syscall(kRestrictSelf, ruleset.get(), 0) != 0) {
        return system_failure("the sandbox cannot enforce Landlock");
    }
    return {};
}

}  // namespace credence::sandbox
