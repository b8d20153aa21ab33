// Runs a foreign program where it can reach nothing: its own user, process, mount, network, IPC and
// host-name namespaces, an empty environment, a read-only view of the system and of one tree, no
// network, limits on time, memory, processes and output, and its whole process tree killed at the
// end. A host that cannot isolate refuses; there is no weaker mode.
//
//   auto sandbox = TRY(sandbox::open(options, clock, metrics));
//   auto tree = TRY(sandbox::snapshot_tree("/srv/project", limits, options));   // tree.h
//   Command command{.argv = {"/usr/bin/python3", "-I", "check.py"}, .tree = tree.path()};
//   Finished finished = TRY(sandbox->run(command));
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/shape.h"

namespace credence::sandbox {

inline constexpr std::string_view kTreeMount = "/tree";  // where the program sees its tree

enum class Runner : std::uint8_t { automatic, bubblewrap, native };

// Section [sandbox].
struct SandboxSettings {
    Runner runner = Runner::automatic;  // automatic: bubblewrap if it works here, else native
    std::string bubblewrap = "/usr/bin/bwrap";
    std::int64_t max_running = 4;   // more wait their turn
    std::int64_t max_waiting = 64;  // more are refused: Code::exhausted
    // As whom the program runs when the server is root; else it runs as the server's own user,
    // inside a user namespace.
    std::int64_t user_id = 65534;
    std::string staging =
        {};  // where trees are copied to; empty: a private folder in the temporary one
};
void describe(Describe<SandboxSettings>&);

// Each has a hard upper bound (sandbox.cpp): beyond it Code::invalid.
struct Limits {
    std::int64_t wall_ms = 30'000;
    std::int64_t cpu_ms = 30'000;                          // processor time of each process
    std::int64_t memory_bytes = std::int64_t{1} << 30;     // address space of each process
    std::int64_t scratch_bytes = std::int64_t{256} << 20;  // /tmp, in memory
    std::int64_t file_bytes = std::int64_t{64} << 20;      // each file written
    std::int64_t output_bytes = std::int64_t{1} << 20;     // kept of each stream
    std::int64_t processes = 64;                           // at once, in all
    std::int64_t open_files = 256;
};
void describe(Describe<Limits>&);

struct Command {
    std::vector<std::string> argv = {};                   // argv[0]: absolute, as seen inside
    std::map<std::string, std::string> environment = {};  // all of it, and PWD
    std::string tree = {};       // folder of the host shown at kTreeMount; empty: none
    bool writable_tree = false;  // for a snapshot that is thrown away afterwards
    std::string folder = {};     // where it starts, below kTreeMount; empty: kTreeMount or /tmp
    std::vector<std::string> read_only =
        {};  // further absolute paths of the host, seen where they are
    std::string report_file =
        {};  // absolute path inside (below /tmp) read back at the end; or empty
    Limits limits = {};
};

enum class Ending : std::uint8_t {
    exited,       // exit_code says how
    signalled,    // signal says which
    timed_out,    // wall_ms went by; everything was killed
    not_started,  // the program does not exist inside, or may not be executed
};

struct Stream {
    std::string text;        // the first output_bytes of it, bytes as they came
    std::int64_t bytes = 0;  // of all that was written
    std::string sha256;      // of all that was written
    bool truncated = false;
};

struct Finished {
    Ending ending = Ending::not_started;
    std::int64_t exit_code = -1;
    std::int64_t signal = 0;
    Stream output;
    Stream error;
    std::optional<Stream> report;  // report_file's content, if it was written
    std::int64_t duration_us = 0;  // wall time of the program
    std::int64_t cpu_us = 0;
    Runner runner = Runner::native;
};

// What this host can do, measured by running probes, not read from version numbers.
struct RunnerStatus {
    Runner runner = Runner::native;
    bool usable = false;
    std::string reason;  // why not
};
void describe(Describe<RunnerStatus>&);

struct Status {
    bool usable = false;
    Runner runner = Runner::automatic;  // the one in use
    std::vector<RunnerStatus> runners;
    std::int64_t landlock_abi = 0;  // 0: the kernel has none
    bool user_namespaces = false;
};
void describe(Describe<Status>&);

// Thread-safe.
class Sandbox {
public:
    virtual ~Sandbox() = default;
    // Blocks until the program and all its children are gone. Code::invalid (a limit, a relative
    // argv[0], a path outside), Code::unavailable (this host cannot isolate; the message says what
    // is missing), Code::exhausted (too many waiting). Everything that the program itself did is a
    // Finished, never an error.
    virtual Result<Finished> run(const Command& command) = 0;
    // Probes on first use, then answers from memory.
    virtual Status status() = 0;
};

// The program that the zygote is: this very executable, started again with kZygoteFlag.
inline constexpr std::string_view kZygoteFlag = "--sandbox-zygote";
// main() calls this first. Never returns when the program was started as a zygote; it then forks
// one supervisor a run, from a process that stays small however large the server grows.
void become_zygote_if_asked(int argc, char** argv);

struct SandboxOptions {
    SandboxSettings settings;
    std::string zygote_program = "/proc/self/exe";
};

// Starts nothing yet: the zygote starts with the first run or status().
std::unique_ptr<Sandbox> open(SandboxOptions options, const Clock& clock, Metrics& metrics);

}  // namespace credence::sandbox
