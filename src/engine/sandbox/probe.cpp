#include "engine/sandbox/probe.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "engine/sandbox/channel.h"

namespace credence::sandbox {
namespace {

constexpr std::int64_t kProbeMs = 5'000;
constexpr std::string_view kCanaryText = "this file is outside the sandbox\n";

// A file that everybody can read, while it lives.
class Canary {
public:
    Canary() {
        const char* folder = std::getenv("TMPDIR");
        path_ = std::string(folder != nullptr && *folder == '/' ? folder : "/tmp") +
                "/credence-canary-XXXXXX";
        const Descriptor file(::mkstemp(path_.data()));
        constexpr mode_t kReadable = 0644;
        is_good_ = file.is_open() && ::fchmod(file.get(), kReadable) == 0 &&
                   ::write(file.get(), kCanaryText.data(), kCanaryText.size()) ==
                       static_cast<ssize_t>(kCanaryText.size());
    }
    ~Canary() { ::unlink(path_.c_str()); }
    Canary(const Canary&) = delete;
    Canary& operator=(const Canary&) = delete;
    const std::string& path() const { return path_; }
    bool is_good() const { return is_good_; }

private:
    std::string path_;
    bool is_good_ = false;
};

// The value of "Name:\tvalue" in /proc/self/status.
std::string_view value_of(std::string_view text, std::string_view name) {
    for (const std::string_view line : split(text, '\n')) {
        if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ':') {
            return trim(line.substr(name.size() + 1));
        }
    }
    return {};
}

// Of /proc/net/dev: a line with a colon is a device.
bool has_network(std::string_view text) {
    for (const std::string_view line : split(text, '\n')) {
        const std::string_view device = trim(line);
        // The lines of /proc/self/status begin with a capital letter.
        if (device.find(':') != std::string_view::npos && !device.starts_with("lo:") &&
            line.starts_with(' ')) {
            return true;
        }
    }
    return false;
}

// The third number of uid_map: how many users the namespace knows.
bool is_own_namespace(std::string_view text) {
    for (const std::string_view line : split(text, '\n')) {
        if (!line.empty() && line.find_first_not_of(" 0123456789") == std::string_view::npos) {
            return line.ends_with(" 1");
        }
    }
    return false;
}

std::string judge(const Result<Finished>& result) {
    if (!result) {
        return result.error().message;
    }
    const std::string& text = result->output.text;
    if (result->ending != Ending::exited || result->exit_code != 1) {
        return "a test program did not run as expected inside";
    }
    if (text.find(kCanaryText) != std::string::npos) {
        return "a file outside can be read inside";
    }
    if (text.find("lo:") == std::string::npos || has_network(text)) {
        return "the network can be seen inside";
    }
    if (value_of(text, "CapEff") != "0000000000000000" ||
        value_of(text, "CapPrm") != "0000000000000000") {
        return "a program has capabilities inside";
    }
    if (value_of(text, "Seccomp") != "2" || value_of(text, "NoNewPrivs") != "1") {
        return "system calls are not filtered inside";
    }
    return {};
}

}  // namespace

Probe probe(Runner runner, const RunOne& run) {
    const Canary canary;
    Command command;
    command.argv = {"/usr/bin/cat", "/proc/net/dev", "/proc/self/status", "/proc/self/uid_map",
                    canary.path()};
    command.limits.wall_ms = kProbeMs;
    const auto result = run(runner, command);
    Probe outcome;
    outcome.status.runner = runner;
    outcome.status.reason =
        canary.is_good() ? judge(result) : "no test file can be made in the temporary folder";
    outcome.status.usable = outcome.status.reason.empty();
    outcome.user_namespaces = outcome.status.usable && is_own_namespace(result->output.text);
    return outcome;
}

}  // namespace credence::sandbox
