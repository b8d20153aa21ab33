#include "capabilities/trust/host_folders.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "capabilities/trust/claims/names.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMaxPathBytes = 4096;
constexpr std::array<std::string_view, 4> kClosed = {"/proc", "/sys", "/dev", "/etc"};

// Equal to `folder` or below it.
bool is_within(std::string_view path, std::string_view folder) {
    return path == folder || folder == "/" ||
           (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

}  // namespace

bool is_operator(const Context& context) {
    return context.tenant == "default" && context.scopes.allow("*");
}

Result<std::string> resolve_folder(const std::string& path, const std::string& field) {
    if (path.empty() || path.size() > kMaxPathBytes || path.front() != '/' || has_control(path)) {
        return fail(Code::invalid, "must be an absolute path", field);
    }
    std::error_code error;
    const auto resolved = std::filesystem::canonical(path, error);
    if (error || !std::filesystem::is_directory(resolved, error)) {
        return fail(Code::invalid, "is not a folder of the server", field);
    }
    return resolved.string();
}

Result<void> check_shareable(const std::string& resolved, const HostFolders& folders,
                             const std::string& field) {
    const bool closed = std::ranges::any_of(
        kClosed, [&](std::string_view folder) { return is_within(resolved, folder); });
    if (resolved == "/" || resolved == "/root" || closed) {
        return fail(Code::invalid, "a folder of the system is not shown to programs", field);
    }
    if (folders.data_directory.empty()) {
        return {};
    }
    std::error_code error;
    const std::string data = std::filesystem::weakly_canonical(
                                 std::filesystem::absolute(folders.data_directory, error), error)
                                 .string();
    if (error || data.empty()) {
        return fail(Code::unavailable, "the data folder cannot be resolved");
    }
    if (is_within(resolved, data) || is_within(data, resolved)) {
        return fail(Code::invalid, "the server's data folder is not shown to programs", field);
    }
    return {};
}

bool is_below_roots(const std::string& resolved, const HostFolders& folders) {
    return std::ranges::any_of(folders.tree_roots, [&](const std::string& root) {
        const auto folder = resolve_folder(root, "tree_roots");
        return folder && *folder != resolved && is_within(resolved, *folder);
    });
}

}  // namespace credence::trust
