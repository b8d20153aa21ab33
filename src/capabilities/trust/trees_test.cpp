#include "capabilities/trust/trees.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "capabilities/trust/trees_rows.h"
#include "engine/store/testing.h"

namespace credence::trust {
namespace {

namespace files = std::filesystem;

class TreesTest : public ::testing::Test {
protected:
    static constexpr std::int64_t kStartUs = 1'735'689'600'000'000;

    TreesTest() {
        log::set_level(log::Level::off);
        const store::MigrationText text(store::migrations_of("capabilities/trust"), "0002_recipes");
        const std::vector<store::Migration> migrations{
            {"store", 1, "events", store::event_migration().up, store::event_migration().down},
            {"trust", 1, "recipes", text.up, text.down}};
        for (const char* folder : {"data/keys", "srv/a", "srv/b", "else"}) {
            files::create_directories(directory_.file(folder));
        }
        const std::string path = directory_.file("data/test.db");
        const auto applied = store::Migrator(path, migrations, clock_).up();
        EXPECT_TRUE(applied.has_value()) << applied.error().message;
        store::SqliteOptions options = store::at_path(path);
        options.full_sync = false;
        database_ = store::open_or_die(options, clock_, metrics_);
        trees_ = std::make_unique<Trees>(
            TrustParts{*database_, clock_, random_, ids_, metrics_},
            HostFolders{{directory_.file("srv"), "/absent/root"}, directory_.file("data")});
        operator_.scopes = Scopes::all();
        tenant_.tenant = "acme";
        tenant_.actor = "key-1";
        tenant_.scopes = Scopes({"trees:write", "trees:read"});
    }

    template <class T>
    static Code code_of(const Result<T>& result) {
        EXPECT_FALSE(result.has_value());
        return result ? Code::internal : result.error().code;
    }

    Result<Tree> find(const Context& context, const std::string& name) {
        return database_->read([&](store::Tx& tx) { return find_tree(tx, context, name); });
    }

    Context operator_;
    Context tenant_;
    store::TemporaryDirectory directory_;
    ManualClock clock_{kStartUs};
    SeededRandom random_{7};
    IdMaker ids_{clock_, random_};
    Metrics metrics_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<Trees> trees_;
};

TEST_F(TreesTest, AreRegisteredFoundAndForgotten) {
    const auto tree = trees_->register_(operator_, {"default", directory_.file("else")});
    ASSERT_TRUE(tree.has_value()) << tree.error().message;
    EXPECT_EQ(tree->path, files::canonical(directory_.file("else")).string());
    EXPECT_EQ(tree->created_at_us, kStartUs);
    EXPECT_EQ(tree->created_by, "local");
    EXPECT_EQ(find(operator_, "default")->path, tree->path);
    EXPECT_EQ(code_of(trees_->register_(operator_, {"default", directory_.file("srv")})),
              Code::conflict);
    ASSERT_TRUE(trees_->delete_(operator_, {"default"}).has_value());
    EXPECT_EQ(code_of(find(operator_, "default")), Code::not_found);
    EXPECT_EQ(code_of(trees_->delete_(operator_, {"default"})), Code::not_found);
    EXPECT_TRUE(files::exists(directory_.file("else")));
}

TEST_F(TreesTest, NobodyRegistersTheSystemOrTheData) {
    for (const std::string& path :
         {std::string("/"), std::string("/proc"), std::string("/proc/self"), std::string("/sys"),
          std::string("/dev"), std::string("/etc"), std::string("/etc/ssl"), std::string("/root"),
          std::string("/usr/../etc"), std::string("relative"), std::string(),
          std::string("/absent/folder"), std::string("/tmp\n"), std::string("/bin/sh"),
          directory_.file("data"), directory_.file("data/keys"), directory_.file("."),
          directory_.file("srv/../data")}) {
        const auto tree = trees_->register_(operator_, {"bad", path});
        EXPECT_EQ(code_of(tree), Code::invalid) << path;
        EXPECT_EQ(tree.error().field, "path");
    }
    files::create_directory_symlink(directory_.file("data"), directory_.file("else/link"));
    EXPECT_EQ(code_of(trees_->register_(operator_, {"bad", directory_.file("else/link")})),
              Code::invalid);
    EXPECT_EQ(code_of(trees_->register_(operator_, {"Bad", directory_.file("else")})),
              Code::invalid);
    // A name that only begins alike is another folder.
    files::create_directory(directory_.file("data2"));
    EXPECT_TRUE(trees_->register_(operator_, {"good", directory_.file("data2")}).has_value());
}

TEST_F(TreesTest, OthersRegisterBelowTheRootsOnly) {
    EXPECT_TRUE(trees_->register_(tenant_, {"a", directory_.file("srv/a")}).has_value());
    for (const std::string& path :
         {directory_.file("srv"), directory_.file("else"), directory_.file("data"),
          directory_.file("srv/../else"), directory_.file("srv/absent"), std::string("/"),
          std::string("/etc"), std::string("/absent"), std::string("relative")}) {
        EXPECT_EQ(code_of(trees_->register_(tenant_, {"bad", path})), Code::forbidden) << path;
    }
    files::create_directory_symlink(directory_.file("else"), directory_.file("srv/link"));
    EXPECT_EQ(code_of(trees_->register_(tenant_, {"bad", directory_.file("srv/link")})),
              Code::forbidden);
    // All scopes of another tenant are not the operator's.
    Context boss = tenant_;
    boss.scopes = Scopes::all();
    EXPECT_EQ(code_of(trees_->register_(boss, {"bad", directory_.file("else")})), Code::forbidden);
}

TEST_F(TreesTest, NamespacesAndTenantsAreApart) {
    ASSERT_TRUE(trees_->register_(tenant_, {"a", directory_.file("srv/a")}).has_value());
    EXPECT_EQ(code_of(find(operator_, "a")), Code::not_found);
    Context elsewhere = tenant_;
    elsewhere.name_space = "elsewhere";
    EXPECT_EQ(code_of(find(elsewhere, "a")), Code::not_found);
    EXPECT_EQ(code_of(trees_->delete_(elsewhere, {"a"})), Code::not_found);
    EXPECT_TRUE(find(tenant_, "a").has_value());
}

TEST_F(TreesTest, AreLookedAtAgainWhenUsed) {
    ASSERT_TRUE(trees_->register_(tenant_, {"a", directory_.file("srv/a")}).has_value());
    files::remove(directory_.file("srv/a"));
    EXPECT_EQ(code_of(find(tenant_, "a")), Code::conflict);
    files::create_directory_symlink(directory_.file("else"), directory_.file("srv/a"));
    EXPECT_EQ(code_of(find(tenant_, "a")), Code::conflict);
    files::remove(directory_.file("srv/a"));
    files::create_directory(directory_.file("srv/a"));
    EXPECT_TRUE(find(tenant_, "a").has_value());
}

TEST_F(TreesTest, AreListedByPages) {
    for (const char* name : {"c", "a", "b"}) {
        ASSERT_TRUE(trees_->register_(operator_, {name, directory_.file("else")}).has_value());
    }
    const auto first = trees_->list(operator_, {"", 2});
    ASSERT_TRUE(first.has_value());
    ASSERT_EQ(first->trees.size(), 2U);
    EXPECT_EQ(first->trees[0].name, "a");
    EXPECT_EQ(first->next, "b");
    const auto second = trees_->list(operator_, {*first->next, 2});
    ASSERT_EQ(second->trees.size(), 1U);
    EXPECT_EQ(second->trees[0].name, "c");
    EXPECT_FALSE(second->next.has_value());
}

TEST_F(TreesTest, ThereIsALimit) {
    const auto filled = database_->write([&](store::Tx& tx) -> Result<void> {
        for (std::int64_t i = 0; i < Trees::kMaxPerNamespace; ++i) {
            TRY(rows::insert_tree(tx, operator_, {"t" + std::to_string(i), "/x", 1, "local"}));
        }
        return {};
    });
    ASSERT_TRUE(filled.has_value());
    EXPECT_EQ(code_of(trees_->register_(operator_, {"more", directory_.file("else")})),
              Code::exhausted);
}

TEST(HostFolders, AStoreInMemoryHasNoFolder) {
    EXPECT_TRUE(check_shareable("/usr/share", {}, "path").has_value());
    EXPECT_FALSE(check_shareable("/", {}, "path").has_value());
    EXPECT_FALSE(is_below_roots("/usr/share", {}));
}

}  // namespace
}  // namespace credence::trust
