#include "capabilities/trust/recipes.h"
#include "capabilities/trust/recipes_rows.h"
#include "capabilities/trust/trees.h"
#include "capabilities/trust/trust_parts.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxPath = 4096;
constexpr std::size_t kDigestBytes = 71;  // "sha256:" and 64 digits

}  // namespace

void describe(Describe<RecipeInfo>& d) {
    d.field<&RecipeInfo::recipe>("The recipe");
    d.field<&RecipeInfo::digest>("SHA-256 of it, by which evidence names it");
    d.field<&RecipeInfo::shipped>("It came with the program");
    d.field<&RecipeInfo::updated_at_us>("When it was written");
    d.field<&RecipeInfo::updated_by>("Key id of who wrote it, or local");
}

void describe(Describe<ListRecipes>& d) {
    d.field<&ListRecipes::after>("The `next` of the page before").length(0, kMaxName).or_default();
    d.field<&ListRecipes::limit>("At most this many").between(1, kMaxPage).or_default();
}

void describe(Describe<RecipePage>& d) {
    d.field<&RecipePage::recipes>("By name; switched-off ones too");
    d.field<&RecipePage::next>("Give it as `after` for the next page; absent at the end");
}

void describe(Describe<GetRecipe>& d) {
    d.field<&GetRecipe::name>("Its name").length(1, kMaxName).example("\"pytest\"");
    d.field<&GetRecipe::digest>("The version with this digest; absent: the one in force")
        .length(kDigestBytes, kDigestBytes);
}

void describe(Describe<RecipeRef>& d) {
    d.field<&RecipeRef::name>("Its name").length(1, kMaxName);
}

void describe(Describe<RecipeChanged>& d) {
    d.field<&RecipeChanged::name>("The recipe");
    d.field<&RecipeChanged::digest>("Its new digest");
}

void describe(Describe<RecipeDeleted>& d) {
    d.field<&RecipeDeleted::name>("The recipe that is gone");
}

void describe(Describe<Tree>& d) {
    d.field<&Tree::name>("Its name");
    d.field<&Tree::path>("Folder of the server, without symbolic links");
    d.field<&Tree::created_at_us>("When it was registered");
    d.field<&Tree::created_by>("Key id of who registered it, or local");
}

void describe(Describe<RegisterTree>& d) {
    d.field<&RegisterTree::name>(
         "1 to 64 of a-z, 0-9, _ and -; `default` is used when none is given")
        .length(1, kMaxName)
        .example("\"default\"");
    d.field<&RegisterTree::path>("Absolute path of a folder of the server")
        .length(1, kMaxPath)
        .example("\"/srv/project\"");
}

void describe(Describe<ListTrees>& d) {
    d.field<&ListTrees::after>("The `next` of the page before").length(0, kMaxName).or_default();
    d.field<&ListTrees::limit>("At most this many").between(1, kMaxPage).or_default();
}

void describe(Describe<TreePage>& d) {
    d.field<&TreePage::trees>("By name");
    d.field<&TreePage::next>("Give it as `after` for the next page; absent at the end");
}

void describe(Describe<TreeRef>& d) {
    d.field<&TreeRef::name>("Its name").length(1, kMaxName);
}

void describe(Describe<TreeRegistered>& d) {
    d.field<&TreeRegistered::name>("The new tree");
    d.field<&TreeRegistered::path>("Its folder");
}

void describe(Describe<TreeDeleted>& d) {
    d.field<&TreeDeleted::name>("The tree that is forgotten");
}

namespace rows {

void describe(Describe<RecipeRow>& d) {
    d.field<&RecipeRow::name>("Its name");
    d.field<&RecipeRow::digest>("Its digest");
    d.field<&RecipeRow::recipe>("As JSON");
    d.field<&RecipeRow::updated_at_us>("When it was written");
    d.field<&RecipeRow::updated_by>("By whom");
}

}  // namespace rows
}  // namespace credence::trust
