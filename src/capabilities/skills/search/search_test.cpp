#include <gtest/gtest.h>

#include "capabilities/skills/search/search_index.h"
#include "capabilities/skills/search/search_rows.h"
#include "capabilities/skills/search/skill_search.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/skills_store.h"
#include "capabilities/skills/state/ledger.h"

namespace credence::skills {
namespace {

struct Row {
    std::string skill;
    std::string query;
    bool completed = true;
    std::string phase = "execution";
    std::string tenant = "default";
    std::string session = "s1";
    std::string embedding = {};
};

std::string own_embedding(std::size_t place) {
    std::vector<float> values(kEmbeddingNumbers);
    values[place] = 1;
    return vectors::encode_vector(*vectors::quantise(values));
}

std::vector<double> asked_embedding(std::size_t place) {
    std::vector<double> values(kEmbeddingNumbers);
    values[place] = 1;
    return values;
}

class SearchTest : public ::testing::Test {
protected:
    void track(const Row& row) {
        const auto done = store_.database->write([&](store::Tx& tx) -> Result<void> {
            TRY(
                tx.run("INSERT INTO skill_invocation (tenant, skill_name, invoked_at_us, "
                       "session_id, completed, user_query, embedding, workflow_phase, "
                       "created_at_us) VALUES ($1, $2, $3, $4, $5, nullif($6, ''), "
                       "nullif($7, ''), nullif($8, ''), $3)",
                       row.tenant, row.skill, store_.clock.now_us(), row.session, row.completed,
                       row.query, row.embedding, row.phase));
            return {};
        });
        ASSERT_TRUE(done.has_value()) << done.error().message;
    }

    SkillMatches found(const SearchSkills& request, const std::string& tenant = "default") {
        Context context;
        context.tenant = tenant;
        auto out = skills_.search(context, request);
        EXPECT_TRUE(out.has_value()) << out.error().message;
        return out.value_or(SkillMatches{});
    }
    SkillMatches asked(const std::string& query) { return found({.query = query}); }

    std::vector<std::string> names(const SkillMatches& matches) {
        std::vector<std::string> out;
        for (const SkillMatch& match : matches.matches) {
            out.push_back(match.skill_name);
        }
        return out;
    }

    SkillsStore store_;
    SkillsSettings settings_;
    Ledger ledger_{*store_.database, store_.clock, store_.metrics, settings_};
    SearchIndex index_{*store_.database, store_.clock, settings_};
    Skills skills_{{.database = *store_.database,
                    .clock = store_.clock,
                    .random = store_.random,
                    .ids = store_.ids,
                    .settings = settings_,
                    .ledger = &ledger_,
                    .search = &index_}};
};

TEST_F(SearchTest, WordsAndMeaningFindTheSkill) {
    track({"pytest-run", "run the unit tests of the parser"});
    track({"git-commit", "commit my changes"});
    track({"docker-build", "build a container image"});
    const SkillMatches matches = asked("please run unit tests");
    ASSERT_FALSE(matches.matches.empty());
    EXPECT_EQ(matches.matches[0].skill_name, "pytest-run");
    EXPECT_EQ(matches.matches[0].matched_query, "run the unit tests of the parser");
    EXPECT_GT(*matches.matches[0].similarity, 0.5);
    EXPECT_EQ(matches.matches[0].uses, 1);
    EXPECT_EQ(matches.wordings, 3);
    EXPECT_TRUE(matches.complete);
}

TEST_F(SearchTest, AWordingIsKeptOnceHoweverItIsWritten) {
    track({"pytest-run", "Run the tests"});
    track({"pytest-run", "run  the tests", false});
    track({"pytest-run", "RUN THE TESTS!"});
    EXPECT_EQ(asked("run tests").wordings, 1);
    const auto wording =
        store_.database->read([](store::Tx& tx) { return search_rows::find(tx, "default", 1); });
    ASSERT_TRUE(wording && *wording);
    EXPECT_EQ((*wording)->uses, 3);
    EXPECT_EQ((*wording)->completed, 2);
    EXPECT_EQ((*wording)->user_query, "Run the tests");
}

TEST_F(SearchTest, ASkillAppearsOnceWithItsBestWording) {
    track({"pytest-run", "run the tests"});
    track({"pytest-run", "deploy to production"});
    track({"k8s-deploy", "deploy to the cluster"});
    const SkillMatches matches = asked("deploy to production");
    EXPECT_EQ(names(matches), (std::vector<std::string>{"pytest-run", "k8s-deploy"}));
    EXPECT_EQ(matches.matches[0].matched_query, "deploy to production");
}

TEST_F(SearchTest, InThePhaseWhatCompletesThereComesFirst) {
    for (int i = 0; i < 30; ++i) {
        track({"good-here", "check the build", true, "verification"});
        track({"bad-here", "check the build", i % 5 == 0, "verification"});
        track({"bad-here", "check the build", true, "setup"});
    }
    const SearchSkills request{.query = "check the build", .workflow_phase = "verification"};
    const SkillMatches matches = found(request);
    EXPECT_EQ(names(matches), (std::vector<std::string>{"good-here", "bad-here"}));
    EXPECT_EQ(matches.matches[1].phase_completion_rate->n, 30);
    EXPECT_LT(matches.matches[1].phase_completion_rate->value, 0.4);
    // The score is the stated mixture: relevance is 1 for both.
    EXPECT_NEAR(matches.matches[0].relevance, 1, 1e-9);
    EXPECT_GT(matches.matches[0].score, 0.7 + 0.3 * 0.75);
    EXPECT_LT(matches.matches[1].score, 0.7 + 0.3 * 0.35);

    SearchSkills without = request;
    without.phase_weight = 0;
    EXPECT_NEAR(found(without).matches[1].score, 1, 1e-9);
}

TEST_F(SearchTest, FiltersBySessionSimilarityAndLimit) {
    track({"pytest-run", "run the tests", true, "", "default", "s1"});
    track({"jest-run", "run the tests", true, "", "default", "s2"});
    track({"mocha-run", "run the tests now", true, "", "default", "s2"});
    EXPECT_EQ(names(found({.query = "run the tests", .session_id = "s1"})),
              std::vector<std::string>{"pytest-run"});
    EXPECT_EQ(found({.query = "run the tests", .limit = 2}).matches.size(), 2U);
    EXPECT_EQ(
        names(found({.query = "run the tests", .by = SearchBy::meaning, .min_similarity = 0.999})),
        (std::vector<std::string>{"jest-run", "pytest-run"}));
}

TEST_F(SearchTest, RowsWithoutAQueryAreNotFound) {
    track({"silent", ""});
    track({"pytest-run", "run the tests"});
    EXPECT_EQ(names(asked("run the tests")), std::vector<std::string>{"pytest-run"});
}

TEST_F(SearchTest, SimilarSkillsAreAskedForAlike) {
    track({"pytest-run", "run the python tests"});
    track({"jest-run", "run the javascript tests"});
    track({"git-push", "push the branch"});
    const SkillMatches matches = found({.similar_to = "pytest-run"});
    ASSERT_GE(matches.matches.size(), 1U);
    EXPECT_EQ(matches.matches[0].skill_name, "jest-run");
    const auto found_names = names(matches);
    EXPECT_EQ(std::ranges::count(found_names, "pytest-run"), 0);
}

TEST_F(SearchTest, OwnEmbeddingsCompareAmongThemselves) {
    track({"a", "", true, "", "default", "s1", own_embedding(3)});
    track({"b", "", true, "", "default", "s1", own_embedding(4)});
    const SkillMatches matches = found({.query_embedding = asked_embedding(4)});
    ASSERT_EQ(names(matches), std::vector<std::string>{"b"});
    EXPECT_NEAR(*matches.matches[0].similarity, 1, 1e-6);
    EXPECT_FALSE(matches.matches[0].matched_query.has_value());
}

TEST_F(SearchTest, TenantsDoNotMeet) {
    track({"theirs", "run the secret tests", true, "", "other"});
    track({"ours", "run the tests"});
    EXPECT_EQ(names(asked("run the secret tests")), std::vector<std::string>{"ours"});
    EXPECT_EQ(names(found({.query = "run the tests"}, "other")),
              std::vector<std::string>{"theirs"});
}

TEST_F(SearchTest, WhatIsNewIsFoundAndWhatIsForgottenIsNot) {
    track({"pytest-run", "run the tests"});
    EXPECT_EQ(asked("run the tests").matches.size(), 1U);
    track({"jest-run", "run the tests"});
    EXPECT_EQ(asked("run the tests").matches.size(), 2U);

    // Another process removes rows and says so.
    const auto other = store_.open();
    const auto removed = other->write([](store::Tx& tx) -> Result<void> {
        TRY(tx.run("DELETE FROM skill_invocation WHERE tenant = 'default' AND skill_name = $1",
                   "pytest-run"));
        return search_rows::forget_all(tx, "default");
    });
    ASSERT_TRUE(removed.has_value());
    EXPECT_EQ(names(asked("run the tests")), std::vector<std::string>{"jest-run"});
}

TEST_F(SearchTest, UpkeepForgetsOldWordings) {
    track({"old", "run the tests"});
    EXPECT_EQ(asked("run the tests").matches.size(), 1U);
    store_.clock.advance_us((settings_.keep_queries_days + 1) * 86'400'000'000);
    ASSERT_TRUE(index_.upkeep().has_value());
    EXPECT_TRUE(asked("run the tests").matches.empty());
}

TEST_F(SearchTest, BadRequestsNameTheField) {
    const auto code_and_field = [&](const SearchSkills& request) {
        const auto out = skills_.search(Context{}, request);
        return out ? std::string("found") : out.error().field;
    };
    EXPECT_EQ(code_and_field({}), "query");
    EXPECT_EQ(code_and_field({.query = "a", .similar_to = "b"}), "query");
    EXPECT_EQ(code_and_field({.query = " .,! "}), "query");
    EXPECT_EQ(code_and_field({.query_embedding = std::vector<double>(384)}), "query_embedding");
}

// FTS5 has a language of its own; a query is only words in it.
TEST_F(SearchTest, AQueryIsNeverTheLanguageOfTheWordIndex) {
    track({"pytest-run", "run the tests"});
    for (const char* query : {"\"", "run OR \"", "NEAR(run tests)", "user_query : run", "run*",
                              "tests AND NOT run", "^run", "{run} - tests"}) {
        const auto out = skills_.search(Context{}, {.query = query});
        EXPECT_TRUE(out.has_value() || out.error().code == Code::invalid) << query;
    }
}

}  // namespace
}  // namespace credence::skills
