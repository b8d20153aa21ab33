// What a program gets and what is told about it.
#include "engine/sandbox/sandbox.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "base/text.h"
#include "engine/sandbox/sandbox_test_support.h"

namespace credence::sandbox {
namespace {

using SandboxTest = RunnerTest;
INSTANTIATE_TEST_SUITE_P(Runners, SandboxTest, testing::Values(Runner::bubblewrap, Runner::native),
                         runner_name);

std::ptrdiff_t count_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

TEST_P(SandboxTest, ExitCodeAndStreamsAreTold) {
    const auto finished =
        run(python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"));
    if (finished) {
        EXPECT_EQ(finished->ending, Ending::exited);
        EXPECT_EQ(finished->exit_code, 7);
        EXPECT_EQ(finished->output.text, "out\n");
        EXPECT_EQ(finished->output.bytes, 4);
        EXPECT_EQ(finished->output.sha256, sha256_hex("out\n"));
        EXPECT_FALSE(finished->output.truncated);
        EXPECT_EQ(finished->error.text, "err\n");
        EXPECT_GT(finished->duration_us, 0);
        EXPECT_GT(finished->cpu_us, 0);
        EXPECT_FALSE(finished->report);
    }
}

TEST_P(SandboxTest, SignalsAreTold) {
    for (const int number : {9, 11, 15}) {
        const auto finished = run(python("import os,sys; os.kill(os.getpid(), int(sys.argv[1]))",
                                         {std::to_string(number)}));
        if (finished) {
            EXPECT_EQ(finished->ending, Ending::signalled);
            EXPECT_EQ(finished->signal, number);
            EXPECT_EQ(finished->exit_code, -1);
        }
    }
}

TEST_P(SandboxTest, AProgramThatDoesNotExistIsNotAnExitCode) {
    Command command;
    command.argv = {"/usr/bin/no-such-program"};
    auto finished = run(command);
    if (finished) {
        EXPECT_EQ(finished->ending, Ending::not_started);
        EXPECT_EQ(finished->error.text, "");
    }
    finished = run(python("raise SystemExit(127)"));
    if (finished) {
        EXPECT_EQ(finished->ending, Ending::exited);
        EXPECT_EQ(finished->exit_code, 127);
    }
}

TEST_P(SandboxTest, AFileWithoutTheRightIsNotStarted) {
    const TestFolder folder;
    folder.write("data.txt", "not a program");
    Command command;
    command.argv = {"/tree/data.txt"};
    command.tree = folder.path();
    const auto finished = run(command);
    if (finished) {
        EXPECT_EQ(finished->ending, Ending::not_started);
    }
}

TEST_P(SandboxTest, ArgumentsArriveAsTheyAre) {
    const std::vector<std::string> odd{"a b", "'",  "\"", "$HOME", "`id`", "\n",
                                       "-x",  "--", "",   "\xff",  "*",    "--unshare-all"};
    std::string expected;
    for (const std::string& word : odd) {
        expected += word + '|';
    }
    const auto output =
        output_of(python("import os,sys; sys.stdout.buffer.write(b''.join(os.fsencode(a)+b'|' for "
                         "a in sys.argv[1:]))",
                         odd));
    if (output) {
        EXPECT_EQ(*output, expected);
    }
}

TEST_P(SandboxTest, TheEnvironmentIsExactlyTheCommands) {
    Command command;
    command.argv = {"/usr/bin/cat", "/proc/self/environ"};
    command.environment = {{"NAME", "a=b $c"}, {"EMPTY", ""}};
    const auto output = output_of(command);
    if (output) {
        std::vector<std::string> words;
        for (const std::string_view word : split(*output, '\0')) {
            words.emplace_back(word);
        }
        std::ranges::sort(words);
        EXPECT_EQ(words, (std::vector<std::string>{"", "EMPTY=", "NAME=a=b $c", "PWD=/tmp"}));
    }
}

TEST_P(SandboxTest, InputIsEmptyAndNothingElseIsOpen) {
    const auto output = output_of(
        python("import os,sys; print(len(sys.stdin.read()), sorted(os.listdir('/proc/self/fd')))"));
    if (output) {
        EXPECT_EQ(*output, "0 ['0', '1', '2', '3']\n");  // 3 is the listing's own
    }
}

TEST_P(SandboxTest, TheServerKeepsNoDescriptors) {
    static_cast<void>(run(python("pass")));
    const std::ptrdiff_t before = count_descriptors();
    for (int i = 0; i < 5; ++i) {
        Command command = python("open('/tmp/r', 'w').write('x')");
        command.report_file = "/tmp/r";
        static_cast<void>(run(command));
    }
    EXPECT_EQ(count_descriptors(), before);
}

TEST_P(SandboxTest, ItStartsInTheFolderAskedFor) {
    const TestFolder folder;
    folder.write("inner/file.txt", "text");
    Command command = python("import os; print(os.getcwd(), os.listdir('.'))");
    command.tree = folder.path();
    EXPECT_EQ(output_of(command).value_or("/tree ['inner']\n"), "/tree ['inner']\n");
    command.folder = "inner";
    EXPECT_EQ(output_of(command).value_or("/tree/inner ['file.txt']\n"),
              "/tree/inner ['file.txt']\n");
    command.folder = "/tree/absent";
    const auto refused = sandbox_->run(command);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, sandbox_->status().usable ? Code::invalid : Code::unavailable);
}

TEST_P(SandboxTest, ReadOnlyPathsAreSeenWhereTheyAre) {
    const TestFolder tools;
    const std::string path = tools.write("tool.txt", "a tool");
    Command command = python(
        "import sys\n"
        "print(open(sys.argv[1]).read())\n"
        "try: open(sys.argv[1], 'w')\n"
        "except OSError as e: print(e.errno in (13, 30))",
        {path});
    command.read_only = {tools.path()};
    EXPECT_EQ(output_of(command).value_or("a tool\nTrue\n"), "a tool\nTrue\n");
}

TEST_P(SandboxTest, ReportIsReadBack) {
    Command command = python("open('/tmp/report.json', 'w').write('{}' * 1000)");
    command.report_file = "/tmp/report.json";
    command.limits.output_bytes = 10;
    std::string all;
    for (int i = 0; i < 1000; ++i) {
        all += "{}";
    }
    const auto finished = run(command);
    if (finished) {
        ASSERT_TRUE(finished->report);
        EXPECT_EQ(finished->report->text, "{}{}{}{}{}");
        EXPECT_EQ(finished->report->bytes, 2000);
        EXPECT_TRUE(finished->report->truncated);
        EXPECT_EQ(finished->report->sha256, sha256_hex(all));
    }
}

TEST_P(SandboxTest, AReportThatIsNoPlainFileIsNone) {
    for (const char* script : {"pass", "import os; os.symlink('/etc/passwd', '/tmp/r')",
                               "import os; os.mkfifo('/tmp/r')", "import os; os.mkdir('/tmp/r')",
                               "import os; os.symlink('/proc/self/root/etc/passwd', '/tmp/r')",
                               "import socket; socket.socket(socket.AF_UNIX).bind('/tmp/r')"}) {
        Command command = python(script);
        command.report_file = "/tmp/r";
        const auto finished = run(command);
        if (finished) {
            EXPECT_EQ(finished->exit_code, 0) << finished->error.text;
            EXPECT_FALSE(finished->report) << script;
        }
    }
    Command command = python("import os; os.symlink('/etc', '/tmp/folder')");
    command.report_file = "/tmp/folder/passwd";
    const auto finished = run(command);
    EXPECT_FALSE(finished && finished->report);
}

TEST_P(SandboxTest, SixteenAtOnceAllEndWell) {
    std::atomic<int> good = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&, i] {
            Command command;
            command.argv = {"/usr/bin/echo", std::to_string(i)};
            const auto finished = sandbox_->run(command);
            good += finished && finished->output.text == std::to_string(i) + "\n" ? 1 : 0;
        });
    }
    threads.clear();
    EXPECT_EQ(good, sandbox_->status().usable ? 16 : 0);
}

TEST_P(SandboxTest, TooManyWaitingAreRefused) {
    const auto small = open_with({.max_running = 1, .max_waiting = 0});
    if (!small->status().usable) {
        EXPECT_EQ(small->run(python("pass")).error().code, Code::unavailable);
        return;
    }
    Gauge& running = metrics_.gauge("credence_sandbox_running", "Programs running in the sandbox");
    std::jthread first([&] {
        Command command = python("import time; time.sleep(60)");
        command.limits.wall_ms = 1'000;
        EXPECT_EQ(small->run(command).value().ending, Ending::timed_out);
    });
    while (running.value() == 0) {
        std::this_thread::yield();
    }
    const auto refused = small->run(python("pass"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::exhausted);
    EXPECT_GT(refused.error().retry_after_ms, 0);
}

TEST_P(SandboxTest, RunsAreCounted) {
    if (run(python("pass"))) {
        const std::string text = metrics_.expose();
        EXPECT_NE(text.find("credence_sandbox_runs_total{runner=\"" + runner_name({GetParam(), 0}) +
                            "\",ending=\"exited\"} 1"),
                  std::string::npos);
        EXPECT_NE(text.find("credence_sandbox_running 0"), std::string::npos);
        EXPECT_NE(text.find("credence_sandbox_duration_seconds_count 1"), std::string::npos);
    }
}

TEST(SandboxChoice, ANamedRunnerThatIsAbsentIsNotReplaced) {
    const SystemClock clock;
    Metrics metrics;
    SandboxOptions options = testing_options(Runner::bubblewrap);
    options.settings.bubblewrap = "/usr/bin/no-such-bubblewrap";
    const auto sandbox = sandbox::open(options, clock, metrics);
    const auto refused = sandbox->run(python("pass"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::unavailable);
    EXPECT_NE(refused.error().message.find("/usr/bin/no-such-bubblewrap"), std::string::npos);
    EXPECT_FALSE(sandbox->status().usable);
    EXPECT_EQ(sandbox->status().runner, Runner::bubblewrap);
}

TEST(SandboxChoice, AutomaticTakesWhatWorks) {
    const SystemClock clock;
    Metrics metrics;
    SandboxOptions options = testing_options();
    options.settings.bubblewrap = "/usr/bin/no-such-bubblewrap";
    const Status without = sandbox::open(options, clock, metrics)->status();
    ASSERT_EQ(without.runners.size(), 2U);
    EXPECT_FALSE(without.runners[0].usable);
    EXPECT_EQ(without.usable, without.runners[1].usable);
    const Status with = sandbox::open(testing_options(), clock, metrics)->status();
    EXPECT_EQ(with.usable, with.runners[0].usable || with.runners[1].usable);
    EXPECT_EQ(with.runner == Runner::bubblewrap, with.runners[0].usable);
}

TEST(SandboxChoice, WithoutAZygoteEverythingIsRefused) {
    const SystemClock clock;
    Metrics metrics;
    for (const char* program : {"/usr/bin/no-such-program", "/usr/bin/true"}) {
        SandboxOptions options;
        options.zygote_program = program;
        const auto sandbox = sandbox::open(options, clock, metrics);
        const auto refused = sandbox->run(python("pass"));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Code::unavailable);
        EXPECT_FALSE(sandbox->status().usable);
    }
}

}  // namespace
}  // namespace credence::sandbox
