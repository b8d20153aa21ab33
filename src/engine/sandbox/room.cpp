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

#include "base/units.h"
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

// What the room knows once its order has come.
struct Task {
    const RoomPlan& plan;
    Request request;
    std::int64_t processes = 0;
    Descriptor output;
    Descriptor error;
};

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

Result<void> confine_native(const Task& task) {
    if (task.plan.privileged) {
        TRY(become_user(task.request.user_id));
        if (task.plan.kernel.user_namespaces) {
            TRY(enter_user_namespace());
        }
    }
    TRY(drop_capabilities());
    return restrict_files(task.request.command.writable_tree);
}

[[noreturn]] void become_native(const Task& task, const Launch& launch) {
    ::setsid();
    if (auto arranged = arrange_descriptors(launch.descriptors); !arranged) {
        give_up(failure_of(arranged.error()));
    }
    if (auto confined = confine_native(task); !confined) {
        give_up(failure_of(confined.error()));
    }
    if (::chdir(task.request.command.folder.c_str()) != 0) {
        give_up({.fate = Fate::bad_folder, .message = system_failure("folder").error().message});
    }
    if (auto filtered = install_filter(task.plan.kernel.filter); !filtered) {
        give_up(failure_of(filtered.error()));
    }
    if (auto limited = limit_resources(task.request.command.limits, task.processes); !limited) {
        give_up(failure_of(limited.error()));
    }
    ::execve(launch.arguments.front(), launch.arguments.data(), launch.environment.data());
    give_up({.fate = Fate::ended, .ending = Ending::not_started});
}

[[noreturn]] void become_bubblewrap(const Task& task, const Launch& launch) {
    ::setsid();
    if (auto arranged = arrange_descriptors(launch.descriptors); !arranged) {
        give_up(failure_of(arranged.error()));
    }
    Result<void> ready;
    if (task.plan.privileged) {
        ready = become_user(task.request.user_id);
        // A namespace of its own, so that RLIMIT_NPROC counts this run alone.
        if (ready) {
            ready = enter_user_namespace();
        }
    }
    if (ready) {
        ready = limit_resources(task.request.command.limits, task.processes);
    }
    if (!ready) {
        give_up(failure_of(ready.error()));
    }
    ::execve(task.request.bubblewrap.c_str(), launch.arguments.data(), launch.environment.data());
    give_up(failure_of(system_failure(task.request.bubblewrap).error()));
}

Launch native_launch(const Task& task) {
    const Command& command = task.request.command;
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

Result<Launch> bubblewrap_launch(const Task& task, int report, std::vector<std::string>& words) {
    Launch launch;
    const std::array<std::pair<std::string, int>, 2> files{{
        {bubblewrap_options(task.request), kArgumentsDescriptor},
        {task.plan.kernel.filter, kFilterDescriptor},
    }};
    for (const auto& [bytes, number] : files) {
        launch.owned.push_back(TRY(make_memory_file(bytes)));
        launch.descriptors.emplace_back(launch.owned.back().get(), number);
    }
    launch.descriptors.emplace_back(report, kReportDescriptor);
    words = {task.request.bubblewrap, "--args", std::to_string(kArgumentsDescriptor), "--"};
    words.insert(words.end(), task.request.command.argv.begin(), task.request.command.argv.end());
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

Result<Answer> run_program(Task& task, Launch launch, int report) {
    const bool native = task.request.runner == Runner::native;
    Pair errors = TRY(make_pipe());
    launch.descriptors.insert(launch.descriptors.end(), {{task.plan.input, STDIN_FILENO},
                                                         {task.output.get(), STDOUT_FILENO},
                                                         {task.error.get(), STDERR_FILENO},
                                                         {errors.second.get(), kErrorDescriptor}});
    // It shares this memory until it becomes the program: nothing is copied, and we wait meanwhile.
    const pid_t program = ::vfork();
    if (program == 0) {
        native ? become_native(task, launch) : become_bubblewrap(task, launch);
    }
    errors.second.reset();
    // Only the program and its children keep its streams open from here on.
    task.output.reset();
    task.error.reset();
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

// All but the standard three, the program's input and the channel.
Result<void> close_others(int input, int channel) {
    unsigned int next = STDERR_FILENO + 1;
    for (const int kept : {std::min(input, channel), std::max(input, channel)}) {
        const auto number = static_cast<unsigned int>(kept);
        if (number > next && ::close_range(next, number - 1, 0) != 0) {
            return system_failure("the sandbox cannot close its descriptors");
        }
        next = std::max(next, number + 1);
    }
    if (::close_range(next, ~0U, 0) != 0) {
        return system_failure("the sandbox cannot close its descriptors");
    }
    return {};
}

Result<BegunView> prepare(const RoomPlan& plan, int channel, uid_t user, gid_t group) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    TRY(close_others(plan.input, channel));
    if (!plan.privileged) {
        TRY(map_ids(user, group));
    }
    if (::sethostname("sandbox", 7) != 0) {
        return system_failure("the sandbox cannot name its host");
    }
    BegunView view = TRY(begin_view());
    // The program inherits both.
    reset_signals();
    drop_bounding_set();
    return view;
}

Result<Task> receive_order(const RoomPlan& plan, int channel) {
    Message message = TRY(receive_message(channel));
    Unpacker unpacker(message.bytes);
    Task task{
        .plan = plan, .request = {}, .processes = unpacker.number(), .output = {}, .error = {}};
    if (!unpacker.good() || message.descriptors.size() != kRoomDescriptors) {
        return fail(Code::internal, "the sandbox got no order");
    }
    task.request = TRY(unpack_request(
        TRY(read_memory_file(message.descriptors[kRoomRequest].get(), kMaxRequestBytes))));
    task.output = std::move(message.descriptors[kRoomOutput]);
    task.error = std::move(message.descriptors[kRoomError]);
    return task;
}

Result<Answer> live(const RoomPlan& plan, int channel, uid_t user, gid_t group) {
    auto view = prepare(plan, channel, user, group);
    // What cannot be prepared is told once somebody wants it.
    Task task = TRY(receive_order(plan, channel));
    if (!view) {
        return std::unexpected(view.error());
    }
    const Descriptor scratch = TRY(finish_view(std::move(*view), task.request));
    const std::array descriptors{scratch.get()};
    TRY(send_message(channel, kRoomReady, descriptors));
    if (task.request.runner == Runner::native) {
        Launch launch = native_launch(task);
        return run_program(task, std::move(launch), -1);
    }
    Pair report = TRY(make_pipe());
    std::vector<std::string> words;
    Launch launch = TRY(bubblewrap_launch(task, report.second.get(), words));
    return run_program(task, std::move(launch), report.first.get());
}

}  // namespace

Result<Room> start_room(const RoomPlan& plan) {
    const uid_t user = ::geteuid();
    const gid_t group = ::getegid();
    Pair channel = TRY(make_socket_pair());
    unsigned long flags =
        CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
    if (!plan.privileged) {
        flags |= CLONE_NEWUSER;
    }
    const pid_t room = clone_process(flags);
    if (room < 0) {
        return system_failure("the kernel grants no namespaces");
    }
    if (room > 0) {
        return Room{.process = room, .channel = std::move(channel.first)};
    }
    const int own = channel.second.get();
    auto answer = live(plan, own, user, group);
    const std::string bytes = pack(answer ? *answer : failure_of(answer.error()));
    [[maybe_unused]] const auto told = send_message(own, bytes, {});
    ::_exit(0);
}

Result<void> send_order(const Room& room, const RoomOrder& order) {
    Packer packer;
    packer.number(order.processes);
    const std::array descriptors{order.request, order.output, order.error};
    return send_message(room.channel.get(), packer.bytes(), descriptors);
}

}  // namespace credence::sandbox
