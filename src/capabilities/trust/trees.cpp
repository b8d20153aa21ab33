#include "capabilities/trust/trees.h"

#include <memory>

#include "capabilities/trust/claims/names.h"
#include "capabilities/trust/trees_rows.h"

namespace credence::trust {
namespace {

// The resolved path, if this caller may register it. Who may not must not learn what exists.
Result<std::string> shareable_path(const Context& context, const std::string& path,
                                   const HostFolders& folders) {
    auto resolved = resolve_folder(path, "path");
    if (!is_operator(context) && !(resolved && is_below_roots(*resolved, folders))) {
        return fail(Code::forbidden,
                    "only folders below the server's tree_roots can be registered; the operator "
                    "registers others",
                    "path");
    }
    if (resolved) {
        TRY(check_shareable(*resolved, folders, "path"));
    }
    return resolved;
}

}  // namespace

Result<Tree> Trees::register_(const Context& context, const RegisterTree& request) {
    if (!is_plain_name(request.name)) {
        return fail(Code::invalid, "must be 1 to 64 of a-z, 0-9, _ and -", "name");
    }
    const Tree tree{request.name, TRY(shareable_path(context, request.path, folders_)),
                    parts_.clock.now_us(), context.actor};
    TRY(parts_.database.write([&](store::Tx& tx) -> Result<void> {
        if (TRY(rows::tree_named(tx, context, tree.name))) {
            return fail(Code::conflict, "this tree exists already", "name");
        }
        if (TRY(rows::count_trees(tx, context)) >= kMaxPerNamespace) {
            return fail(Code::exhausted, "there are too many trees");
        }
        TRY(rows::insert_tree(tx, context, tree));
        return tx.emit(context, TreeRegistered{tree.name, tree.path});
    }));
    return tree;
}

Result<TreePage> Trees::list(const Context& context, const ListTrees& request) {
    TreePage page;
    page.trees = TRY(parts_.database.read([&](store::Tx& tx) {
        return rows::list_trees(tx, context, request.after, request.limit + 1);
    }));
    if (std::ssize(page.trees) > request.limit) {
        page.trees.pop_back();
        page.next = page.trees.back().name;
    }
    return page;
}

Result<void> Trees::delete_(const Context& context, const TreeRef& request) {
    return parts_.database.write([&](store::Tx& tx) -> Result<void> {
        if (!TRY(rows::delete_tree(tx, context, request.name))) {
            return fail(Code::not_found, "no such tree", "name");
        }
        return tx.emit(context, TreeDeleted{request.name});
    });
}

Result<Tree> find_tree(store::Tx& tx, const Context& context, const std::string& name) {
    auto tree = TRY(rows::tree_named(tx, context, name));
    if (!tree) {
        return fail(Code::not_found, "no such tree", "tree");
    }
    const auto resolved = resolve_folder(tree->path, "tree");
    if (!resolved || *resolved != tree->path) {
        return fail(Code::conflict,
                    "the folder of this tree is gone or was moved: register it anew", "tree");
    }
    return *std::move(tree);
}

Result<void> serve_trees(Host& host, const TrustParts& parts, const HostFolders& folders) {
    auto& trees = host.keep(std::make_unique<Trees>(parts, folders));
    host.serve<&Trees::list>(trees, "List the trees that recipes may look at")
        .get("/v1/trees")
        .needs("trees:read");
    host.serve<&Trees::register_>(trees, "Register a folder of the server as a tree")
        .post("/v1/trees")
        .needs("trees:write")
        .positional("name")
        .describe(
            "The operator registers any folder but those of the system and the server's own "
            "data; others only folders below `[trust] tree_roots`.");
    host.serve<&Trees::delete_>(trees, "Forget a tree; its folder stays")
        .del("/v1/trees/{name}")
        .needs("trees:write")
        .positional("name");
    return {};
}

}  // namespace credence::trust
