// The zygote: started by the server from its own executable, before anything else of main() ran.
// It stays one thread and small, so that a fork costs the same whatever the server has grown to.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

#include "engine/sandbox/supervisor.h"
#include "engine/sandbox/zygote.h"

namespace credence::sandbox {
namespace {

bool is_socket(int descriptor) {
    struct stat status{};
    return ::fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

void refuse(const Descriptor& control, std::string message) {
    const Answer answer{.fate = Fate::failed, .message = std::move(message)};
    [[maybe_unused]] const auto told = send_message(control.get(), pack(answer), {});
}

// Without a process to spare: the next launch is told so. False at the end of the socket.
bool refuse_one(std::string problem) {
    auto message = receive_message(kZygoteSocket);
    if (message && message->descriptors.size() == kLaunchDescriptors) {
        refuse(message->descriptors[kControl], std::move(problem));
    }
    return message.has_value();
}

// Keeps one supervisor waiting, so that a run need not wait for a fork. False at the end.
bool serve_one(const Kernel& kernel) {
    auto taken = make_pipe();
    const pid_t supervisor = taken ? ::fork() : -1;
    if (supervisor < 0) {
        return refuse_one(system_failure("no process for the sandbox").error().message);
    }
    if (supervisor == 0) {
        taken->first.reset();
        ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        ::signal(SIGCHLD, SIG_DFL);
        stand_by(Descriptor(kZygoteSocket), std::move(taken->second), kernel);
        ::_exit(0);
    }
    taken->second.reset();
    char byte = 0;
    ssize_t got = -1;
    do {
        got = ::read(taken->first.get(), &byte, 1);
    } while (got < 0 && errno == EINTR);
    return got == 1;
}

[[noreturn]] void serve() {
    ::prctl(PR_SET_NAME, "credence-zygote", 0, 0, 0);
    ::fcntl(kZygoteSocket, F_SETFD, FD_CLOEXEC);
    ::signal(SIGPIPE, SIG_IGN);
    const Kernel kernel = measure_kernel();
    ::signal(SIGCHLD, SIG_IGN);  // the kernel reaps the supervisors
    while (serve_one(kernel)) {
    }
    ::_exit(0);  // the server is gone
}

}  // namespace

void become_zygote_if_asked(int argc, char** argv) {
    if (argc != 2 || std::string_view(argv[1]) != kZygoteFlag) {
        return;
    }
    if (!is_socket(kZygoteSocket)) {
        ::_exit(2);
    }
    serve();
}

}  // namespace credence::sandbox
