// The recipes a namespace may use: the shipped ones, and its own, which stand before them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "api/host.h"
#include "base/result.h"
#include "base/shape.h"
#include "capabilities/trust/claims/recipe.h"
#include "capabilities/trust/host_folders.h"
#include "capabilities/trust/trust_parts.h"

namespace credence::trust {

struct RecipeInfo {
    Recipe recipe;
    std::string digest;    // by which evidence names it
    bool shipped = false;  // it came with the program
    std::optional<std::int64_t> updated_at_us;
    std::optional<std::string> updated_by;
};
void describe(Describe<RecipeInfo>&);

struct ListRecipes {
    std::string after;
    std::int64_t limit = 100;
};
void describe(Describe<ListRecipes>&);

struct RecipePage {
    std::vector<RecipeInfo> recipes;
    std::optional<std::string> next;
};
void describe(Describe<RecipePage>&);

struct GetRecipe {
    std::string name;
    std::optional<std::string> digest;  // a version of it that may no longer be in use
};
void describe(Describe<GetRecipe>&);

struct RecipeRef {
    std::string name;
};
void describe(Describe<RecipeRef>&);

struct RecipeChanged {
    std::string name;
    std::string digest;
};
void describe(Describe<RecipeChanged>&);

struct RecipeDeleted {
    std::string name;
};
void describe(Describe<RecipeDeleted>&);

// Thread-safe.
class Recipes {
public:
    static constexpr std::int64_t kMaxPerNamespace = 1'000;  // own ones; beyond: Code::exhausted
    static constexpr std::int64_t kMaxVersions = 100'000;    // kept for ever, so counted

    Recipes(const TrustParts& parts, HostFolders folders)
        : parts_(parts), folders_(std::move(folders)) {}

    // Own and shipped, by name; switched-off ones too.
    Result<RecipePage> list(const Context& context, const ListRecipes& request);
    Result<RecipeInfo> get(const Context& context, const GetRecipe& request);
    // Creates or replaces an own recipe; needs the scope trust:admin, because a recipe says which
    // program runs. Only an operator's may see further folders of the host (read_only).
    Result<RecipeInfo> put(const Context& context, const Recipe& request);
    // Removes an own recipe (its versions stay); a shipped one of that name is seen again.
    Result<void> delete_(const Context& context, const RecipeRef& request);

private:
    TrustParts parts_;
    HostFolders folders_;
};

// For other services, inside their transaction. The recipe in force; one that is switched off is
// Code::not_found like one that does not exist.
Result<Recipe> find_recipe(store::Tx& tx, const Context& context, const std::string& name);
// All in force, by name.
Result<std::vector<Recipe>> all_recipes(store::Tx& tx, const Context& context);

// Registers the operations of recipes and trees.
Result<void> serve_recipes(Host& host, const TrustParts& parts, const HostFolders& folders);

}  // namespace credence::trust
