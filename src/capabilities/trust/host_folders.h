// Which folders of the server callers may point to. Reads the file system; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "base/result.h"

namespace credence::trust {

struct HostFolders {
    // [trust] tree_roots: below these, and only there, holders of trees:write register trees.
    std::vector<std::string> tree_roots;
    std::string data_directory;  // of the store; empty: the store is in memory
};

// The operator of the server: tenant "default" and the scope "*".
bool is_operator(const Context& context);

// `path` without symbolic links. Code::invalid, with the field, unless it is an absolute path of an
// existing folder.
Result<std::string> resolve_folder(const std::string& path, const std::string& field);

// Refuses (Code::invalid) resolved paths that nobody may give away: "/", the kernel's folders and
// /etc with all below, /root itself, and what holds or is held by the data directory.
Result<void> check_shareable(const std::string& resolved, const HostFolders& folders,
                             const std::string& field);

// Whether the resolved path lies below one of the roots (not: is one).
bool is_below_roots(const std::string& resolved, const HostFolders& folders);

}  // namespace credence::trust
