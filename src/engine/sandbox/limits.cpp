#include "engine/sandbox/limits.h"

#include <sys/stat.h>

#include <array>
#include <climits>
#include <string_view>

#include "base/units.h"
#include "engine/sandbox/view.h"

namespace credence::sandbox {
namespace {

constexpr std::size_t kMaxArguments = 4096;
constexpr std::size_t kMaxVariables = 1000;
constexpr std::size_t kMaxPaths = 64;
constexpr std::size_t kMaxWordBytes = 128 * 1024 - 1;  // the kernel's, for one argument
constexpr std::size_t kMaxWordsBytes = std::size_t{1} << 20;
constexpr std::int64_t kHour_ms = 3'600'000;

bool is_below(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

// Absolute, without empty, "." and ".." parts.
bool is_plain_path(std::string_view path) {
    if (path.size() < 2 || path.size() >= PATH_MAX || path.front() != '/' ||
        path.find('\0') != std::string_view::npos) {
        return false;
    }
    for (std::size_t begin = 1; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view part = path.substr(begin, end - begin);
        if (part.empty() || part == "." || part == "..") {
            return false;
        }
        begin = end + 1;
    }
    return true;
}

Result<void> check_limits(const Limits& limits) {
    struct Bound {
        const char* name;
        std::int64_t value;
        std::int64_t minimum;
        std::int64_t maximum;
    };
    const std::array<Bound, 8> bounds{{
        {"limits.wall_ms", limits.wall_ms, 1, kHour_ms},
        {"limits.cpu_ms", limits.cpu_ms, 1, kHour_ms},
        {"limits.memory_bytes", limits.memory_bytes, 16 * kMebibyte, 64 * kGibibyte},
        {"limits.scratch_bytes", limits.scratch_bytes, kMebibyte, 16 * kGibibyte},
        {"limits.file_bytes", limits.file_bytes, 0, 16 * kGibibyte},
        {"limits.output_bytes", limits.output_bytes, 0, 64 * kMebibyte},
        {"limits.processes", limits.processes, 1, 4096},
        {"limits.open_files", limits.open_files, 16, 65'536},
    }};
    for (const Bound& bound : bounds) {
        if (bound.value < bound.minimum || bound.value > bound.maximum) {
            return fail(Code::invalid,
                        "must be between " + std::to_string(bound.minimum) + " and " +
                            std::to_string(bound.maximum),
                        bound.name);
        }
    }
    return {};
}

Result<void> check_words(const Command& command) {
    std::size_t bytes = 0;
    if (command.argv.empty() || command.argv.size() > kMaxArguments) {
        return fail(Code::invalid, "1 to " + std::to_string(kMaxArguments) + " arguments", "argv");
    }
    for (std::size_t i = 0; i < command.argv.size(); ++i) {
        const std::string& word = command.argv[i];
        bytes += word.size() + 1;
        if (word.size() > kMaxWordBytes || word.find('\0') != std::string::npos) {
            return fail(Code::invalid, "an argument is too long or contains NUL",
                        "argv[" + std::to_string(i) + "]");
        }
    }
    if (!is_plain_path(command.argv.front())) {
        return fail(Code::invalid, "the program must be an absolute path without . and ..",
                    "argv[0]");
    }
    if (command.environment.size() > kMaxVariables) {
        return fail(Code::invalid, "too many variables", "environment");
    }
    for (const auto& [name, value] : command.environment) {
        bytes += name.size() + value.size() + 2;
        if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos ||
            value.find('\0') != std::string::npos || name.size() + value.size() > kMaxWordBytes) {
            return fail(Code::invalid, "not a variable's name and value", "environment." + name);
        }
    }
    if (bytes > kMaxWordsBytes) {
        return fail(Code::invalid, "arguments and environment are too long together", "argv");
    }
    return {};
}

Result<void> check_paths(const Command& command) {
    struct stat status{};
    if (!command.tree.empty() &&
        (!is_plain_path(command.tree) || ::stat(command.tree.c_str(), &status) != 0 ||
         !S_ISDIR(status.st_mode))) {
        return fail(Code::invalid, "must be the absolute path of a folder", "tree");
    }
    if (command.read_only.size() > kMaxPaths) {
        return fail(Code::invalid, "too many paths", "read_only");
    }
    // The sandbox's own; a path of the host must not take their place.
    constexpr std::array<std::string_view, 4> kOwn{"/proc", "/dev", "/sys", kTreeMount};
    for (std::size_t i = 0; i < command.read_only.size(); ++i) {
        const std::string& path = command.read_only[i];
        bool is_good = is_plain_path(path) && path != "/tmp" && path != "/etc" &&
                       !path.starts_with(kOldRoot) && ::stat(path.c_str(), &status) == 0 &&
                       (S_ISDIR(status.st_mode) || S_ISREG(status.st_mode));
        for (const std::string_view own : kOwn) {
            is_good = is_good && !is_below(path, own);
        }
        if (!is_good) {
            return fail(Code::invalid,
                        "must be the absolute path of a file or folder outside the sandbox's own",
                        "read_only[" + std::to_string(i) + "]");
        }
    }
    if (!command.report_file.empty() &&
        (!is_plain_path(command.report_file) || !command.report_file.starts_with("/tmp/"))) {
        return fail(Code::invalid, "must be an absolute path below /tmp", "report_file");
    }
    return {};
}

Result<std::string> resolved_folder(const Command& command) {
    if (command.folder.empty()) {
        return std::string(command.tree.empty() ? "/tmp" : kTreeMount);
    }
    std::string folder = command.folder.front() == '/'
                             ? command.folder
                             : std::string(kTreeMount) + "/" + command.folder;
    if (!is_plain_path(folder) || !(is_below(folder, kTreeMount) || is_below(folder, "/tmp"))) {
        return fail(Code::invalid, "must be a folder below /tree, without . and ..", "folder");
    }
    if (command.tree.empty() && is_below(folder, kTreeMount)) {
        return fail(Code::invalid, "there is no tree", "folder");
    }
    return folder;
}

}  // namespace

Result<Command> checked(Command command) {
    TRY(check_limits(command.limits));
    TRY(check_words(command));
    TRY(check_paths(command));
    command.folder = TRY(resolved_folder(command));
    return command;
}

}  // namespace credence::sandbox
