// Trees: folders of the server that recipes may look at, each under a name of its namespace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/context.h"
#include "api/host.h"
#include "base/result.h"
#include "base/shape.h"
#include "capabilities/trust/host_folders.h"
#include "capabilities/trust/trust_parts.h"

namespace credence::trust {

struct Tree {
    std::string name;
    std::string path;  // without symbolic links
    std::int64_t created_at_us = 0;
    std::string created_by;
};
void describe(Describe<Tree>&);

struct RegisterTree {
    std::string name;
    std::string path;
};
void describe(Describe<RegisterTree>&);

struct ListTrees {
    std::string after;
    std::int64_t limit = 100;
};
void describe(Describe<ListTrees>&);

struct TreePage {
    std::vector<Tree> trees;
    std::optional<std::string> next;
};
void describe(Describe<TreePage>&);

struct TreeRef {
    std::string name;
};
void describe(Describe<TreeRef>&);

struct TreeRegistered {
    std::string name;
    std::string path;
};
void describe(Describe<TreeRegistered>&);

struct TreeDeleted {
    std::string name;
};
void describe(Describe<TreeDeleted>&);

// Thread-safe.
class Trees {
public:
    static constexpr std::int64_t kMaxPerNamespace = 1'000;  // beyond: Code::exhausted

    Trees(const TrustParts& parts, HostFolders folders)
        : parts_(parts), folders_(std::move(folders)) {}

    // The operator registers any folder that may be shared; others only one below tree_roots, and
    // everything else is Code::forbidden to them, whether it exists or not.
    Result<Tree> register_(const Context& context, const RegisterTree& request);
    Result<TreePage> list(const Context& context, const ListTrees& request);
    // Forgets the name; the folder stays.
    Result<void> delete_(const Context& context, const TreeRef& request);

private:
    TrustParts parts_;
    HostFolders folders_;
};

// For other services, inside their transaction. Looks again at the folder: Code::conflict when it
// is gone or a symbolic link has come into its path since it was registered.
Result<Tree> find_tree(store::Tx& tx, const Context& context, const std::string& name);

// Called by serve_recipes.
Result<void> serve_trees(Host& host, const TrustParts& parts, const HostFolders& folders);

}  // namespace credence::trust
