// All SQL over trust_recipe and trust_recipe_version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/trust/recipes.h"
#include "engine/store/database.h"

namespace credence::trust::rows {

struct RecipeRow {
    std::string name;
    std::string digest;
    std::string recipe;  // JSON
    std::int64_t updated_at_us = 0;
    std::string updated_by;
};
void describe(Describe<RecipeRow>&);

// By name; at most `limit`.
Result<std::vector<RecipeRow>> own_recipes(store::Tx& tx, const Context& context,
                                           std::int64_t limit);
Result<std::optional<RecipeRow>> own_recipe(store::Tx& tx, const Context& context,
                                            std::string_view name);
Result<std::optional<RecipeRow>> recipe_version(store::Tx& tx, const Context& context,
                                                std::string_view digest);
// Replaces; keeps the version.
Result<void> put_recipe(store::Tx& tx, const Context& context, const RecipeRow& row);
// False when there was none.
Result<bool> delete_recipe(store::Tx& tx, const Context& context, std::string_view name);
Result<std::int64_t> count_recipes(store::Tx& tx, const Context& context);
Result<std::int64_t> count_versions(store::Tx& tx, const Context& context);

}  // namespace credence::trust::rows
