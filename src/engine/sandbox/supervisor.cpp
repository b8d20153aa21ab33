#include "engine/sandbox/supervisor.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <optional>
#include <utility>

#include "base/units.h"
#include "engine/sandbox/room.h"
#include "engine/sandbox/view.h"

namespace credence::sandbox {
namespace {

constexpr mode_t kMask = 022;
// Our own processes that count beside the program's, in the namespace where they are counted.
constexpr std::int64_t kRoomProcesses = 1;        // the room itself, when nobody is root
constexpr std::int64_t kBubblewrapProcesses = 2;  // its monitor and its first process

std::int64_t steady_us() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return (static_cast<std::int64_t>(now.tv_sec) * kUsPerSecond) + (now.tv_nsec / kUsPerMs);
}

// The report, if it is an ordinary file in the scratch, reached without any link.
Descriptor open_report(int scratch, const std::string& path) {
    open_how how{};
    how.flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
    const std::string below = path.substr(kScratchMount.size() + 1);
    Descriptor file(
        static_cast<int>(::syscall(SYS_openat2, scratch, below.c_str(), &how, sizeof how)));
    struct stat status{};
    if (!file.is_open() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return {};
    }
    return file;
}

std::int64_t allowed_processes(const Request& request, const Kernel& kernel, bool privileged) {
    std::int64_t allowed = request.command.limits.processes;
    allowed += privileged ? 0 : kRoomProcesses;
    allowed += request.runner == Runner::bubblewrap ? kBubblewrapProcesses : 0;
    if (privileged && !kernel.user_namespaces) {
        // The user's tasks are counted on the whole host then.
        allowed += count_tasks(request.user_id);
    }
    return allowed;
}

void reap(pid_t room) {
    while (::waitpid(room, nullptr, 0) < 0 && errno == EINTR) {
    }
}

// Watches one room from its start to its end.
class Watch {
public:
    Watch(int control, Descriptor channel, pid_t room, std::int64_t wall_ms)
        : control_(control),
          channel_(std::move(channel)),
          room_(room),
          begin_us_(steady_us()),
          deadline_us_(begin_us_ + (wall_ms * kUsPerMs)) {}

    Answer wait() {
        while (!done_) {
            step();
        }
        answer_.duration_us = end_us_ - begin_us_;
        if (!is_over_) {
            ::kill(room_, SIGKILL);
            reap(room_);
        }
        return answer_;
    }
    int scratch() const { return scratch_.get(); }

private:
    void finish(Answer answer) {
        answer_ = std::move(answer);
        end_us_ = steady_us();
        done_ = true;
    }

    void step() {
        std::array<pollfd, 2> waits{{{.fd = channel_.get(), .events = POLLIN, .revents = 0},
                                     {.fd = control_, .events = POLLIN, .revents = 0}}};
        const std::int64_t left_us = deadline_us_ - steady_us();
        if (left_us <= 0) {
            finish({.fate = Fate::ended, .ending = Ending::timed_out});
            return;
        }
        const timespec timeout{.tv_sec = left_us / kUsPerSecond,
                               .tv_nsec = (left_us % kUsPerSecond) * kUsPerMs};
        if (::ppoll(waits.data(), waits.size(), &timeout, nullptr) <= 0) {
            return;
        }
        if (waits[0].revents != 0) {
            hear();
        } else if (waits[1].revents != 0) {
            finish({.fate = Fate::ended, .ending = Ending::signalled, .signal = SIGKILL});
        }
    }

    void hear() {
        auto message = receive_message(channel_.get());
        if (!message) {
            finish({.fate = Fate::failed, .message = "the sandbox ended before its program"});
        } else if (message->bytes == kRoomReady && message->descriptors.size() == 1) {
            scratch_ = std::move(message->descriptors.front());
        } else {
            // Its last word: nothing but the room itself is left.
            is_over_ = true;
            auto answer = unpack_answer(message->bytes);
            finish(answer ? *answer
                          : Answer{.fate = Fate::failed, .message = answer.error().message});
        }
    }

    int control_;
    Descriptor channel_;
    pid_t room_;
    Descriptor scratch_;
    std::int64_t begin_us_;
    std::int64_t deadline_us_;
    std::int64_t end_us_ = 0;
    Answer answer_;
    bool done_ = false;
    bool is_over_ = false;
};

struct Outcome {
    Answer answer;
    Descriptor report;
    pid_t room = 0;
};

// A room made before its order is known. It sees the mounts of the host as they were then, so it is
// given up as soon as they change; it also keeps none of them busy that way.
class Spare {
public:
    explicit Spare(const Kernel& kernel)
        : kernel_(kernel),
          privileged_(is_privileged()),
          input_(::open("/dev/null", O_RDONLY | O_CLOEXEC)),
          mounts_(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)) {}
    Spare(const Spare&) = delete;
    Spare& operator=(const Spare&) = delete;
    ~Spare() { give_up(); }

    bool privileged() const { return privileged_; }

    void prepare() {
        // A root without the rights of one becomes the order's user first.
        if (mounts_.is_open() && (privileged_ || ::geteuid() != 0) && !kernel_.filter.empty()) {
            if (auto room = start()) {
                room_ = std::move(*room);
            }
        }
    }

    // Until `socket` has something.
    void wait(int socket) {
        while (true) {
            // A negative descriptor is ignored.
            std::array<pollfd, 2> waits{
                {{.fd = socket, .events = POLLIN, .revents = 0},
                 {.fd = room_ ? mounts_.get() : -1, .events = POLLPRI, .revents = 0}}};
            if (::ppoll(waits.data(), waits.size(), nullptr, nullptr) < 0) {
                continue;
            }
            if (waits[1].revents != 0) {
                give_up();
            }
            if (waits[0].revents != 0) {
                return;
            }
        }
    }

    // The prepared room, or else a new one, with its order.
    Result<Room> take(const RoomOrder& order) {
        if (room_ && send_order(*room_, order)) {
            return std::move(*std::exchange(room_, std::nullopt));
        }
        give_up();
        Room room = TRY(start());
        TRY(send_order(room, order));
        return room;
    }

private:
    Result<Room> start() {
        if (!input_.is_open()) {
            return system_failure("/dev/null");
        }
        return start_room({.kernel = kernel_, .privileged = privileged_, .input = input_.get()});
    }

    void give_up() {
        if (room_) {
            ::kill(room_->process, SIGKILL);
            reap(room_->process);
            room_.reset();
        }
    }

    const Kernel& kernel_;
    bool privileged_;
    Descriptor input_;
    Descriptor mounts_;
    std::optional<Room> room_;
};

Result<Outcome> run(std::vector<Descriptor>& descriptors, const Kernel& kernel, Spare& spare) {
    if (kernel.filter.empty()) {
        return fail(Code::unavailable, kernel.problem);
    }
    const Request request =
        TRY(unpack_request(TRY(read_memory_file(descriptors[kOrder].get(), kMaxRequestBytes))));
    if (!spare.privileged() && ::geteuid() == 0) {
        TRY(become_user(request.user_id));  // a root without the rights of one
    }
    Room room = TRY(spare.take({.processes = allowed_processes(request, kernel, spare.privileged()),
                                .request = descriptors[kOrder].get(),
                                .output = descriptors[kOutput].get(),
                                .error = descriptors[kError].get()}));
    Watch watch(descriptors[kControl].get(), std::move(room.channel), room.process,
                request.command.limits.wall_ms);
    Outcome outcome{.answer = watch.wait(), .report = {}, .room = room.process};
    if (!request.command.report_file.empty() && watch.scratch() >= 0) {
        outcome.report = open_report(watch.scratch(), request.command.report_file);
    }
    return outcome;
}

void supervise(std::vector<Descriptor> descriptors, const Kernel& kernel, Spare& spare) {
    auto outcome = run(descriptors, kernel, spare);
    // Nobody else holds the program's streams now: the server sees their end.
    descriptors[kOutput].reset();
    descriptors[kError].reset();
    const int control = descriptors[kControl].get();
    if (!outcome) {
        [[maybe_unused]] const auto told = send_message(
            control, pack(Answer{.fate = Fate::failed, .message = outcome.error().message}), {});
        return;
    }
    std::vector<int> report;
    if (outcome->report.is_open()) {
        report.push_back(outcome->report.get());
    }
    [[maybe_unused]] const auto told = send_message(control, pack(outcome->answer), report);
    // The kernel still puts the namespaces away; the server need not wait for that.
    reap(outcome->room);
}

}  // namespace

void stand_by(Descriptor socket, Descriptor taken, const Kernel& kernel) {
    ::prctl(PR_SET_NAME, "credence-run", 0, 0, 0);
    ::umask(kMask);
    Spare spare(kernel);
    spare.prepare();
    spare.wait(socket.get());
    auto message = receive_message(socket.get());
    if (!message || ::write(taken.get(), "x", 1) != 1) {
        return;
    }
    taken.reset();
    socket.reset();
    if (message->descriptors.size() == kLaunchDescriptors) {
        supervise(std::move(message->descriptors), kernel, spare);
    }
}

}  // namespace credence::sandbox
