#include "capabilities/trust/recipes.h"

#include <algorithm>
#include <map>
#include <memory>

#include "base/json.h"
#include "capabilities/trust/recipes_rows.h"
#include "capabilities/trust/trees.h"

namespace credence::trust {
namespace {

Result<RecipeInfo> info_of(const rows::RecipeRow& row) {
    auto recipe = from_json<Recipe>(row.recipe);
    if (!recipe) {
        return fail(Code::internal, "the stored recipe " + row.name + " is not readable");
    }
    return RecipeInfo{*std::move(recipe), row.digest, false, row.updated_at_us, row.updated_by};
}

RecipeInfo shipped_info(const Recipe& recipe) {
    return {recipe, recipe_digest(recipe), true, {}, {}};
}

const Recipe* shipped_recipe(std::string_view name) {
    const auto& shipped = shipped_recipes();
    const auto found = std::ranges::find(shipped, name, &Recipe::name);
    return found == shipped.end() ? nullptr : &*found;
}

std::unexpected<Error> no_such_recipe() {
    return fail(Code::not_found, "no such recipe", "name");
}

// Own before shipped, by name.
Result<std::map<std::string, RecipeInfo>> effective(store::Tx& tx, const Context& context) {
    std::map<std::string, RecipeInfo> all;
    for (const auto& row : TRY(rows::own_recipes(tx, context, Recipes::kMaxPerNamespace))) {
        all.emplace(row.name, TRY(info_of(row)));
    }
    for (const Recipe& recipe : shipped_recipes()) {
        all.try_emplace(recipe.name, shipped_info(recipe));
    }
    return all;
}

Result<RecipeInfo> find_info(store::Tx& tx, const Context& context, const std::string& name) {
    if (const auto own = TRY(rows::own_recipe(tx, context, name))) {
        return info_of(*own);
    }
    const Recipe* shipped = shipped_recipe(name);
    if (shipped == nullptr) {
        return no_such_recipe();
    }
    return shipped_info(*shipped);
}

// What a recipe shows its program beside the tree, its program may tell.
Result<void> check_read_only(const Context& context, const Recipe& recipe,
                             const HostFolders& folders) {
    if (!recipe.read_only.empty() && !is_operator(context)) {
        return fail(Code::forbidden, "only the operator of the server shows further folders",
                    "read_only");
    }
    for (std::size_t i = 0; i < recipe.read_only.size(); ++i) {
        const std::string field = "read_only[" + std::to_string(i) + "]";
        const std::string resolved = TRY(resolve_folder(recipe.read_only[i], field));
        TRY(check_shareable(resolved, folders, field));
    }
    return {};
}

}  // namespace

Result<RecipePage> Recipes::list(const Context& context, const ListRecipes& request) {
    const auto all =
        TRY(parts_.database.read([&](store::Tx& tx) { return effective(tx, context); }));
    RecipePage page;
    for (auto it = all.upper_bound(request.after); it != all.end(); ++it) {
        if (std::ssize(page.recipes) == request.limit) {
            page.next = page.recipes.back().recipe.name;
            break;
        }
        page.recipes.push_back(it->second);
    }
    return page;
}

Result<RecipeInfo> Recipes::get(const Context& context, const GetRecipe& request) {
    return parts_.database.read([&](store::Tx& tx) -> Result<RecipeInfo> {
        if (!request.digest) {
            return find_info(tx, context, request.name);
        }
        const auto version = TRY(rows::recipe_version(tx, context, *request.digest));
        if (version && version->name == request.name) {
            return info_of(*version);
        }
        const Recipe* shipped = shipped_recipe(request.name);
        if (shipped == nullptr || recipe_digest(*shipped) != *request.digest) {
            return fail(Code::not_found, "no such version of this recipe", "digest");
        }
        return shipped_info(*shipped);
    });
}

Result<RecipeInfo> Recipes::put(const Context& context, const Recipe& request) {
    if (!context.scopes.allow("trust:admin")) {
        return fail(Code::forbidden, "recipes are written with the scope trust:admin");
    }
    TRY(check_recipe(request));
    TRY(check_read_only(context, request, folders_));
    const rows::RecipeRow row{request.name, recipe_digest(request), to_json(request),
                              parts_.clock.now_us(), context.actor};
    TRY(parts_.database.write([&](store::Tx& tx) -> Result<void> {
        const auto before = TRY(rows::own_recipe(tx, context, row.name));
        if (!before && TRY(rows::count_recipes(tx, context)) >= kMaxPerNamespace) {
            return fail(Code::exhausted, "there are too many recipes");
        }
        if (TRY(rows::count_versions(tx, context)) >= kMaxVersions) {
            return fail(Code::exhausted, "there are too many versions of recipes");
        }
        TRY(rows::put_recipe(tx, context, row));
        return tx.emit(context, RecipeChanged{row.name, row.digest});
    }));
    return RecipeInfo{request, row.digest, false, row.updated_at_us, row.updated_by};
}

Result<void> Recipes::delete_(const Context& context, const RecipeRef& request) {
    if (!context.scopes.allow("trust:admin")) {
        return fail(Code::forbidden, "recipes are written with the scope trust:admin");
    }
    return parts_.database.write([&](store::Tx& tx) -> Result<void> {
        if (!TRY(rows::delete_recipe(tx, context, request.name))) {
            if (shipped_recipe(request.name) != nullptr) {
                return fail(Code::conflict,
                            "a shipped recipe stays; put one of its name with enabled = false",
                            "name");
            }
            return no_such_recipe();
        }
        return tx.emit(context, RecipeDeleted{request.name});
    });
}

Result<Recipe> find_recipe(store::Tx& tx, const Context& context, const std::string& name) {
    auto info = TRY(find_info(tx, context, name));
    if (!info.recipe.enabled) {
        return no_such_recipe();
    }
    return std::move(info.recipe);
}

Result<std::vector<Recipe>> all_recipes(store::Tx& tx, const Context& context) {
    auto all = TRY(effective(tx, context));
    std::vector<Recipe> enabled;
    for (auto& [name, info] : all) {
        if (info.recipe.enabled) {
            enabled.push_back(std::move(info.recipe));
        }
    }
    return enabled;
}

Result<void> serve_recipes(Host& host, const TrustParts& parts, const HostFolders& folders) {
    auto& recipes = host.keep(std::make_unique<Recipes>(parts, folders));
    host.serve<&Recipes::list>(recipes, "List the recipes by which claims are verified")
        .get("/v1/recipes")
        .needs("recipes:read")
        .resource("credence://recipes");
    host.serve<&Recipes::get>(recipes, "Get a recipe, also one that old evidence names")
        .get("/v1/recipes/{name}")
        .needs("recipes:read")
        .positional("name")
        .resource("credence://recipes/{name}", "recipes.list");
    host.serve<&Recipes::put>(recipes, "Create or replace a recipe")
        .put("/v1/recipes/{name}")
        .needs("recipes:write")
        .positional("name")
        .describe(
            "Needs the scope `trust:admin` too: a recipe says which program runs. It stands "
            "before a shipped one of its name; `enabled: false` switches it off. Every "
            "version is kept.");
    host.serve<&Recipes::delete_>(recipes, "Delete a recipe; a shipped one is seen again")
        .del("/v1/recipes/{name}")
        .needs("recipes:write")
        .positional("name");
    return serve_trees(host, parts, folders);
}

}  // namespace credence::trust
