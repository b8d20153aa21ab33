#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/log.h"
#include "engine/sandbox/sandbox.h"
#include "engine/sandbox/zygote.h"

namespace credence::sandbox {
namespace {

constexpr std::string_view kLaunchWord = "run";

struct SpawnPlan {
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};

    // Nothing of ours but the socket and stderr is inherited, and no terminal.
    explicit SpawnPlan(int socket) {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDWR, 0);
        ::posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, socket, kZygoteSocket);
        ::posix_spawn_file_actions_addclosefrom_np(&actions, kZygoteSocket + 1);
        ::posix_spawnattr_init(&attributes);
        sigset_t set;
        ::sigemptyset(&set);
        ::posix_spawnattr_setsigmask(&attributes, &set);
        ::sigfillset(&set);
        ::posix_spawnattr_setsigdefault(&attributes, &set);
        ::posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    }
    ~SpawnPlan() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
};

}  // namespace

Zygote::~Zygote() {
    stop();
}

pid_t Zygote::process() const {
    const std::scoped_lock lock(mutex_);
    return process_;
}

void Zygote::stop() {
    // Without its socket the zygote ends, and each of its supervisors with it.
    socket_.reset();
    if (process_ > 0) {
        while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    process_ = 0;
}

Result<void> Zygote::start() {
    Pair sockets = TRY(make_socket_pair());
    const SpawnPlan plan(sockets.second.get());
    std::string name = "credence-zygote";
    std::string flag(kZygoteFlag);
    const std::array<char*, 3> arguments{name.data(), flag.data(), nullptr};
    const std::array<char*, 1> environment{nullptr};
    const int error = ::posix_spawn(&process_, program_.c_str(), &plan.actions, &plan.attributes,
                                    arguments.data(), environment.data());
    if (error != 0) {
        process_ = 0;
        errno = error;
        return system_failure("the sandbox's zygote does not start");
    }
    socket_ = std::move(sockets.first);
    return {};
}

Result<void> Zygote::launch(std::span<const int> descriptors) {
    const std::scoped_lock lock(mutex_);
    if (socket_.is_open()) {
        const bool is_dead = process_ > 0 && ::waitpid(process_, nullptr, WNOHANG) == process_;
        process_ = is_dead ? 0 : process_;
        if (!is_dead && send_message(socket_.get(), kLaunchWord, descriptors)) {
            return {};
        }
        log::warning("the sandbox's zygote died; starting another");
        stop();
    }
    TRY(start());
    return send_message(socket_.get(), kLaunchWord, descriptors);
}

}  // namespace credence::sandbox
