// All SQL over trust_tree.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "capabilities/trust/trees.h"
#include "engine/store/database.h"

namespace credence::trust::rows {

// Code::conflict when the name is taken.
Result<void> insert_tree(store::Tx& tx, const Context& context, const Tree& tree);
Result<std::optional<Tree>> tree_named(store::Tx& tx, const Context& context,
                                       std::string_view name);
// By name, behind request.after; at most `limit`.
Result<std::vector<Tree>> list_trees(store::Tx& tx, const Context& context, std::string_view after,
                                     std::int64_t limit);
// False when there was none.
Result<bool> delete_tree(store::Tx& tx, const Context& context, std::string_view name);
Result<std::int64_t> count_trees(store::Tx& tx, const Context& context);

}  // namespace credence::trust::rows
