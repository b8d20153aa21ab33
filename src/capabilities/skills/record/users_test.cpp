#include "capabilities/skills/record/users.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "capabilities/skills/record/record_fixture.h"

namespace credence::skills {
namespace {

TEST(UserNamesTest, AHashIs64HexAndDiffersByTenantUserAndInstallation) {
    SeededRandom random(1);
    const auto names = UserNames::open({}, random);
    const auto others = UserNames::open({}, random);
    ASSERT_TRUE(names && others);
    const std::string hash = names->hash("acme", "alice");
    ASSERT_EQ(hash.size(), 64u);
    EXPECT_EQ(hash.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(names->hash("acme", "alice"), hash);
    EXPECT_NE(names->hash("other", "alice"), hash);
    EXPECT_NE(names->hash("acme", "bob"), hash);
    EXPECT_NE(names->hash("acmea", "lice"), hash);
    EXPECT_NE(others->hash("acme", "alice"), hash);
    EXPECT_NE(names->derived("experiments"), names->derived("other"));
    EXPECT_NE(hash, sha256_hex("alice"));
}

TEST(UserNamesTest, TheKeyIsMadeOnceForItsOwnerOnly) {
    const store::TemporaryDirectory directory;
    const std::string folder = directory.file("");
    SeededRandom random(1);
    const auto first = UserNames::open(folder, random);
    ASSERT_TRUE(first.has_value());
    const std::string path = directory.file("skills_user.key");
    struct stat about{};
    ASSERT_EQ(::stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    EXPECT_EQ(about.st_size, 32);
    const auto second = UserNames::open(folder, random);
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->hash("t", "u"), first->hash("t", "u"));

    ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
    EXPECT_EQ(fault_of(UserNames::open(folder, random)), "unavailable at ");
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
    std::ofstream(path, std::ios::trunc) << "short";
    EXPECT_EQ(fault_of(UserNames::open(folder, random)), "unavailable at ");
    EXPECT_EQ(fault_of(UserNames::open(folder + "none", random)), "unavailable at ");
}

class UsersTest : public RecordFixture {
protected:
    // Everything the store keeps of a user, by both sessions and single rows.
    void record_two_users() {
        session("of-alice", "alice");
        session("of-bob", "bob");
        for (int i = 0; i < 30; ++i) {
            TrackInvocation request = use(i % 2 == 0 ? "of-alice" : "of-bob",
                                          i % 3 == 0 ? "ruff" : "pytest", i % 5 != 0, i * 0.1);
            request.invoked_at_us = kTestStartUs - i * 1'000;
            request.error_type = i % 5 == 0 ? std::optional<std::string>("Broken") : std::nullopt;
            request.follow_up_actions = {"commit"};
            request.rating = 1 + i % 5;
            request.user_query = "what alice asked";
            track(request);
        }
        TrackInvocation request = use("of-bob", "only-alice");
        request.user_id = "alice";
        track(request);
        BeginInvocation begin;
        begin.session_id = "of-alice";
        begin.skill_name = "deploy";
        ASSERT_TRUE(skills_->begin_invocation(context(), begin).has_value());
        const std::string alice = names_->hash("default", "alice");
        run_sql("INSERT INTO ab_test_assignments VALUES ('default', 1, '" + alice +
                "', 'control', 5, NULL)");
        run_sql(
            "INSERT INTO ab_test_outcomes (tenant, test_id, user_id, completed, "
            "recorded_at_us) VALUES ('default', 1, '" +
            alice + "', 1, 6)");
        run_sql("INSERT INTO ab_test_users VALUES ('default', 1, '" + alice +
                "', 1, 1, 1, 0, 0, 0, 0, 0)");
        run_sql("INSERT INTO skill_user_interactions VALUES ('default', '" + alice +
                "', 'ruff', 5, 4, 10, 3, 1, 2)");
    }

    std::string figures() {
        return rows_of(
                   "SELECT skill_name, total_invocations, completed_invocations, "
                   "abandoned_invocations, timed_invocations, total_duration_seconds, "
                   "rated_invocations, rating_sum, first_invoked_at_us, last_invoked_at_us, "
                   "completion_rate, avg_duration_seconds FROM skill_metrics ORDER BY 1") +
               rows_of(
                   "SELECT session_id, skill_name, invocation_count FROM session_skills "
                   "ORDER BY 1, 2") +
               rows_of("SELECT skill_name, kind, value, uses FROM skill_counter ORDER BY 1, 2, 3");
    }
};

TEST_F(UsersTest, ErasureLeavesTheFiguresOfEverybodyElse) {
    record_two_users();
    const auto erased = skills_->erase_user(context(), {"alice"});
    ASSERT_TRUE(erased.has_value()) << erased.error().message;
    EXPECT_EQ(erased->invocations, 16);
    EXPECT_EQ(erased->open_invocations, 1);
    EXPECT_EQ(erased->sessions, 1);
    EXPECT_EQ(erased->skills, 3);
    EXPECT_EQ(erased->interactions, 1);
    EXPECT_EQ(erased->experiment_assignments, 1);
    EXPECT_EQ(erased->experiment_outcomes, 1);
    const std::string left = figures();

    // The same figures as if only the others had ever been there.
    run_sql("CREATE TABLE kept AS SELECT * FROM skill_invocation");
    for (const char* table : {"skill_metrics", "session_skills", "skill_invocation"}) {
        run_sql(std::string("DELETE FROM ") + table);
    }
    run_sql("INSERT INTO skill_invocation SELECT * FROM kept");
    EXPECT_EQ(figures(), left);
    EXPECT_EQ(left.find("only-alice"), std::string::npos);
    EXPECT_EQ(erased_, std::vector<std::string>{"default/" + names_->hash("default", "alice")});
    EXPECT_EQ(rows_of("SELECT value, uses FROM skill_counter WHERE skill_name = 'pytest' AND "
                      "kind = 'follow_up_action'"),
              "commit|10\n");

    const auto again = skills_->erase_user(context(), {"alice"});
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->invocations, 0);
    EXPECT_EQ(again->sessions, 0);
    EXPECT_TRUE(event_bodies().back().starts_with("skill_user_erased {\"invocations\":0"));
}

TEST_F(UsersTest, ErasureLeavesNoTraceInTheFile) {
    record_two_users();
    const std::string alice = names_->hash("default", "alice");
    ASSERT_TRUE(ledger_->read("default", [](const SkillState&) -> Result<int> { return 0; }));
    ASSERT_TRUE(ledger_->checkpoint().has_value());
    const auto holds = [&](std::string_view text) {
        for (const auto& entry : std::filesystem::directory_iterator(
                 std::filesystem::path(store_.path()).parent_path())) {
            const auto bytes = read_file(entry.path().string(), std::size_t{1} << 30);
            if (bytes && bytes->contains(text)) {
                return true;
            }
        }
        return false;
    };
    EXPECT_TRUE(holds(alice));
    ASSERT_TRUE(skills_->erase_user(context(), {"alice"}).has_value());
    ASSERT_TRUE(ledger_->read("default", [](const SkillState&) -> Result<int> { return 0; }));
    ASSERT_TRUE(ledger_->checkpoint().has_value());
    skills_.reset();
    ledger_.reset();
    store_.database.reset();  // folds the write-ahead log into the file
    EXPECT_FALSE(holds(alice));
    EXPECT_FALSE(holds("\"alice\""));
    EXPECT_TRUE(holds(names_->hash("default", "bob")));
}

TEST_F(UsersTest, WhereTheLogWasShortenedTotalsAreSubtracted) {
    record_two_users();
    run_sql("DELETE FROM skill_invocation WHERE id <= 10");  // as retention does
    const auto before = metrics("pytest");
    const auto erased = skills_->erase_user(context(), {"alice"});
    ASSERT_TRUE(erased.has_value());
    EXPECT_EQ(erased->invocations, 11);
    const auto after = metrics("pytest");
    EXPECT_EQ(before.total_invocations - after.total_invocations, 7);
    EXPECT_EQ(after.first_invoked_at_us, before.first_invoked_at_us);
}

TEST_F(UsersTest, TheExportHoldsEverythingInPages) {
    record_two_users();
    for (int round = 0; round < 6; ++round) {
        TrackInvocations batch;
        batch.items.assign(300, use("of-alice", "ruff"));
        ASSERT_TRUE(skills_->track_invocations(context(), batch).has_value());
    }
    ExportUser request{.user_id = "alice"};
    std::size_t rows = 0;
    ExportedUser all;
    for (int page = 0; page < 4; ++page) {
        const auto got = skills_->export_user(context(), request);
        ASSERT_TRUE(got.has_value()) << got.error().message;
        EXPECT_EQ(got->user_id, names_->hash("default", "alice"));
        rows += got->invocations.size();
        all.sessions.insert(all.sessions.end(), got->sessions.begin(), got->sessions.end());
        all.open_invocations.insert(all.open_invocations.end(), got->open_invocations.begin(),
                                    got->open_invocations.end());
        all.experiment_outcomes = got->experiment_outcomes;
        all.experiment_assignments = got->experiment_assignments;
        all.interactions = got->interactions;
        request.cursor = got->next_cursor;
        if (!request.cursor) {
            EXPECT_EQ(page, 1);
            break;
        }
    }
    EXPECT_EQ(rows, 16u + 1'800u);
    ASSERT_EQ(all.sessions.size(), 1u);
    EXPECT_EQ(all.sessions[0].session_id, "of-alice");
    ASSERT_EQ(all.open_invocations.size(), 1u);
    EXPECT_EQ(all.open_invocations[0].skill_name, "deploy");
    EXPECT_EQ(all.interactions.size(), 1u);
    EXPECT_EQ(all.experiment_assignments.size(), 1u);
    EXPECT_EQ(all.experiment_outcomes.size(), 1u);
    request.cursor = "9:x";
    EXPECT_EQ(fault_of(skills_->export_user(context(), request)), "invalid at cursor");
    EXPECT_EQ(fault_of(skills_->export_user(context(), {" "})), "invalid at user_id");
}

}  // namespace
}  // namespace credence::skills
