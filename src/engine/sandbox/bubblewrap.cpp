#include "engine/sandbox/bubblewrap.h"

#include <charconv>
#include <initializer_list>

namespace credence::sandbox {
namespace {

class Options {
public:
    void add(std::initializer_list<std::string_view> words) {
        for (const std::string_view word : words) {
            text_ += word;
            text_ += '\0';
        }
    }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

std::string_view option_for(EntryKind kind) {
    switch (kind) {
        case EntryKind::symlink:
            return "--symlink";
        case EntryKind::read_only:
            return "--ro-bind";
        case EntryKind::writable:
            return "--bind";
        case EntryKind::device:
            return "--dev-bind";
    }
    return "--ro-bind";
}

}  // namespace

std::string bubblewrap_options(const Request& request, const Staged& staged) {
    const Command& command = request.command;
    const std::string inside = std::to_string(kInsideId);
    Options options;
    options.add({"--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net",
                 "--unshare-uts", "--unshare-cgroup-try", "--uid", inside, "--gid", inside,
                 "--hostname", "sandbox", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
                 "--clearenv"});
    for (const auto& [name, value] : command.environment) {
        options.add({"--setenv", name, value});
    }
    options.add({"--dir", "/etc", "--dir", "/dev", "--proc", "/proc", "--bind", staged.scratch,
                 kScratchMount});
    for (const Entry& entry : staged.entries) {
        options.add({option_for(entry.kind), entry.source, entry.target});
    }
    options.add({"--ro-bind-data", std::to_string(kPasswdDescriptor), "/etc/passwd",
                 "--ro-bind-data", std::to_string(kGroupDescriptor), "/etc/group", "--remount-ro",
                 "/", "--chdir", command.folder, "--seccomp", std::to_string(kFilterDescriptor),
                 "--json-status-fd", std::to_string(kReportDescriptor)});
    return options.take();
}

std::optional<std::int64_t> reported_exit_code(std::string_view report) {
    constexpr std::string_view kKey = "\"exit-code\":";
    const std::size_t found = report.find(kKey);
    if (found == std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view rest = report.substr(found + kKey.size());
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(' ')));
    std::int64_t code = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), code);
    if (error != std::errc()) {
        return std::nullopt;
    }
    return code;
}

}  // namespace credence::sandbox
