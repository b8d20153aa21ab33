#include "capabilities/trust/recipes.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/log.h"
#include "capabilities/trust/recipes_rows.h"
#include "engine/store/testing.h"

namespace credence::trust {
namespace {

class RecipesTest : public ::testing::Test {
protected:
    static constexpr std::int64_t kStartUs = 1'735'689'600'000'000;

    RecipesTest() {
        log::set_level(log::Level::off);
        const store::MigrationText text(store::migrations_of("capabilities/trust"), "0002_recipes");
        const std::vector<store::Migration> migrations{
            {"store", 1, "events", store::event_migration().up, store::event_migration().down},
            {"trust", 1, "recipes", text.up, text.down}};
        const std::string path = directory_.file("data/test.db");
        std::filesystem::create_directory(directory_.file("data"));
        std::filesystem::create_directory(directory_.file("tools"));
        const auto applied = store::Migrator(path, migrations, clock_).up();
        EXPECT_TRUE(applied.has_value()) << applied.error().message;
        store::SqliteOptions options = store::at_path(path);
        options.full_sync = false;
        database_ = store::open_or_die(options, clock_, metrics_);
        recipes_ =
            std::make_unique<Recipes>(TrustParts{*database_, clock_, random_, ids_, metrics_},
                                      HostFolders{{}, directory_.file("data")});
    }

    static Context as(std::vector<std::string> scopes, const std::string& tenant = "default",
                      const std::string& name_space = "default") {
        Context context;
        context.tenant = tenant;
        context.name_space = name_space;
        context.scopes = Scopes(std::move(scopes));
        return context;
    }

    static Recipe recipe_named(const std::string& name) {
        Recipe recipe;
        recipe.name = name;
        recipe.summary = "A check of ours";
        recipe.kinds = {ClaimKind::custom};
        recipe.argv = {"/bin/true", "{paths...}"};
        recipe.commands = {name + " {paths...}"};
        recipe.parameters["paths"].many = true;
        return recipe;
    }

    template <class T>
    static Code code_of(const Result<T>& result) {
        EXPECT_FALSE(result.has_value());
        return result ? Code::internal : result.error().code;
    }

    Result<Recipe> find(const Context& context, const std::string& name) {
        return database_->read([&](store::Tx& tx) { return find_recipe(tx, context, name); });
    }

    std::vector<Recipe> all(const Context& context) {
        auto found = database_->read([&](store::Tx& tx) { return all_recipes(tx, context); });
        EXPECT_TRUE(found.has_value());
        return found.value_or(std::vector<Recipe>{});
    }

    Result<std::int64_t> run(const std::string& sql) {
        return database_->write([&](store::Tx& tx) { return tx.run(sql); });
    }

    const Context admin_ = as({"*"});
    store::TemporaryDirectory directory_;
    ManualClock clock_{kStartUs};
    SeededRandom random_{7};
    IdMaker ids_{clock_, random_};
    Metrics metrics_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<Recipes> recipes_;
};

TEST_F(RecipesTest, ShippedOnesAreThere) {
    const auto page = recipes_->list(admin_, {});
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->recipes.size(), shipped_recipes().size());
    EXPECT_FALSE(page->next.has_value());
    EXPECT_TRUE(page->recipes.front().shipped);
    const auto pytest = recipes_->get(admin_, {"pytest", {}});
    ASSERT_TRUE(pytest.has_value());
    EXPECT_EQ(pytest->digest, recipe_digest(pytest->recipe));
    EXPECT_EQ(recipes_->get(admin_, {"pytest", pytest->digest})->digest, pytest->digest);
    EXPECT_EQ(all(admin_).size(), shipped_recipes().size());
    EXPECT_EQ(code_of(recipes_->get(admin_, {"nothing", {}})), Code::not_found);
    EXPECT_EQ(code_of(find(admin_, "nothing")), Code::not_found);
}

TEST_F(RecipesTest, OwnOnesStandBeforeShippedOnes) {
    Recipe own = recipe_named("pytest");
    const auto put = recipes_->put(admin_, own);
    ASSERT_TRUE(put.has_value()) << put.error().message;
    EXPECT_EQ(put->updated_at_us, kStartUs);
    EXPECT_EQ(put->updated_by, "local");
    EXPECT_FALSE(put->shipped);
    EXPECT_EQ(find(admin_, "pytest")->summary, own.summary);
    EXPECT_EQ(all(admin_).size(), shipped_recipes().size());
    ASSERT_TRUE(recipes_->delete_(admin_, {"pytest"}).has_value());
    EXPECT_NE(find(admin_, "pytest")->summary, own.summary);
    EXPECT_EQ(code_of(recipes_->delete_(admin_, {"pytest"})), Code::conflict);
    EXPECT_EQ(code_of(recipes_->delete_(admin_, {"nothing"})), Code::not_found);
}

TEST_F(RecipesTest, SwitchedOffOnesAreNotFound) {
    Recipe off = recipe_named("pytest");
    off.enabled = false;
    ASSERT_TRUE(recipes_->put(admin_, off).has_value());
    EXPECT_EQ(code_of(find(admin_, "pytest")), Code::not_found);
    EXPECT_EQ(all(admin_).size(), shipped_recipes().size() - 1);
    EXPECT_FALSE(recipes_->get(admin_, {"pytest", {}})->recipe.enabled);
    EXPECT_EQ(recipes_->list(admin_, {})->recipes.size(), shipped_recipes().size());
}

TEST_F(RecipesTest, NamespacesAndTenantsAreApart) {
    ASSERT_TRUE(recipes_->put(admin_, recipe_named("mine")).has_value());
    EXPECT_TRUE(find(admin_, "mine").has_value());
    EXPECT_EQ(code_of(find(as({"*"}, "default", "other"), "mine")), Code::not_found);
    EXPECT_EQ(code_of(find(as({"*"}, "other"), "mine")), Code::not_found);
    const auto digest = recipes_->get(admin_, {"mine", {}})->digest;
    EXPECT_EQ(code_of(recipes_->get(as({"*"}, "other"), {"mine", digest})), Code::not_found);
    EXPECT_EQ(code_of(recipes_->delete_(as({"*"}, "other"), {"mine"})), Code::not_found);
}

TEST_F(RecipesTest, OnlyAdministratorsWrite) {
    const Context writer = as({"recipes:write"});
    EXPECT_EQ(code_of(recipes_->put(writer, recipe_named("mine"))), Code::forbidden);
    EXPECT_EQ(code_of(recipes_->delete_(writer, {"pytest"})), Code::forbidden);
    const Context admin = as({"recipes:write", "trust:admin"}, "other");
    EXPECT_TRUE(recipes_->put(admin, recipe_named("mine")).has_value());
    Recipe wrong = recipe_named("mine");
    wrong.argv[0] = "true";
    const auto put = recipes_->put(admin, wrong);
    ASSERT_FALSE(put.has_value());
    EXPECT_EQ(put.error().field, "argv[0]");
}

TEST_F(RecipesTest, FurtherFoldersAreTheOperatorsToShow) {
    Recipe recipe = recipe_named("mine");
    recipe.read_only = {directory_.file("tools")};
    EXPECT_TRUE(recipes_->put(admin_, recipe).has_value());
    EXPECT_EQ(code_of(recipes_->put(as({"*"}, "other"), recipe)), Code::forbidden);
    EXPECT_EQ(code_of(recipes_->put(as({"recipes:write", "trust:admin"}), recipe)),
              Code::forbidden);
    for (const std::string& path :
         {directory_.file("data"), directory_.file("."), directory_.file("absent"),
          std::string("/etc/ssl"), std::string("/root")}) {
        recipe.read_only = {directory_.file("tools"), path};
        EXPECT_EQ(code_of(recipes_->put(admin_, recipe)), Code::invalid) << path;
    }
}

TEST_F(RecipesTest, EveryVersionStays) {
    const auto first = recipes_->put(admin_, recipe_named("mine"));
    ASSERT_TRUE(first.has_value());
    Recipe changed = recipe_named("mine");
    changed.strength = 0.25;
    const auto second = recipes_->put(admin_, changed);
    ASSERT_TRUE(second.has_value());
    ASSERT_TRUE(recipes_->put(admin_, recipe_named("mine")).has_value());  // back again
    ASSERT_TRUE(recipes_->delete_(admin_, {"mine"}).has_value());
    EXPECT_EQ(recipes_->get(admin_, {"mine", first->digest})->recipe.strength, 0.5);
    EXPECT_EQ(recipes_->get(admin_, {"mine", second->digest})->recipe.strength, 0.25);
    EXPECT_EQ(code_of(recipes_->get(admin_, {"other", second->digest})), Code::not_found);
    EXPECT_EQ(code_of(recipes_->get(admin_, {"pytest", second->digest})), Code::not_found);
    EXPECT_FALSE(run("UPDATE trust_recipe_version SET recipe = '{}'").has_value());
    EXPECT_FALSE(run("DELETE FROM trust_recipe_version").has_value());
    EXPECT_FALSE(run("INSERT OR REPLACE INTO trust_recipe_version SELECT * FROM "
                     "trust_recipe_version LIMIT 1")
                     .has_value());
}

TEST_F(RecipesTest, AreListedByPages) {
    for (const char* name : {"aa", "zz"}) {
        ASSERT_TRUE(recipes_->put(admin_, recipe_named(name)).has_value());
    }
    ListRecipes request;
    request.limit = 5;
    std::vector<std::string> names;
    for (int pages = 0; pages < 10; ++pages) {
        const auto page = recipes_->list(admin_, request);
        ASSERT_TRUE(page.has_value());
        for (const RecipeInfo& info : page->recipes) {
            names.push_back(info.recipe.name);
        }
        if (!page->next) {
            break;
        }
        EXPECT_EQ(page->recipes.size(), 5U);
        request.after = *page->next;
    }
    EXPECT_EQ(names.size(), shipped_recipes().size() + 2);
    EXPECT_EQ(names.front(), "aa");
    EXPECT_EQ(names.back(), "zz");
}

TEST_F(RecipesTest, ThereIsALimit) {
    // Rows as put() writes them, without a thousand transactions.
    const auto filled = database_->write([&](store::Tx& tx) -> Result<void> {
        for (std::int64_t i = 0; i < Recipes::kMaxPerNamespace; ++i) {
            const std::string name = "r" + std::to_string(i);
            TRY(rows::put_recipe(tx, admin_, {name, name, "{}", 1, "local"}));
        }
        return {};
    });
    ASSERT_TRUE(filled.has_value()) << filled.error().message;
    EXPECT_EQ(code_of(recipes_->put(admin_, recipe_named("mine"))), Code::exhausted);
    EXPECT_TRUE(recipes_->put(admin_, recipe_named("r1")).has_value());
    // What is not readable is an error, not a recipe.
    EXPECT_EQ(code_of(recipes_->get(admin_, {"r2", {}})), Code::internal);
}

}  // namespace
}  // namespace credence::trust
