#include "engine/sandbox/bubblewrap.h"

#include <charconv>
#include <initializer_list>

#include "engine/sandbox/view.h"

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

}  // namespace

std::string bubblewrap_options(const Request& request) {
    const Command& command = request.command;
    const std::string inside = std::to_string(kInsideId);
    Options options;
    options.add({"--unshare-user", "--unshare-pid", "--uid", inside, "--gid", inside,
                 "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"});
    for (const auto& [name, value] : command.environment) {
        options.add({"--setenv", name, value});
    }
    // One recursive mount: bubblewrap reads the table of all mounts for each of them. What is
    // read-only or without devices in the view stays so; its five devices work.
    options.add({"--dev-bind", "/", "/", "--proc", "/proc", "--chdir", command.folder, "--seccomp",
                 std::to_string(kFilterDescriptor), "--json-status-fd",
                 std::to_string(kReportDescriptor)});
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
