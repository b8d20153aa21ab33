// What a run costs beyond the program itself: /usr/bin/true started directly, and through each
// runner, from a small server and from one that holds 1 GiB. Prints a table. "rested": the next run
// comes a moment later, so that its room is ready; "at once": right after the last one's answer,
// and so with the making of the room in it.
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "engine/sandbox/testing.h"

namespace {

using credence::sandbox::Runner;

constexpr int kRuns = 300;
constexpr int kWarmUps = 20;
constexpr std::size_t kLargeBytes = std::size_t{1} << 30;
constexpr std::chrono::milliseconds kRest(10);
constexpr const char* kProgram = "/usr/bin/true";

enum class Pace { rested, at_once };

struct Times {
    double p50_ms = 0;
    double p95_ms = 0;
};

Times measure(Pace pace, const std::function<bool()>& run) {
    std::vector<double> times_ms;
    for (int i = -kWarmUps; i < kRuns; ++i) {
        std::this_thread::sleep_for(pace == Pace::rested ? kRest : kRest * 0);
        const auto begin = std::chrono::steady_clock::now();
        if (!run()) {
            return {};
        }
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - begin;
        if (i >= 0) {
            times_ms.push_back(took.count());
        }
    }
    std::ranges::sort(times_ms);
    return {.p50_ms = times_ms[kRuns / 2], .p95_ms = times_ms[kRuns * 95 / 100]};
}

bool spawn_bare() {
    pid_t child = 0;
    std::array<char, 16> name{"true"};
    const std::array<char*, 2> arguments{name.data(), nullptr};
    const std::array<char*, 1> environment{nullptr};
    int status = 1;
    return ::posix_spawn(&child, kProgram, nullptr, nullptr, arguments.data(),
                         environment.data()) == 0 &&
           ::waitpid(child, &status, 0) == child && status == 0;
}

void print(const char* server, const char* what, Times times, Times bare) {
    if (times.p50_ms == 0) {
        std::printf("%-6s %-20s not usable on this host\n", server, what);
        return;
    }
    std::printf("%-6s %-20s %8.2f %8.2f %14.2f %14.2f\n", server, what, times.p50_ms, times.p95_ms,
                times.p50_ms - bare.p50_ms, times.p95_ms - bare.p95_ms);
}

void measure_pace(const char* server, Pace pace) {
    const bool is_rested = pace == Pace::rested;
    const Times bare = measure(pace, spawn_bare);
    print(server, is_rested ? "posix_spawn rested" : "posix_spawn at once", bare, bare);
    for (const Runner runner : {Runner::native, Runner::bubblewrap}) {
        const credence::SystemClock clock;
        credence::Metrics metrics;
        const auto sandbox =
            credence::sandbox::open(credence::sandbox::testing_options(runner), clock, metrics);
        credence::sandbox::Command command;
        command.argv = {kProgram};
        const Times times = measure(pace, [&] {
            const auto finished = sandbox->run(command);
            return finished && finished->exit_code == 0;
        });
        const std::string name = runner == Runner::native ? "native" : "bubblewrap";
        print(server, (name + (is_rested ? " rested" : " at once")).c_str(), times, bare);
    }
}

void measure_all(const char* server) {
    measure_pace(server, Pace::rested);
    measure_pace(server, Pace::at_once);
}

}  // namespace

int main() {
    std::printf("%-6s %-20s %8s %8s %14s %14s\n", "server", "runner", "p50 ms", "p95 ms",
                "p50 beyond ms", "p95 beyond ms");
    measure_all("small");
    // Not calloc: every page must be there.
    const auto large = std::make_unique_for_overwrite<char[]>(kLargeBytes);
    std::memset(large.get(), 1, kLargeBytes);
    measure_all("1 GiB");
    return large[kLargeBytes / 2] == 1 ? 0 : 1;
}
