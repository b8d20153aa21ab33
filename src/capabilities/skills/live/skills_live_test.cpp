#include "capabilities/skills/live/skills_live.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "base/units.h"
#include "capabilities/skills/live/live_rows.h"
#include "capabilities/skills/state/ledger.h"
#include "capabilities/skills/state/ledger_fixture.h"
#include "engine/store/event.h"

namespace credence::skills {
namespace {

constexpr const char* kLiveTenant = "acme";

// A process: its view of the store, its ledger, its side of the feed.
struct LiveProcess {
    LiveProcess(store::Database& database, SkillsStore& store, const SkillsSettings& settings)
        : random(1),
          ids(store.clock, random),
          ledger(database, store.clock, store.metrics, settings),
          live(SkillsParts{.database = database,
                           .clock = store.clock,
                           .random = random,
                           .ids = ids,
                           .settings = settings,
                           .ledger = &ledger}) {
        ledger.on_folded([this](const std::string& tenant, std::int64_t) { live.folded(tenant); });
    }

    SeededRandom random;
    IdMaker ids;
    Ledger ledger;
    SkillsLive live;
};

class SkillsLiveTest : public testing::Test {
protected:
    void SetUp() override { log::set_level(log::Level::off); }

    void use(const std::string& skill, int times, const std::string& tenant = kLiveTenant) {
        std::vector<LogRow> rows;
        for (int i = 0; i < times; ++i) {
            LogRow row;
            row.skill = skill;
            row.session = "s1";
            row.user = "secret-user";
            row.at_us = store_.clock.now_us();
            row.completed = true;
            row.seconds = 2.0;
            rows.push_back(row);
        }
        write_rows(*store_.database, tenant, rows);
    }

    void tick(LiveProcess& process) {
        ASSERT_TRUE(process.ledger.follow());
        const auto done = process.live.tick();
        ASSERT_TRUE(done) << done.error().message;
    }

    std::vector<store::StoredEvent> events(const std::string& tenant = kLiveTenant) {
        auto read = store_.database->read([&](store::Tx& tx) {
            return store::EventLog::read(tx, tenant, 0, {"skill_metrics_updated"}, 1000);
        });
        EXPECT_TRUE(read);
        return read.value_or(std::vector<store::StoredEvent>());
    }

    SkillMetricsUpdated told(const store::StoredEvent& event) {
        auto body = from_json<SkillMetricsUpdated>(event.body.text);
        EXPECT_TRUE(body) << event.body.text;
        return body.value_or(SkillMetricsUpdated());
    }

    void run(const std::string& sql) {
        const auto done = store_.database->write([&](store::Tx& tx) -> Result<void> {
            TRY(tx.run(sql));
            return {};
        });
        ASSERT_TRUE(done) << sql;
    }

    SkillsStore store_;
    SkillsSettings settings_;
};

TEST_F(SkillsLiveTest, TellsWhatChangedOnce) {
    LiveProcess process(*store_.database, store_, settings_);
    ASSERT_TRUE(process.ledger.follow());
    use("a", 3);
    use("b", 1);
    tick(process);
    ASSERT_EQ(events().size(), 1U);
    const SkillMetricsUpdated first = told(events()[0]);
    ASSERT_EQ(first.top_skills.size(), 2U);
    EXPECT_EQ(first.top_skills[0].skill_name, "a");
    EXPECT_EQ(first.top_skills[0].invocation_count, 3);
    EXPECT_EQ(first.top_skills[0].avg_duration_seconds, 2.0);
    EXPECT_EQ(first.changed.size(), 2U);
    EXPECT_EQ(events()[0].actor, "system");
    EXPECT_EQ(events()[0].body.text.find("secret-user"), std::string::npos);

    tick(process);  // nothing changed: nothing is written
    EXPECT_EQ(events().size(), 1U);
    use("b", 1);
    tick(process);
    ASSERT_EQ(events().size(), 2U);
    const SkillMetricsUpdated second = told(events()[1]);
    ASSERT_EQ(second.changed.size(), 1U);
    EXPECT_EQ(second.changed[0].skill_name, "b");
    EXPECT_EQ(second.changed[0].total_invocations, 2);
}

TEST_F(SkillsLiveTest, OldMessagesAreForgottenAndOtherEventsStay) {
    LiveProcess process(*store_.database, store_, settings_);
    tick(process);  // tells of what comes from here on
    use("lint", 1);
    tick(process);
    ASSERT_TRUE(store_.database->write([](store::Tx& tx) {
        return tx.emit_json(kLiveTenant, "a", "skill_session_started", "{}");
    }));
    store_.clock.advance_us(25 * kUsPerHour);
    use("lint", 1);
    tick(process);
    ASSERT_EQ(events().size(), 2U);
    ASSERT_TRUE(process.live.forget_old());
    ASSERT_EQ(events().size(), 1U);
    EXPECT_EQ(events()[0].at_us, store_.clock.now_us());
    const auto others = store_.database->read([](store::Tx& tx) {
        return store::EventLog::read(tx, kLiveTenant, 0, {"skill_session_started"}, 10);
    });
    EXPECT_EQ(others->size(), 1U);
}

TEST_F(SkillsLiveTest, TellsEachTenantItsOwn) {
    LiveProcess process(*store_.database, store_, settings_);
    ASSERT_TRUE(process.ledger.follow());
    use("a", 1);
    use("z", 1, "other");
    tick(process);
    ASSERT_EQ(events().size(), 1U);
    ASSERT_EQ(events("other").size(), 1U);
    EXPECT_EQ(events("other")[0].body.text.find("\"a\""), std::string::npos);
}

TEST_F(SkillsLiveTest, TellsManyChangesInSeveralEvents) {
    LiveProcess process(*store_.database, store_, settings_);
    ASSERT_TRUE(process.ledger.follow());
    for (int i = 0; i < 150; ++i) {
        use("skill" + std::to_string(i), 1);
    }
    tick(process);
    tick(process);
    tick(process);
    ASSERT_EQ(events().size(), 2U);
    EXPECT_EQ(told(events()[0]).changed.size() + told(events()[1]).changed.size(), 150U);
    EXPECT_EQ(told(events()[0]).top_skills.size(), kMaxLiveTop);
}

TEST_F(SkillsLiveTest, TwoProcessesTellEachChangeOnce) {
    const auto foreign = store_.open();
    LiveProcess one(*store_.database, store_, settings_);
    LiveProcess two(*foreign, store_, settings_);
    ASSERT_TRUE(one.ledger.follow());
    ASSERT_TRUE(two.ledger.follow());
    use("a", 1);
    tick(one);
    tick(two);
    ASSERT_EQ(events().size(), 1U);
    use("b", 1);
    tick(two);
    tick(one);
    ASSERT_EQ(events().size(), 2U);
    EXPECT_EQ(told(events()[1]).changed.at(0).skill_name, "b");
}

TEST_F(SkillsLiveTest, KeepsChangesThatCouldNotBeTold) {
    LiveProcess process(*store_.database, store_, settings_);
    ASSERT_TRUE(process.ledger.follow());
    use("a", 1);
    ASSERT_TRUE(process.ledger.follow());
    run("ALTER TABLE skill_anomalies RENAME TO hidden_anomalies");
    EXPECT_FALSE(process.live.tick());
    run("ALTER TABLE hidden_anomalies RENAME TO skill_anomalies");
    EXPECT_TRUE(events().empty());
    tick(process);
    ASSERT_EQ(events().size(), 1U);
    EXPECT_EQ(told(events()[0]).changed.at(0).skill_name, "a");
}

TEST_F(SkillsLiveTest, TheSnapshotHasOpenAnomalies) {
    LiveProcess process(*store_.database, store_, settings_);
    use("a", 2);
    for (const std::string resolved : {"NULL", "5"}) {
        run("INSERT INTO skill_anomalies (tenant, id, skill_name, metric, anomaly_type,"
            " detected_at_us, last_seen_at_us, baseline_value, observed_value, deviation_score,"
            " adjusted_p, detail, resolved_at_us) VALUES ('acme', 'anomaly-" +
            resolved + "', 'a', 'volume', 'pattern_shift', 1, 1, 2, 3, 4, 0.01, '{}', " + resolved +
            ")");
    }
    Context context;
    context.tenant = kLiveTenant;
    const auto snapshot = process.live.get_snapshot(context, {});
    ASSERT_TRUE(snapshot) << snapshot.error().message;
    ASSERT_EQ(snapshot->top_skills.size(), 1U);
    EXPECT_EQ(snapshot->top_skills[0].invocation_count, 2);
    ASSERT_EQ(snapshot->anomalies.size(), 1U);
    EXPECT_EQ(snapshot->anomalies[0].id, "anomaly-NULL");
    EXPECT_DOUBLE_EQ(snapshot->anomalies[0].deviation_score, 4);
    context.tenant = "other";
    const auto empty = process.live.get_snapshot(context, {});
    ASSERT_TRUE(empty);
    EXPECT_TRUE(empty->top_skills.empty());
    EXPECT_TRUE(empty->anomalies.empty());
}

TEST_F(SkillsLiveTest, AClaimGoesForwardOnly) {
    const auto claim = [this](std::int64_t through_id, std::int64_t own_id) {
        return store_.database->write([&](store::Tx& tx) {
            return live_rows::claim(tx, {kLiveTenant, through_id, own_id, 1});
        });
    };
    EXPECT_EQ(claim(5, -1), true);  // no row yet
    EXPECT_EQ(claim(5, -1), false);
    EXPECT_EQ(claim(5, 5), true);  // the rest of what this process told
    EXPECT_EQ(claim(4, 4), false);
    EXPECT_EQ(claim(6, 5), true);
}

}  // namespace
}  // namespace credence::skills
