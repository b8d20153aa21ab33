#include "capabilities/skills/taxonomy/taxonomy.h"

#include <gtest/gtest.h>

#include "capabilities/skills/skills.h"
#include "capabilities/skills/skills_store.h"

namespace credence::skills {
namespace {

class TaxonomyTest : public ::testing::Test {
protected:
    InitializedTaxonomy initialize(std::optional<TaxonomyDefinition> definition = std::nullopt) {
        auto done = skills_.initialize_taxonomy(context_, {std::move(definition)});
        EXPECT_TRUE(done.has_value()) << done.error().message;
        return done.value_or(InitializedTaxonomy{});
    }
    std::int64_t count(const std::string& table) {
        auto rows = store_.database->read([&](store::Tx& tx) {
            return tx.query("SELECT count(*) FROM " + table + " WHERE tenant = 'default'");
        });
        return rows ? rows->integer(0, 0) : -1;
    }

    SkillsStore store_;
    SkillsSettings settings_;
    Skills skills_{{*store_.database, store_.clock, store_.random, store_.ids, settings_}};
    Context context_;
};

TEST_F(TaxonomyTest, TheDocumentsCountsHoldInTheTables) {
    const InitializedTaxonomy done = initialize();
    EXPECT_EQ(done.categories, 6);
    EXPECT_EQ(done.modalities, 4);
    EXPECT_EQ(done.dependencies, 4);
    EXPECT_EQ(done.mappings, 25);
    EXPECT_EQ(done.changed, 6 + 4 + 4 + 25);
    EXPECT_EQ(count("skill_categories"), 6);
    EXPECT_EQ(count("skill_modalities"), 4);
    EXPECT_EQ(count("skill_dependencies"), 4);
    EXPECT_EQ(count("skill_category_mapping"), 25);
}

TEST_F(TaxonomyTest, RepeatingChangesNothing) {
    initialize();
    EXPECT_EQ(initialize().changed, 0);
}

TEST_F(TaxonomyTest, OwnEntriesJoinTheShippedOnes) {
    initialize();
    TaxonomyDefinition own;
    own.categories.push_back(
        {"Fuzzing", "Testing", "Inputs nobody thought of", "testing", {"afl"}});
    own.modalities.push_back({"ruff-check", "code", "python_source", "sarif", true});
    own.dependencies.push_back({"push", "git-commit", 2.5});
    const InitializedTaxonomy done = initialize(own);
    EXPECT_EQ(done.categories, 7);
    EXPECT_EQ(done.modalities, 4);
    EXPECT_EQ(done.dependencies, 5);
    EXPECT_EQ(done.changed, 4);

    const auto all = skills_.get_taxonomy(context_, {});
    ASSERT_TRUE(all.has_value());
    ASSERT_EQ(all->categories.size(), 7U);
    EXPECT_EQ(all->categories[3].category_name, "Fuzzing");
    EXPECT_EQ(all->categories[3].parent, "Testing");
    EXPECT_EQ(all->categories[3].skills, std::vector<std::string>{"afl"});
    EXPECT_EQ(all->modalities[2].output_format, "sarif");
    EXPECT_TRUE(all->modalities[2].requires_human_review);
    // The smaller name comes first, whichever way it was said.
    EXPECT_EQ(all->dependencies[3].skill_a, "git-commit");
    EXPECT_EQ(all->dependencies[3].skill_b, "git-push");
    EXPECT_EQ(all->dependencies[4].skill_b, "push");
    EXPECT_DOUBLE_EQ(all->dependencies[4].lift, 2.5);
}

TEST_F(TaxonomyTest, FaultsAreNamedByTheirPathAndChangeNothing) {
    TaxonomyDefinition unknown_parent;
    unknown_parent.categories.push_back({"A", std::nullopt, std::nullopt, "code", {}});
    unknown_parent.categories.push_back({"B", "C", std::nullopt, "code", {}});
    const auto parent = skills_.initialize_taxonomy(context_, {unknown_parent});
    ASSERT_FALSE(parent.has_value());
    EXPECT_EQ(parent.error().field, "definition.categories[1].parent");

    TaxonomyDefinition twice;
    twice.categories.push_back({"A", std::nullopt, std::nullopt, "code", {}});
    twice.categories.push_back({"A", std::nullopt, std::nullopt, "code", {}});
    const auto repeated = skills_.initialize_taxonomy(context_, {twice});
    ASSERT_FALSE(repeated.has_value());
    EXPECT_EQ(repeated.error().field, "definition.categories[1].category_name");

    TaxonomyDefinition itself;
    itself.dependencies.push_back({"a", "a", 2});
    const auto self = skills_.initialize_taxonomy(context_, {itself});
    ASSERT_FALSE(self.has_value());
    EXPECT_EQ(self.error().field, "definition.dependencies[0].skill_b");
    EXPECT_EQ(count("skill_categories"), 0);
}

TEST_F(TaxonomyTest, EachTenantHasItsOwn) {
    initialize();
    Context other;
    other.tenant = "other";
    const auto all = skills_.get_taxonomy(other, {});
    ASSERT_TRUE(all.has_value());
    EXPECT_TRUE(all->categories.empty());
    EXPECT_TRUE(all->dependencies.empty());
}

}  // namespace
}  // namespace credence::skills
