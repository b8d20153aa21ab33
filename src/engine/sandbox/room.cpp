#include "engine/sandbox/room.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include "engine/sandbox/bubblewrap.h"
#include "engine/sandbox/view.h"

namespace credence::sandbox {
namespace {

constexpr int kErrorDescriptor = 3;    // closed by a successful exec
constexpr int kParkedDescriptor = 64;  // first of the numbers that nothing else uses
constexpr std::size_t kMaxReportBytes = 4096;
constexpr int kSignalBase = 128;  // bubblewrap: 128 + signal, as shells do
constexpr int kLastSignal = 31;

// Like fork(), with namespaces; the child is a copy of this process and has one thread. The
// kernel's own call, because libraries that watch fork() may start threads.
pid_t clone_process(unsigned long flags) {
    return static_cast<pid_t>(::syscall(SYS_clone, flags | SIGCHLD, 0UL, 0UL, 0UL, 0UL));
}

// What the program's process needs, made while allocating still is safe.
struct Launch {
    std::vector<char*> arguments;
    std::vector<char*> environment;
    std::vector<std::string> texts;
    std::vector<std::pair<int, int>> descriptors;  // from, to
    std::vector<Descriptor> owned;

    void finish(const std::vector<std::string>& words) {
        for (const std::string& word : words) {
            arguments.push_back(const_cast<char*>(word.c_str()));
        }
        arguments.push_back(nullptr);
        for (std::string& text : texts) {
            environment.push_back(text.data());
        }
        environment.push_back(nullptr);
    }
};

Answer failure_of(const Error& error) {
    return {.fate = Fate::failed, .message = error.message};
}

[[noreturn]] void give_up(const Answer& answer) {
    const std::string bytes = pack(answer);
    [[maybe_unused]] const ssize_t written = ::write(kErrorDescriptor, bytes.data(), bytes.size());
    ::_exit(1);
}

// Puts the descriptors at their numbers and closes all others.
Result<void> arrange_descriptors(std::vector<std::pair<int, int>> moves) {
    for (auto& [from, to] : moves) {
        from = ::fcntl(from, F_DUPFD, kParkedDescriptor);
        if (from < 0) {
            return system_failure("the sandbox cannot arrange its descriptors");
        }
    }
    int last = 0;
    for (const auto& [from, to] : moves) {
        const int flags = to == kErrorDescriptor ? O_CLOEXEC : 0;
        if (::dup3(from, to, flags) < 0) {
            return system_failure("the sandbox cannot arrange its descriptors");
        }
        last = std::max(last, to);
    }
    if (::close_range(static_cast<unsigned int>(last) + 1, ~0U, 0) != 0) {
        return system_failure("the sandbox cannot close its descriptors");
    }
    return {};
}

Result<void> confine_native(const RoomOrder& order) {
    if (order.privileged) {
        drop_bounding_set();
        TRY(become_user(order.request.user_id));
        if (order.kernel.user_namespaces) {
            TRY(enter_user_namespace());
        }
    }
    TRY(drop_capabilities());
    return restrict_files(order.request.command.writable_tree);
}

[[noreturn]] void become_native(const RoomOrder& order, const Launch& launch) {
    ::setsid();
    if (auto arranged = arrange_descriptors(launch.descriptors); !arranged) {
        give_up(failure_of(arranged.error()));
    }
    if (auto confined = confine_native(order); !confined) {
        give_up(failure_of(confined.error()));
    }
    if (::chdir(order.request.command.folder.c_str()) != 0) {
        give_up({.fate = Fate::bad_folder, .message = system_failure("folder").error().message});
    }
    reset_signals();
    if (auto filtered = install_filter(order.kernel.filter); !filtered) {
        give_up(failure_of(filtered.error()));
    }
    if (auto limited = limit_resources(order.request.command.limits, order.processes); !limited) {
        give_up(failure_of(limited.error()));
    }
    ::execve(launch.arguments.front(), launch.arguments.data(), launch.environment.data());
    give_up({.fate = Fate::ended, .ending = Ending::not_started});
}

[[noreturn]] void become_bubblewrap(const RoomOrder& order, const Launch& launch) {
    ::setsid();
    if (auto arranged = arrange_descriptors(launch.descriptors); !arranged) {
        give_up(failure_of(arranged.error()));
    }
    Result<void> ready;
    if (order.privileged) {
        ready = become_user(order.request.user_id);
        // A namespace of its own, so that RLIMIT_NPROC counts this run alone.
        if (ready) {
            ready = enter_user_namespace();
        }
    }
    reset_signals();
    if (ready) {
        ready = limit_resources(order.request.command.limits, order.processes);
    }
    if (!ready) {
        give_up(failure_of(ready.error()));
    }
    ::execve(order.request.bubblewrap.c_str(), launch.arguments.data(), launch.environment.data());
    give_up(failure_of(system_failure(order.request.bubblewrap).error()));
}

Launch native_launch(const RoomOrder& order) {
    const Command& command = order.request.command;
    Launch launch;
    for (const auto& [name, value] : command.environment) {
        if (name != "PWD") {
            launch.texts.push_back(name + "=" + value);
        }
    }
    launch.texts.push_back("PWD=" + command.folder);  // as bubblewrap does
    launch.finish(command.argv);
    return launch;
}

Result<Launch> bubblewrap_launch(const RoomOrder& order, const Staged& staged, int report,
                                 std::vector<std::string>& words) {
    const std::int64_t user_id =
        order.privileged ? order.request.user_id : static_cast<std::int64_t>(kInsideId);
    Launch launch;
    const std::array<std::pair<std::string, int>, 4> files{{
        {bubblewrap_options(order.request, staged), kArgumentsDescriptor},
        {order.kernel.filter, kFilterDescriptor},
        {passwd_text(user_id), kPasswdDescriptor},
        {group_text(user_id), kGroupDescriptor},
    }};
    for (const auto& [bytes, number] : files) {
        launch.owned.push_back(TRY(make_memory_file(bytes)));
        launch.descriptors.emplace_back(launch.owned.back().get(), number);
    }
    launch.descriptors.emplace_back(report, kReportDescriptor);
    words = {order.request.bubblewrap, "--args", std::to_string(kArgumentsDescriptor), "--"};
    words.insert(words.end(), order.request.command.argv.begin(), order.request.command.argv.end());
    launch.finish(words);
    return launch;
}

std::string read_all(int descriptor, std::size_t max_bytes) {
    std::string bytes(max_bytes, '\0');
    std::size_t done = 0;
    while (done < max_bytes) {
        const ssize_t got = ::read(descriptor, bytes.data() + done, max_bytes - done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
}

std::int64_t cpu_us(const rusage& usage) {
    constexpr std::int64_t kUsPerSecond = 1'000'000;
    const auto in_us = [](const timeval& time) {
        return (static_cast<std::int64_t>(time.tv_sec) * kUsPerSecond) + time.tv_usec;
    };
    return in_us(usage.ru_utime) + in_us(usage.ru_stime);
}

// Reaps whatever ends until the program itself does.
int wait_for(pid_t program) {
    while (true) {
        int status = 0;
        const pid_t ended = ::waitpid(-1, &status, 0);
        if (ended == program) {
            return status;
        }
        if (ended < 0 && errno != EINTR) {
            return -1;
        }
    }
}

Answer answer_for(int status) {
    if (WIFSIGNALED(status)) {
        return {.fate = Fate::ended, .ending = Ending::signalled, .signal = WTERMSIG(status)};
    }
    return {.fate = Fate::ended, .ending = Ending::exited, .exit_code = WEXITSTATUS(status)};
}

// Bubblewrap's own end, read as that of the program.
Answer answer_of_bubblewrap(int status, int report) {
    ::fcntl(report, F_SETFL, O_NONBLOCK);
    const auto code = reported_exit_code(read_all(report, kMaxReportBytes));
    if (WIFSIGNALED(status)) {
        return answer_for(status);
    }
    if (!code) {
        return {.fate = Fate::told_on_stderr};
    }
    if (*code > kSignalBase && *code <= kSignalBase + kLastSignal) {
        return {.fate = Fate::ended, .ending = Ending::signalled, .signal = *code - kSignalBase};
    }
    return {.fate = Fate::ended, .ending = Ending::exited, .exit_code = *code};
}

Result<Answer> run_program(const RoomOrder& order, Launch launch, int report) {
    const bool native = order.request.runner == Runner::native;
    Pair errors = TRY(make_pipe());
    launch.descriptors.insert(launch.descriptors.end(), {{order.input, STDIN_FILENO},
                                                         {order.output, STDOUT_FILENO},
                                                         {order.error, STDERR_FILENO},
                                                         {errors.second.get(), kErrorDescriptor}});
    // It shares this memory until it becomes the program: nothing is copied, and we wait meanwhile.
    const pid_t program = ::vfork();
    if (program == 0) {
        native ? become_native(order, launch) : become_bubblewrap(order, launch);
    }
    errors.second.reset();
    // Only the program and its children keep its streams open from here on.
    ::close(order.output);
    ::close(order.error);
    if (program < 0) {
        return system_failure("the sandbox cannot start a process");
    }
    const std::string problem = read_all(errors.first.get(), kMaxMessageBytes);
    if (!problem.empty()) {
        return unpack_answer(problem);
    }
    const int status = wait_for(program);
    // What the program left behind ends here rather than with us, so that its times are counted.
    ::kill(-1, SIGKILL);
    while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
    }
    Answer answer = native ? answer_for(status) : answer_of_bubblewrap(status, report);
    rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    answer.cpu_us = cpu_us(usage);
    return answer;
}

Result<void> settle(const RoomOrder& order, uid_t user, gid_t group) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (!order.privileged) {
        TRY(map_ids(user, group));
    }
    if (order.request.runner == Runner::native && ::sethostname("sandbox", 7) != 0) {
        return system_failure("the sandbox cannot name its host");
    }
    return {};
}

Result<Answer> live(const RoomOrder& order, const Descriptor& channel) {
    if (order.request.runner == Runner::native) {
        const Descriptor scratch = TRY(enter_view(order.request));
        const std::array descriptors{scratch.get()};
        TRY(send_message(channel.get(), kRoomReady, descriptors));
        return run_program(order, native_launch(order), -1);
    }
    const Staged staged = TRY(stage_view(order.request));
    const std::array descriptors{staged.scratch_folder.get()};
    TRY(send_message(channel.get(), kRoomReady, descriptors));
    Pair report = TRY(make_pipe());
    std::vector<std::string> words;
    Launch launch = TRY(bubblewrap_launch(order, staged, report.second.get(), words));
    return run_program(order, std::move(launch), report.first.get());
}

}  // namespace

Result<pid_t> start_room(const RoomOrder& order, const Descriptor& channel) {
    const uid_t user = ::geteuid();
    const gid_t group = ::getegid();
    unsigned long flags = CLONE_NEWNS | CLONE_NEWPID;
    if (order.request.runner == Runner::native) {
        flags |= CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
    }
    if (!order.privileged) {
        flags |= CLONE_NEWUSER;
    }
    const pid_t room = clone_process(flags);
    if (room < 0) {
        return system_failure("the kernel grants no namespaces");
    }
    if (room > 0) {
        return room;
    }
    auto settled = settle(order, user, group);
    auto answer = settled ? live(order, channel) : std::unexpected(settled.error());
    const std::string bytes = pack(answer ? *answer : failure_of(answer.error()));
    [[maybe_unused]] const auto told = send_message(channel.get(), bytes, {});
    ::_exit(0);
}

}  // namespace credence::sandbox
