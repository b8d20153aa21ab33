#include "capabilities/trust/recipes_rows.h"

namespace credence::trust::rows {

Result<std::vector<RecipeRow>> own_recipes(store::Tx& tx, const Context& context,
                                           std::int64_t limit) {
    return TRY(tx.query("SELECT r.name, r.digest, v.recipe, r.updated_at_us, r.updated_by "
                        "FROM trust_recipe r JOIN trust_recipe_version v ON v.tenant = r.tenant "
                        "AND v.name_space = r.name_space AND v.digest = r.digest "
                        "WHERE r.tenant = $1 AND r.name_space = $2 ORDER BY r.name LIMIT $3",
                        context.tenant, context.name_space, limit))
        .as<RecipeRow>();
}

Result<std::optional<RecipeRow>> own_recipe(store::Tx& tx, const Context& context,
                                            std::string_view name) {
    auto found =
        TRY(TRY(tx.query("SELECT r.name, r.digest, v.recipe, r.updated_at_us, r.updated_by "
                         "FROM trust_recipe r JOIN trust_recipe_version v ON v.tenant = r.tenant "
                         "AND v.name_space = r.name_space AND v.digest = r.digest "
                         "WHERE r.tenant = $1 AND r.name_space = $2 AND r.name = $3",
                         context.tenant, context.name_space, name))
                .as<RecipeRow>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::optional<RecipeRow>> recipe_version(store::Tx& tx, const Context& context,
                                                std::string_view digest) {
    auto found = TRY(TRY(tx.query("SELECT name, digest, recipe, created_at_us AS updated_at_us, "
                                  "created_by AS updated_by FROM trust_recipe_version "
                                  "WHERE tenant = $1 AND name_space = $2 AND digest = $3",
                                  context.tenant, context.name_space, digest))
                         .as<RecipeRow>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<void> put_recipe(store::Tx& tx, const Context& context, const RecipeRow& row) {
    if (!TRY(recipe_version(tx, context, row.digest))) {
        TRY(
            tx.run("INSERT INTO trust_recipe_version (tenant, name_space, digest, name, recipe, "
                   "created_at_us, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                   context.tenant, context.name_space, row.digest, row.name, row.recipe,
                   row.updated_at_us, row.updated_by));
    }
    TRY(
        tx.run("INSERT INTO trust_recipe (tenant, name_space, name, digest, updated_at_us, "
               "updated_by) VALUES ($1, $2, $3, $4, $5, $6) "
               "ON CONFLICT (tenant, name_space, name) DO UPDATE SET digest = excluded.digest, "
               "updated_at_us = excluded.updated_at_us, updated_by = excluded.updated_by",
               context.tenant, context.name_space, row.name, row.digest, row.updated_at_us,
               row.updated_by));
    return {};
}

Result<bool> delete_recipe(store::Tx& tx, const Context& context, std::string_view name) {
    return TRY(tx.run("DELETE FROM trust_recipe "
                      "WHERE tenant = $1 AND name_space = $2 AND name = $3",
                      context.tenant, context.name_space, name)) > 0;
}

Result<std::int64_t> count_recipes(store::Tx& tx, const Context& context) {
    return TRY(tx.query("SELECT COUNT(name) FROM trust_recipe "
                        "WHERE tenant = $1 AND name_space = $2",
                        context.tenant, context.name_space))
        .integer(0, 0);
}

Result<std::int64_t> count_versions(store::Tx& tx, const Context& context) {
    return TRY(tx.query("SELECT COUNT(digest) FROM trust_recipe_version "
                        "WHERE tenant = $1 AND name_space = $2",
                        context.tenant, context.name_space))
        .integer(0, 0);
}

}  // namespace credence::trust::rows
