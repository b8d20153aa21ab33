#include "capabilities/skills/state/ledger.h"

#include <gtest/gtest.h>

#include "base/log.h"
#include "base/units.h"
#include "capabilities/skills/state/ledger_fixture.h"

namespace credence::skills {
namespace {

constexpr const char* kTenant = "acme";

class LedgerTest : public ::testing::Test {
protected:
    void SetUp() override {
        log::set_level(log::Level::off);
        restart();
    }
    void restart() {
        ledger_ =
            std::make_unique<Ledger>(*store_.database, store_.clock, store_.metrics, settings_);
    }
    std::unique_ptr<Ledger> another(store::Database& database) {
        return std::make_unique<Ledger>(database, store_.clock, store_.metrics, settings_);
    }
    void add(const std::vector<LogRow>& rows, const std::string& tenant = kTenant) {
        write_rows(*store_.database, tenant, rows);
        all_.insert(all_.end(), rows.begin(), rows.end());
    }
    void checkpoint() {
        const auto done = ledger_->checkpoint();
        ASSERT_TRUE(done.has_value()) << done.error().message;
    }
    void follow() {
        const auto done = ledger_->follow();
        ASSERT_TRUE(done.has_value()) << done.error().message;
    }
    std::string text() { return text_in(*ledger_, kTenant); }

    store::Rows query(const std::string& sql) {
        auto rows = store_.database->read([&](store::Tx& tx) { return tx.query(sql); });
        EXPECT_TRUE(rows.has_value()) << sql;
        return rows.value_or(store::Rows{});
    }
    void run(const std::string& sql) {
        const auto done = store_.database->write([&](store::Tx& tx) -> Result<void> {
            TRY(tx.run(sql));
            return {};
        });
        ASSERT_TRUE(done.has_value()) << sql;
    }

    SkillsStore store_;
    SkillsSettings settings_;
    std::unique_ptr<Ledger> ledger_;
    std::vector<LogRow> all_;
};

TEST_F(LedgerTest, SeesEachRowAtTheNextRead) {
    EXPECT_EQ(text(), text_of_fold({}));
    add(some_rows(50, 1));
    EXPECT_EQ(text(), text_of_fold(all_));
    add(some_rows(1, 2));
    EXPECT_EQ(text(), text_of_fold(all_));
}

TEST_F(LedgerTest, SeesRowsOfAnotherProcess) {
    add(some_rows(10, 1));
    EXPECT_EQ(text(), text_of_fold(all_));
    const auto foreign = store_.open();
    const auto rows = some_rows(20, 2);
    write_rows(*foreign, kTenant, rows);
    all_.insert(all_.end(), rows.begin(), rows.end());
    EXPECT_EQ(text(), text_of_fold(all_));
}

TEST_F(LedgerTest, ReadsAtMostItsShareAndFollowReadsTheRest) {
    EXPECT_EQ(text(), text_of_fold({}));
    follow();
    const int count = static_cast<int>(Ledger::kReadRows) + 500;
    add(some_rows(count, 3));
    const auto invocations = [&] {
        return *ledger_->read(kTenant, [](const SkillState& state) -> Result<std::int64_t> {
            return state.through_id();
        });
    };
    EXPECT_EQ(invocations(), Ledger::kReadRows);
    follow();
    EXPECT_EQ(text(), text_of_fold(all_));
}

TEST_F(LedgerTest, FollowsTenantsThatWroteAndKeepsThemApart) {
    follow();
    const auto mine = some_rows(40, 1);
    const auto theirs = some_rows(30, 2);
    std::vector<std::string> told;
    ledger_->on_folded([&](const std::string& tenant, std::int64_t through_id) {
        told.push_back(tenant + std::to_string(through_id));
    });
    write_rows(*store_.database, "a", mine);
    write_rows(*store_.database, "b", theirs);
    follow();
    EXPECT_EQ(told, (std::vector<std::string>{"a40", "b70"}));
    EXPECT_EQ(text_in(*ledger_, "a"), text_of_fold(mine));
    EXPECT_EQ(text_in(*ledger_, "b"), text_of_fold(theirs));
    EXPECT_EQ(text_in(*ledger_, "c"), text_of_fold({}));
    EXPECT_EQ(ledger_->take_changed("a", 3).size(), 3U);
    EXPECT_EQ(ledger_->take_changed("a", 100).size(), 5U);
    EXPECT_TRUE(ledger_->take_changed("a", 100).empty());
    follow();
    EXPECT_EQ(told.size(), 2U);
    EXPECT_EQ(*ledger_->tenants(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(LedgerTest, GoesOnFromACheckpoint) {
    add(some_rows(200, 4));
    text();
    checkpoint();
    add(some_rows(100, 5));
    restart();
    EXPECT_EQ(text(), text_of_fold(all_));
    checkpoint();
    restart();
    EXPECT_EQ(text(), text_of_fold(all_));
    EXPECT_EQ(query("SELECT through_id FROM skill_fold").integer(0, 0), 300);
}

// A thousand logs, each cut into steps of reading, following, saving and starting anew.
TEST_F(LedgerTest, ComesToTheSameHoweverTheLogIsCut) {
    SeededRandom random(99);
    for (int log = 0; log < 1'000; ++log) {
        const std::string tenant = "tenant" + std::to_string(log);
        const auto rows = some_rows(5 + static_cast<int>(random.next() % 20), random.next());
        std::size_t written = 0;
        while (written < rows.size()) {
            const std::size_t more =
                std::min<std::size_t>(1 + random.next() % 12, rows.size() - written);
            const auto from = rows.begin() + static_cast<std::ptrdiff_t>(written);
            write_rows(*store_.database, tenant, {from, from + static_cast<std::ptrdiff_t>(more)});
            written += more;
            switch (random.next() % 4) {
                case 0:
                    text_in(*ledger_, tenant);
                    break;
                case 1:
                    follow();
                    break;
                case 2:
                    checkpoint();
                    break;
                default:
                    restart();
            }
        }
        ASSERT_EQ(text_in(*ledger_, tenant), text_of_fold(rows)) << "log " << log;
        checkpoint();
        restart();
        ASSERT_EQ(text_in(*ledger_, tenant), text_of_fold(rows)) << "log " << log;
    }
}

TEST_F(LedgerTest, SurvivesAKillAtAnyStatementOfACheckpoint) {
    add(some_rows(30, 6));
    text();
    checkpoint();
    FailingDatabase failing(*store_.database);
    bool failed = true;
    int kills = 0;
    for (int statement = 1; failed; statement += 7) {
        add(some_rows(5, 100 + static_cast<std::uint64_t>(statement)));
        failing.fail_at(statement);
        const auto victim = another(failing);
        EXPECT_EQ(text_in(*victim, kTenant), text_of_fold(all_));
        failed = !victim->checkpoint().has_value();
        kills += failed ? 1 : 0;
        EXPECT_EQ(text_in(*victim, kTenant), text_of_fold(all_));
        restart();
        ASSERT_EQ(text(), text_of_fold(all_)) << "killed at statement " << statement;
    }
    EXPECT_GT(kills, 10);
}

TEST_F(LedgerTest, GivesWayToAnotherProcess) {
    add(some_rows(40, 7));
    const auto foreign_database = store_.open();
    const auto foreign = another(*foreign_database);
    EXPECT_EQ(text(), text_of_fold(all_));
    EXPECT_EQ(text_in(*foreign, kTenant), text_of_fold(all_));
    checkpoint();
    add(some_rows(40, 8));
    EXPECT_EQ(text_in(*foreign, kTenant), text_of_fold(all_));
    ASSERT_TRUE(foreign->checkpoint().has_value());  // refused, and loaded anew
    EXPECT_EQ(query("SELECT through_id FROM skill_fold").integer(0, 0), 40);
    EXPECT_EQ(text_in(*foreign, kTenant), text_of_fold(all_));
    ASSERT_TRUE(foreign->checkpoint().has_value());
    EXPECT_EQ(query("SELECT through_id FROM skill_fold").integer(0, 0), 80);
    checkpoint();
    EXPECT_EQ(text(), text_of_fold(all_));
    restart();
    EXPECT_EQ(text(), text_of_fold(all_));
}

TEST_F(LedgerTest, WritesHoursDaysTotalsAndPairs) {
    run("INSERT INTO skill_dependencies (tenant, skill_a, skill_b, declared_lift, "
        "last_updated_at_us) VALUES ('acme', 'lint', 'test', 3.5, 0)");
    add({{.skill = "lint", .session = "s1", .completed = true, .seconds = 2},
         {.skill = "test", .session = "s1", .at_us = kTestStartUs + 1, .completed = false},
         {.skill = "lint", .session = "s1", .completed = true, .seconds = 4},
         {.skill = "lint",
          .session = "s2",
          .at_us = kTestStartUs + kUsPerHour,
          .completed = false}});
    text();
    checkpoint();
    const auto hours = query(
        "SELECT invocation_count, completed_count, completion_rate, avg_duration_seconds, "
        "unique_sessions FROM skill_time_series WHERE skill_name = 'lint' ORDER BY timestamp_us");
    ASSERT_EQ(hours.size(), 2U);
    EXPECT_EQ(hours.integer(0, 0), 2);
    EXPECT_EQ(hours.number(0, 2), 1);
    EXPECT_EQ(hours.number(0, 3), 3);
    EXPECT_EQ(hours.integer(0, 4), 1);
    EXPECT_TRUE(hours.is_null(1, 3));
    const auto days = query(
        "SELECT date, invocations, completions, abandonments, avg_duration_seconds "
        "FROM mv_daily_skills WHERE skill_name = 'lint'");
    ASSERT_EQ(days.size(), 1U);
    EXPECT_EQ(days.text(0, 0), "2025-01-01");
    EXPECT_EQ(days.integer(0, 1), 3);
    EXPECT_EQ(days.integer(0, 3), 1);
    EXPECT_EQ(days.number(0, 4), 3);
    const auto pairs = query(
        "SELECT co_occurrence_count, a_first_count, lift_score, declared_lift "
        "FROM skill_dependencies WHERE tenant = 'acme'");
    ASSERT_EQ(pairs.size(), 1U);
    EXPECT_EQ(pairs.integer(0, 0), 1);
    EXPECT_EQ(pairs.integer(0, 1), 1);
    EXPECT_EQ(pairs.number(0, 2), 1);  // (1 + 1/2) / (2 * 1 / 2 + 1/2)
    EXPECT_EQ(pairs.number(0, 3), 3.5);
    const auto total = query(
        "SELECT invocations, buckets, last_invoked_at_us FROM skill_total "
        "WHERE skill_name = 'lint'");
    EXPECT_EQ(total.integer(0, 0), 3);
    EXPECT_EQ(total.text(0, 1), "[0,0,0,1,1,0,0,0,0,0]");
    EXPECT_EQ(total.integer(0, 2), kTestStartUs + kUsPerHour);
}

// A row of an hour that has left memory is added to what the store has of it.
TEST_F(LedgerTest, AddsLateRowsToStoredHours) {
    const std::int64_t later_us = kTestStartUs + (SkillState::kHoursKept + 5) * kUsPerHour;
    add({{.session = "s1"}, {.session = "s2", .at_us = later_us}});
    text();
    checkpoint();
    add({{.session = "s3", .completed = false}, {.session = "s4", .at_us = later_us + 1}});
    EXPECT_EQ(text(), text_of_fold(all_));
    checkpoint();
    restart();
    add({{.session = "s4"}});
    EXPECT_EQ(text(), text_of_fold(all_));
    checkpoint();
    const auto hours = query(
        "SELECT invocation_count, completed_count, unique_sessions FROM skill_time_series "
        "ORDER BY timestamp_us");
    ASSERT_EQ(hours.size(), 2U);
    EXPECT_EQ(hours.integer(0, 0), 3);
    EXPECT_EQ(hours.integer(0, 1), 2);
    EXPECT_EQ(hours.integer(0, 2), 3);
    EXPECT_EQ(hours.integer(1, 2), 2);
}

TEST_F(LedgerTest, LetsTheCacheDecay) {
    const auto cached = [&] {
        const auto row = query(
            "SELECT invocation_count_1h, invocation_count_24h, avg_completion_rate_24h "
            "FROM skill_metrics_cache");
        return std::to_string(row.integer(0, 0)) + " " + std::to_string(row.integer(0, 1)) + " " +
               (row.is_null(0, 2) ? "none" : std::to_string(row.number(0, 2)));
    };
    add({{.at_us = kTestStartUs + 20'000'000},
         {.at_us = kTestStartUs + 40'000'000, .completed = false},
         {.at_us = kTestStartUs + 30 * kUsPerMinute}});
    store_.clock.set_us(kTestStartUs + 31 * kUsPerMinute);
    text();
    add({{.at_us = kTestStartUs + 31 * kUsPerMinute}});  // not folded yet
    EXPECT_EQ(cached(), "4 4 none");
    checkpoint();
    EXPECT_EQ(cached(), "4 4 0.750000");
    // In the middle of the minute of the first two.
    store_.clock.set_us(kTestStartUs + 30'000'000 + kUsPerHour);
    checkpoint();
    EXPECT_EQ(cached(), "3 4 0.750000");
    store_.clock.set_us(kTestStartUs + 30'000'000 + kUsPerDay);
    checkpoint();
    EXPECT_EQ(cached(), "0 3 0.666667");
    store_.clock.set_us(kTestStartUs + 2 * kUsPerDay);
    checkpoint();
    EXPECT_EQ(cached(), "0 0 none");
}

TEST_F(LedgerTest, RebuildsWithoutTheRowsOfAUser) {
    add(some_rows(120, 9));
    text();
    checkpoint();
    run("UPDATE skill_dependencies SET declared_lift = 2 WHERE skill_a = 'skill0' "
        "AND skill_b = 'skill1'");
    const auto foreign_database = store_.open();
    const auto foreign = another(*foreign_database);
    EXPECT_EQ(text_in(*foreign, kTenant), text());
    run("DELETE FROM skill_invocation WHERE user_id = 'user1'");
    ASSERT_TRUE(ledger_->rebuild(kTenant).has_value());
    EXPECT_EQ(query("SELECT 1 FROM skill_user_interactions").size(), 0U);
    std::erase_if(all_, [](const LogRow& row) { return row.user == "user1"; });
    EXPECT_EQ(text(), text_of_fold(all_));
    EXPECT_EQ(text_in(*foreign, kTenant), text_of_fold(all_));
    ASSERT_TRUE(foreign->follow().has_value());
    checkpoint();
    EXPECT_EQ(query("SELECT 1 FROM skill_dependencies WHERE declared_lift = 2").size(), 1U);
    restart();
    EXPECT_EQ(text(), text_of_fold(all_));
    const auto sum = query("SELECT sum(invocation_count) FROM skill_time_series");
    EXPECT_EQ(sum.integer(0, 0), static_cast<std::int64_t>(all_.size()));
}

TEST_F(LedgerTest, KeepsFiguresOfRowsThatRetentionTook) {
    settings_.keep_invocations_days = 10;
    restart();
    add({{.session = "s1", .user = "u"}, {.session = "s1", .user = "v", .completed = false}});
    add({{.session = "s2", .user = "u", .at_us = kTestStartUs + 11 * kUsPerDay}});
    store_.clock.set_us(kTestStartUs + 11 * kUsPerDay + kUsPerHour);
    const std::string before = text();
    checkpoint();
    run("DELETE FROM skill_invocation WHERE invoked_at_us < " +
        std::to_string(kTestStartUs + kUsPerDay));
    EXPECT_EQ(text(), before);
    restart();
    EXPECT_EQ(text(), before);
    // A rebuild keeps hours, days, invocations and completions of what was taken, nobody's users.
    ASSERT_TRUE(ledger_->rebuild(kTenant).has_value());
    const auto check = [&](const SkillState& state) -> Result<void> {
        const SkillFigures& lint = state.skills().at(0);
        EXPECT_EQ(lint.phases.at("").invocations, 3);
        EXPECT_EQ(lint.phases.at("").completed, 2);
        EXPECT_EQ(lint.hours.size(), 2U);
        EXPECT_EQ(state.users().size(), 1U);
        EXPECT_EQ(state.meetings().sessions(), 1);
        return {};
    };
    ASSERT_TRUE(ledger_->read(kTenant, check).has_value());
    checkpoint();
    restart();
    ASSERT_TRUE(ledger_->read(kTenant, check).has_value());
    EXPECT_EQ(query("SELECT sum(invocations) FROM mv_daily_skills").integer(0, 0), 3);
}

TEST_F(LedgerTest, LetsTheTenantIdleLongestGo) {
    add(some_rows(20, 10));
    const std::string before = text();
    for (std::size_t i = 0; i < Ledger::kMaxTenants; ++i) {
        text_in(*ledger_, "tenant" + std::to_string(i));
    }
    EXPECT_EQ(text(), before);
}

TEST_F(LedgerTest, WritesWhileItFoldsAndStaysTheSame) {
    std::vector<LogRow> rows;
    for (int i = 0; i < 9'000; ++i) {
        rows.push_back({.skill = "skill" + std::to_string(i % 7),
                        .session = "s" + std::to_string(i / 5),
                        .user = "user" + std::to_string(i),
                        .at_us = kTestStartUs + i * kUsPerMinute});
    }
    add(rows);
    EXPECT_EQ(text(), text_of_fold(all_));
    const auto fold = query("SELECT users_through_id, pairs_through_id FROM skill_fold");
    ASSERT_EQ(fold.size(), 1U);
    EXPECT_EQ(fold.integer(0, 0), 8'000);  // more than one transaction takes
    EXPECT_EQ(fold.integer(0, 1), 0);
    restart();
    EXPECT_EQ(text(), text_of_fold(all_));
}

}  // namespace
}  // namespace credence::skills
