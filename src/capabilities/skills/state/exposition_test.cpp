#include "capabilities/skills/state/exposition.h"

#include <gtest/gtest.h>

#include "base/log.h"
#include "capabilities/skills/state/ledger_fixture.h"

namespace credence::skills {
namespace {

class ExpositionTest : public ::testing::Test {
protected:
    void SetUp() override {
        log::set_level(log::Level::off);
        restart();
    }
    // As after a restart of the process: nothing is counted yet.
    void restart() {
        exposition_.reset();
        ledger_.reset();
        metrics_ = std::make_unique<Metrics>();
        ledger_ = std::make_unique<Ledger>(*store_.database, store_.clock, *metrics_, settings_);
        exposition_ = std::make_unique<Exposition>(*store_.database, *ledger_, *metrics_);
        const auto started = exposition_->start();
        ASSERT_TRUE(started.has_value()) << started.error().message;
        ASSERT_TRUE(ledger_->follow().has_value());
    }
    void add(const std::vector<LogRow>& rows, const std::string& tenant = "acme") {
        write_rows(*store_.database, tenant, rows);
    }
    void bring() {
        ASSERT_TRUE(ledger_->follow().has_value());
        ASSERT_TRUE(exposition_->refresh().has_value());
    }
    void run(const std::string& sql) {
        ASSERT_TRUE(store_.database->write([&](store::Tx& tx) -> Result<void> {
            TRY(tx.run(sql));
            return {};
        })) << sql;
    }
    // The lines that begin so.
    std::string lines(const std::string& beginning) {
        const std::string all = metrics_->expose();
        std::string out;
        for (const auto line : split(all, '\n')) {
            if (line.starts_with(beginning)) {
                out.append(line).append("\n");
            }
        }
        return out;
    }

    SkillsStore store_;
    SkillsSettings settings_;
    std::unique_ptr<Metrics> metrics_;
    std::unique_ptr<Ledger> ledger_;
    std::unique_ptr<Exposition> exposition_;
};

constexpr const char* kExpectedInvocations =
    "skill_invocations_total{tenant=\"acme\",skill_name=\"li\\\"nt\",workflow_phase=\"setup\","
    "completed=\"false\"} 1\n"
    "skill_invocations_total{tenant=\"acme\",skill_name=\"li\\\"nt\",workflow_phase=\"setup\","
    "completed=\"true\"} 2\n"
    "skill_invocations_total{tenant=\"acme\",skill_name=\"test\",workflow_phase=\"unknown\","
    "completed=\"false\"} 0\n"
    "skill_invocations_total{tenant=\"acme\",skill_name=\"test\",workflow_phase=\"unknown\","
    "completed=\"true\"} 1\n";

TEST_F(ExpositionTest, EqualsTheFoldBeforeAndAfterARestart) {
    add({{.skill = "li\"nt", .phase = "setup", .seconds = 0.1},
         {.skill = "li\"nt", .phase = "setup", .seconds = 500},
         {.skill = "li\"nt", .phase = "setup", .completed = false},
         {.skill = "test"}});
    bring();
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(lines("skill_invocations_total"), kExpectedInvocations) << round;
        EXPECT_EQ(lines("skill_completion_rate"),
                  "skill_completion_rate{tenant=\"acme\",skill_name=\"li\\\"nt\"} "
                  "0.6666666666666666\n"
                  "skill_completion_rate{tenant=\"acme\",skill_name=\"test\"} 1\n");
        const std::string labels =
            "{tenant=\"acme\",skill_name=\"li\\\"nt\",workflow_phase=\"setup\"";
        EXPECT_EQ(lines("skill_duration_seconds_bucket" + labels + ",le=\"0.1\"}"),
                  "skill_duration_seconds_bucket" + labels + ",le=\"0.1\"} 1\n");
        EXPECT_EQ(lines("skill_duration_seconds_bucket" + labels + ",le=\"300\"}"),
                  "skill_duration_seconds_bucket" + labels + ",le=\"300\"} 1\n");
        EXPECT_EQ(lines("skill_duration_seconds_count" + labels),
                  "skill_duration_seconds_count" + labels + "} 2\n");
        EXPECT_EQ(lines("skill_duration_seconds_sum" + labels),
                  "skill_duration_seconds_sum" + labels + "} 500.1\n");
        if (round == 1) {
            ASSERT_TRUE(ledger_->checkpoint().has_value());
        }
        restart();
    }
}

TEST_F(ExpositionTest, CountsAnErasureDown) {
    add({{.skill = "lint", .user = "u"}, {.skill = "lint"}, {.skill = "test", .user = "u"}});
    bring();
    run("DELETE FROM skill_invocation WHERE user_id = 'u'");
    ASSERT_TRUE(ledger_->rebuild("acme").has_value());
    ASSERT_TRUE(ledger_->read("acme", [](const SkillState&) -> Result<void> { return {}; }));
    bring();
    EXPECT_EQ(lines("skill_invocations_total{tenant=\"acme\",skill_name=\"lint\""),
              "skill_invocations_total{tenant=\"acme\",skill_name=\"lint\",workflow_phase="
              "\"unknown\",completed=\"false\"} 0\n"
              "skill_invocations_total{tenant=\"acme\",skill_name=\"lint\",workflow_phase="
              "\"unknown\",completed=\"true\"} 1\n");
    EXPECT_EQ(lines("skill_completion_rate{tenant=\"acme\",skill_name=\"test\""),
              "skill_completion_rate{tenant=\"acme\",skill_name=\"test\"} NaN\n");
}

TEST_F(ExpositionTest, BoundsItsSeriesAndLosesNothing) {
    std::vector<LogRow> rows;
    for (int i = 0; i < 700; ++i) {
        rows.push_back({.skill = "skill" + std::to_string(1000 + i), .completed = i % 2 == 0});
    }
    add(rows);
    bring();
    add({{.skill = "skill1699"}});
    bring();
    const std::string text = metrics_->expose();
    std::int64_t series = 0;
    std::int64_t sum = 0;
    for (const auto line : split(text, '\n')) {
        if (line.starts_with("skill_invocations_total{")) {
            ++series;
            sum += parse_integer(line.substr(line.rfind(' ') + 1)).value();
        }
    }
    EXPECT_EQ(series, static_cast<std::int64_t>(Metrics::kMaxSeries));
    EXPECT_EQ(sum, 701);
    EXPECT_NE(lines("skill_invocations_total{tenant=\"other\",skill_name=\"other\"").find(" 101\n"),
              std::string::npos);
}

TEST_F(ExpositionTest, CountsSessionsAndAnomalies) {
    run("INSERT INTO skill_session (tenant, session_id, name_space, started_at_us, ended_at_us) "
        "VALUES ('acme', 's1', 'default', 1, NULL), ('acme', 's2', 'default', 1, 2), "
        "('other', 's3', 'default', 1, NULL), ('other', 's4', 'default', 1, NULL)");
    run("INSERT INTO skill_anomalies (tenant, id, skill_name, metric, anomaly_type, "
        "detected_at_us, last_seen_at_us, baseline_value, observed_value, deviation_score, "
        "adjusted_p, detail) VALUES ('acme', 'x', 'lint', 'volume', 'pattern_shift', 1, 1, 1, 1, "
        "1, 0.01, '{}')");
    restart();
    exposition_->anomaly_detected("acme", "pattern_shift", "lint");
    EXPECT_EQ(lines("skill_active_sessions"),
              "skill_active_sessions{tenant=\"acme\"} 1\n"
              "skill_active_sessions{tenant=\"other\"} 2\n");
    EXPECT_EQ(lines("anomalies_detected_total"),
              "anomalies_detected_total{tenant=\"acme\",anomaly_type=\"pattern_shift\","
              "skill_name=\"lint\"} 2\n");
    run("UPDATE skill_session SET ended_at_us = 5 WHERE tenant = 'other'");
    ASSERT_TRUE(exposition_->refresh_sessions().has_value());
    EXPECT_EQ(lines("skill_active_sessions{tenant=\"other\"}"),
              "skill_active_sessions{tenant=\"other\"} 0\n");
}

}  // namespace
}  // namespace credence::skills
