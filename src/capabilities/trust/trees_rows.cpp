#include "capabilities/trust/trees_rows.h"

namespace credence::trust::rows {

Result<void> insert_tree(store::Tx& tx, const Context& context, const Tree& tree) {
    TRY(
        tx.run("INSERT INTO trust_tree (tenant, name_space, name, path, created_at_us, created_by) "
               "VALUES ($1, $2, $3, $4, $5, $6)",
               context.tenant, context.name_space, tree.name, tree.path, tree.created_at_us,
               tree.created_by));
    return {};
}

Result<std::optional<Tree>> tree_named(store::Tx& tx, const Context& context,
                                       std::string_view name) {
    auto found = TRY(TRY(tx.query("SELECT name, path, created_at_us, created_by FROM trust_tree "
                                  "WHERE tenant = $1 AND name_space = $2 AND name = $3",
                                  context.tenant, context.name_space, name))
                         .as<Tree>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<Tree>> list_trees(store::Tx& tx, const Context& context, std::string_view after,
                                     std::int64_t limit) {
    return TRY(tx.query("SELECT name, path, created_at_us, created_by FROM trust_tree "
                        "WHERE tenant = $1 AND name_space = $2 AND name > $3 "
                        "ORDER BY name LIMIT $4",
                        context.tenant, context.name_space, after, limit))
        .as<Tree>();
}

Result<bool> delete_tree(store::Tx& tx, const Context& context, std::string_view name) {
    return TRY(tx.run("DELETE FROM trust_tree "
                      "WHERE tenant = $1 AND name_space = $2 AND name = $3",
                      context.tenant, context.name_space, name)) > 0;
}

Result<std::int64_t> count_trees(store::Tx& tx, const Context& context) {
    return TRY(tx.query("SELECT COUNT(name) FROM trust_tree "
                        "WHERE tenant = $1 AND name_space = $2",
                        context.tenant, context.name_space))
        .integer(0, 0);
}

}  // namespace credence::trust::rows
