// Limits, and the certain end of everything that was started.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/text.h"
#include "engine/sandbox/limits.h"
#include "engine/sandbox/request.h"
#include "engine/sandbox/sandbox_test_support.h"
#include "engine/sandbox/supervisor.h"
#include "engine/sandbox/zygote.h"

namespace credence::sandbox {
namespace {

using LifetimeTest = RunnerTest;
INSTANTIATE_TEST_SUITE_P(Runners, LifetimeTest, testing::Values(Runner::bubblewrap, Runner::native),
                         runner_name);

// Processes of the host with this word among their arguments.
int count_processes(const std::string& word) {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        std::ifstream file(entry.path() / "cmdline", std::ios::binary);
        const std::string words((std::istreambuf_iterator<char>(file)), {});
        count += words.find('\0' + word + '\0') != std::string::npos ? 1 : 0;
    }
    return count;
}

// Forks grandchildren that left the session and ignore every signal; all have the word as argument.
constexpr const char* kStubborn = R"(
import os, signal, sys, time
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
for i in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(1, b'x')
            time.sleep(1000)
        os._exit(0)
if sys.argv[1] == 'stay': time.sleep(1000)
os.read(os.open('/dev/null', 0), 1)
)";

TEST_P(LifetimeTest, TimeoutKillsEverything) {
    const std::string word = "credence-stubborn-" + std::to_string(::getpid());
    Command command = python(kStubborn, {"stay", word});
    command.limits.wall_ms = 700;
    const auto finished = run(command);
    if (finished) {
        EXPECT_EQ(finished->ending, Ending::timed_out);
        EXPECT_EQ(finished->exit_code, -1);
        EXPECT_GE(finished->duration_us, 700'000);
        EXPECT_LT(finished->duration_us, 5'000'000);
        EXPECT_EQ(finished->output.text, "xxx");
        EXPECT_FALSE(finished->output.truncated);  // the stream ended: nobody holds it
    }
    EXPECT_EQ(count_processes(word), 0);
}

TEST_P(LifetimeTest, WhatAProgramLeavesBehindIsKilled) {
    const std::string word = "credence-left-" + std::to_string(::getpid());
    const auto finished = run(python(kStubborn, {"go", word}));
    if (finished) {
        EXPECT_EQ(finished->ending, Ending::exited);
        EXPECT_LT(finished->duration_us, 10'000'000);
        EXPECT_FALSE(finished->output.truncated);
    }
    EXPECT_EQ(count_processes(word), 0);
}

TEST_P(LifetimeTest, AForkBombIsContained) {
    Command command = python(R"(
import os, time
count = 0
while count < 500:
    try:
        if os.fork() == 0:
            time.sleep(1000)
            os._exit(0)
        count += 1
    except OSError:
        break
print(count)
)");
    command.limits.processes = 20;
    const auto output = output_of(command);
    if (output) {
        EXPECT_EQ(parse_integer(trim(*output)).value_or(-1), 19);  // with itself: 20
    }
}

TEST_P(LifetimeTest, MemoryFilesAndScratchAreLimited) {
    Command command = python(R"(
import resource
try:
    bytearray(400 << 20)
    print('memory')
except MemoryError: pass
def fill(path, count):
    try:
        with open(path, 'wb') as file:
            for _ in range(count): file.write(b'x' * (1 << 20))
        return count
    except OSError as e:
        return e.errno
print(fill('/tmp/a', 3), fill('/tmp/large', 6), fill('/tmp/b', 4), fill('/dev/shm/c', 4))
print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_NOFILE))
)");
    command.limits.memory_bytes = std::int64_t{256} << 20;
    command.limits.scratch_bytes = std::int64_t{8} << 20;
    command.limits.file_bytes = std::int64_t{5} << 20;
    command.limits.open_files = 40;
    const std::string expected = "3 27 28 28\n(0, 0) (40, 40)\n";  // EFBIG, ENOSPC
    EXPECT_EQ(output_of(command).value_or(expected), expected);
}

TEST_P(LifetimeTest, ProcessorTimeIsLimited) {
    Command command = python("while True: pass");
    command.limits.cpu_ms = 1'000;
    command.limits.wall_ms = 20'000;
    const auto finished = run(command);
    if (finished) {
        EXPECT_EQ(finished->ending, Ending::signalled);
        EXPECT_EQ(finished->signal, SIGXCPU);
        EXPECT_GE(finished->cpu_us, 900'000);
    }
}

TEST_P(LifetimeTest, LongOutputIsCutButDigestedWhole) {
    Command command = python(
        "import sys; sys.stdout.write('0123456789' * 300000); "
        "sys.stderr.write('e' * 5000)");
    command.limits.output_bytes = 1'000;
    std::string all;
    for (int i = 0; i < 300'000; ++i) {
        all += "0123456789";
    }
    command.limits.output_bytes = 100'000;
    const auto finished = run(command);
    if (finished) {
        EXPECT_EQ(finished->ending, Ending::exited);
        EXPECT_EQ(finished->output.bytes, 3'000'000);
        EXPECT_EQ(finished->output.text, all.substr(0, 100'000));
        EXPECT_TRUE(finished->output.truncated);
        EXPECT_EQ(finished->output.sha256, sha256_hex(all));
        EXPECT_EQ(finished->error.bytes, 5'000);
        EXPECT_FALSE(finished->error.truncated);
    }
}

TEST_P(LifetimeTest, AnEndlessFloodIsKilled) {
    Command command;
    command.argv = {"/usr/bin/yes"};
    command.limits.output_bytes = 100;
    command.limits.wall_ms = 60'000;
    const auto finished = run(command);
    if (finished) {
        EXPECT_EQ(finished->ending, Ending::signalled);
        EXPECT_EQ(finished->signal, SIGKILL);
        EXPECT_TRUE(finished->output.truncated);
        EXPECT_EQ(finished->output.text.size(), 100U);
        EXPECT_LT(finished->duration_us, 30'000'000);
    }
}

// A run started beside the Sandbox class, so that its ends can be dropped.
struct Bare {
    Zygote zygote{testing_options().zygote_program};
    Pair control = make_socket_pair().value();
    Pair output = make_pipe().value();

    void start(Runner runner, Command command) {
        const Request request{.runner = runner,
                              .bubblewrap = SandboxSettings().bubblewrap,
                              .user_id = SandboxSettings().user_id,
                              .command = checked(std::move(command)).value()};
        const Descriptor order = make_memory_file(pack(request)).value();
        const std::array<int, kLaunchDescriptors> descriptors{
            control.second.get(), output.second.get(), output.second.get(), order.get()};
        ASSERT_TRUE(zygote.launch(descriptors));
        control.second.reset();
        output.second.reset();
    }
    // True when the program's first byte came, false at the end of its stream.
    bool read_byte() {
        pollfd wait{.fd = output.first.get(), .events = POLLIN, .revents = 0};
        EXPECT_EQ(::poll(&wait, 1, 10'000), 1) << "the program still lives";
        char byte = 0;
        return ::read(output.first.get(), &byte, 1) == 1;
    }
};

TEST_P(LifetimeTest, TheServersDeathEndsTheRun) {
    if (!sandbox_->status().usable) {
        EXPECT_FALSE(sandbox_->run(python("pass")));
        return;
    }
    Bare bare;
    bare.start(GetParam(), python("import os,time; os.write(1, b'x'); time.sleep(1000)"));
    ASSERT_TRUE(bare.read_byte());
    bare.control.first.reset();  // what the kernel does for a killed server
    EXPECT_FALSE(bare.read_byte());
}

TEST_P(LifetimeTest, TheZygotesDeathEndsTheRunAndTheNextOneStartsAnother) {
    if (!sandbox_->status().usable) {
        EXPECT_FALSE(sandbox_->run(python("pass")));
        return;
    }
    Bare bare;
    bare.start(GetParam(), python("import os,time; os.write(1, b'x'); time.sleep(1000)"));
    ASSERT_TRUE(bare.read_byte());
    const pid_t first = bare.zygote.process();
    ASSERT_GT(first, 0);
    ::kill(first, SIGKILL);
    EXPECT_FALSE(bare.read_byte());
    EXPECT_EQ(receive_message(bare.control.first.get()).error().code, Code::cancelled);

    bare.control = make_socket_pair().value();
    bare.output = make_pipe().value();
    bare.start(GetParam(), python("print('again')"));
    EXPECT_TRUE(bare.read_byte());
    EXPECT_NE(bare.zygote.process(), first);
}

// The processes that are children of this one, as the kernel lists them.
std::vector<pid_t> children_of(pid_t process) {
    const std::string id = std::to_string(process);
    std::ifstream file("/proc/" + id + "/task/" + id + "/children");
    return {std::istream_iterator<pid_t>(file), {}};
}

// Kills the process and returns once its descriptors are closed: until then it still takes orders.
void kill_and_wait(pid_t process) {
    const Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, process, 0U)));
    ASSERT_TRUE(handle.is_open());
    ASSERT_EQ(::kill(process, SIGKILL), 0);
    pollfd wait{.fd = handle.get(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&wait, 1, 10'000), 1);
}

TEST_P(LifetimeTest, APreparedRoomThatDiedIsReplaced) {
    if (!sandbox_->status().usable) {
        EXPECT_FALSE(sandbox_->run(python("pass")));
        return;
    }
    Bare bare;
    bare.start(GetParam(), python("import os,time; os.write(1, b'x'); time.sleep(1000)"));
    ASSERT_TRUE(bare.read_byte());
    // The supervisor of that run, and the one that waits for the next, each with a room.
    std::vector<pid_t> rooms;
    const std::int64_t until_us = SystemClock().now_us() + 10'000'000;
    while (rooms.size() < 2 && SystemClock().now_us() < until_us) {
        rooms.clear();
        for (const pid_t supervisor : children_of(bare.zygote.process())) {
            const std::vector<pid_t> found = children_of(supervisor);
            rooms.insert(rooms.end(), found.begin(), found.end());
        }
    }
    ASSERT_EQ(rooms.size(), 2U);
    for (const pid_t room : rooms) {
        kill_and_wait(room);
    }
    EXPECT_FALSE(bare.read_byte());
    bare.control = make_socket_pair().value();
    bare.output = make_pipe().value();
    bare.start(GetParam(), python("print('again')"));
    EXPECT_TRUE(bare.read_byte());
}

// In a process with mounts of its own, which only a root has.
bool sees_what_was_mounted_meanwhile(Runner runner) {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        return true;
    }
    const SystemClock clock;
    Metrics metrics;
    const auto sandbox = open(testing_options(runner), clock, metrics);
    const TestFolder folder;
    Command command = python("import os; print(os.listdir('/tree'))");
    command.tree = folder.path();
    const auto listed = [&] {
        const auto finished = sandbox->run(command);
        return finished ? finished->output.text : finished.error().message;
    };
    bool good = true;
    for (int i = 0; i < 5; ++i) {
        good = good && listed() == "[]\n" &&
               ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "mode=0755") == 0;
        folder.write("fresh", "");
        good = good && listed() == "['fresh']\n" && ::umount(folder.path().c_str()) == 0;
    }
    return good;
}

TEST_P(LifetimeTest, WhatIsMountedAfterTheRoomWasPreparedIsSeen) {
    if (::geteuid() != 0 || !sandbox_->status().usable) {
        EXPECT_EQ(sandbox_->status().usable, sandbox_->run(python("pass")).has_value());
        return;
    }
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(sees_what_was_mounted_meanwhile(GetParam()) ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST(Zygote, EndsWithItsSocket) {
    Pair sockets = make_socket_pair().value();
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(sockets.second.get(), kZygoteSocket);
        ::close_range(kZygoteSocket + 1, ~0U, 0);
        const std::string program = testing_options().zygote_program;
        ::execl(program.c_str(), "credence-zygote", kZygoteFlag.data(), nullptr);
        ::_exit(99);
    }
    sockets.second.reset();
    sockets.first.reset();
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace credence::sandbox
