// What a program is run against: a private copy of a folder, taken once, with the digest of exactly
// what was copied. What happens to the original meanwhile cannot change the evidence.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "engine/sandbox/sandbox.h"

namespace credence::sandbox {

struct TreeLimits {
    std::int64_t files = 50'000;
    std::int64_t bytes = std::int64_t{512} << 20;
    std::int64_t depth = 64;
};

// Owns the copy; the destructor removes it. Movable.
class TreeSnapshot {
public:
    TreeSnapshot() = default;
    explicit TreeSnapshot(std::string path) : path_(std::move(path)) {}
    TreeSnapshot(TreeSnapshot&& other) noexcept;
    TreeSnapshot& operator=(TreeSnapshot&& other) noexcept;
    ~TreeSnapshot();

    const std::string& path() const { return path_; }

    // "sha256:…" over the entries in byte order of their path: type, whether executable, path,
    // length and content (of a symbolic link: its target). Times and owners do not count.
    std::string digest;
    std::int64_t files = 0;
    std::int64_t bytes = 0;

private:
    std::string path_;
};

// Copies `folder` without following symbolic links (they are copied as links; inside the sandbox
// they reach at most what the program sees anyway). Skips nothing but `.git`. Sockets, devices and
// pipes are Code::invalid with their path; over a limit Code::too_large; absent Code::not_found.
// The copy belongs to settings.user_id when we are root. Thread-safe.
Result<TreeSnapshot> snapshot_tree(const std::string& folder, const TreeLimits& limits,
                                   const SandboxSettings& settings);

// The digest alone, without a copy; for one file: of its content.
Result<std::string> tree_digest(const std::string& folder, const TreeLimits& limits);

}  // namespace credence::sandbox
