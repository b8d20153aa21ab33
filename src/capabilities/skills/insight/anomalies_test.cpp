#include "capabilities/skills/insight/anomalies.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "capabilities/skills/insight/anomaly_watch.h"
#include "capabilities/skills/insight/insight_fixture.h"

namespace credence::skills {
namespace {

class AnomaliesTest : public InsightFixture {
protected:
    // Three days of `each` runs an hour up to an hour ago.
    void log_past(const std::string& skill_name, int each, int completed) {
        log(steady(skill_name, kNowUs - 3 * kUsPerDay, kNowUs, each, completed));
    }
    void log_now(const std::string& skill_name, int runs, int completed) {
        std::vector<TestRun> rows;
        for (int i = 0; i < runs; ++i) {
            rows.push_back({.skill_name = skill_name,
                            .at_us = store_.clock.now_us() - kUsPerSecond,
                            .completed = i < completed,
                            .duration_seconds = std::nullopt,
                            .session_id = "now",
                            .workflow_phase = ""});
        }
        log(rows);
    }
    AnomalyReport detect(const DetectAnomalies& request = {}) {
        return value_of(skills_->detect_anomalies(context_, request));
    }
    static const SkillAnomaly* find(const AnomalyReport& report, AnomalyMetric metric) {
        const auto found = std::ranges::find(report.anomalies, metric, &SkillAnomaly::metric);
        return found == report.anomalies.end() ? nullptr : &*found;
    }
};

TEST_F(AnomaliesTest, NothingOfAnEmptyTenant) {
    const AnomalyReport report = detect();
    EXPECT_EQ(report.tested, 0);
    EXPECT_EQ(report.unknown, 0);
    EXPECT_TRUE(report.anomalies.empty());
}

TEST_F(AnomaliesTest, PerfectSkillThatFailsIsFound) {
    log_past("lint", 3, 3);
    store_.clock.advance_us(30 * kUsPerMinute);
    log_now("lint", 5, 0);
    const AnomalyReport report = detect();
    const SkillAnomaly* const drop = find(report, AnomalyMetric::completion_rate);
    ASSERT_NE(drop, nullptr);
    EXPECT_EQ(drop->skill_name, "lint");
    EXPECT_EQ(drop->anomaly_type, AnomalyType::performance_drop);
    EXPECT_GT(drop->baseline_value, 0.98);
    EXPECT_EQ(drop->n, 5);
    EXPECT_LT(drop->deviation_score, -3);
    EXPECT_LE(drop->adjusted_p, 0.05);
    EXPECT_EQ(drop->baseline.n, 3 * 71);
    EXPECT_EQ(report.window_start_at_us, kNowUs - 30 * kUsPerMinute);
    EXPECT_EQ(report.baseline_end_us, kNowUs - kUsPerHour);
}

TEST_F(AnomaliesTest, CallOfTheDocumentWorks) {
    log_past("lint", 3, 3);
    log_now("lint", 5, 0);
    const AnomalyReport report = detect({.threshold = 2.0, .time_window_hours = 24.0});
    EXPECT_NE(find(report, AnomalyMetric::completion_rate), nullptr);
    EXPECT_EQ(report.baseline_end_us - report.baseline_start_us, 24 * kUsPerHour);
    EXPECT_TRUE(detect({.threshold = 1000.0, .time_window_hours = 24.0}).anomalies.empty());
}

TEST_F(AnomaliesTest, HealthySkillsAreQuietAndBusyOnesShift) {
    log_past("lint", 4, 3);
    log_past("build", 4, 4);
    log_now("build", 200, 200);
    const AnomalyReport report = detect();
    ASSERT_EQ(report.anomalies.size(), 1U);
    EXPECT_EQ(report.anomalies[0].skill_name, "build");
    EXPECT_EQ(report.anomalies[0].anomaly_type, AnomalyType::pattern_shift);
    EXPECT_EQ(report.anomalies[0].metric, AnomalyMetric::volume);
    EXPECT_NEAR(report.anomalies[0].baseline_value, 4, 0.2);
    EXPECT_EQ(report.tested, 4);
    EXPECT_EQ(report.unknown, 2);  // nobody knows durations
}

TEST_F(AnomaliesTest, OneSkillAlone) {
    log_past("lint", 3, 3);
    log_past("build", 3, 3);
    log_now("lint", 5, 0);
    EXPECT_EQ(detect({.skill_name = "lint"}).found, 1);
    EXPECT_EQ(detect({.skill_name = "build"}).found, 0);
    EXPECT_EQ(code_of(skills_->detect_anomalies(context_, {.skill_name = "nobody"})),
              Code::not_found);
}

TEST_F(AnomaliesTest, NewSkillIsUnknown) {
    log_now("new", 5, 0);
    const AnomalyReport report = detect();
    EXPECT_TRUE(report.anomalies.empty());
    EXPECT_EQ(report.tested, 0);
    EXPECT_EQ(report.unknown, 3);
}

TEST_F(AnomaliesTest, LateRowsChangeTheBaseline) {
    log_past("lint", 3, 3);
    log_now("lint", 5, 1);
    EXPECT_EQ(detect().found, 1);
    // It turns out that half of the past failed as well.
    log(steady("lint", kNowUs - 3 * kUsPerDay, kNowUs - kUsPerHour, 3, 0));
    const AnomalyReport report = detect();
    EXPECT_EQ(find(report, AnomalyMetric::completion_rate), nullptr);
}

TEST_F(AnomaliesTest, HourTurnMovesTheBaseline) {
    log_past("lint", 3, 3);
    log_now("lint", 5, 0);
    EXPECT_EQ(detect().baseline_end_us, kNowUs - kUsPerHour);
    store_.clock.set_us(kNowUs + kUsPerHour - 1);
    EXPECT_EQ(detect().found, 1);
    store_.clock.set_us(kNowUs + 2 * kUsPerHour);
    ASSERT_TRUE(baselines_->refresh().has_value());
    const AnomalyReport later = detect();
    EXPECT_EQ(later.baseline_end_us, kNowUs + kUsPerHour);
    EXPECT_EQ(find(later, AnomalyMetric::completion_rate), nullptr);  // nothing ran
}

class AnomalyWatchTest : public AnomaliesTest {
protected:
    void SetUp() override {
        AnomaliesTest::SetUp();
        watch_ = std::make_unique<AnomalyWatch>(
            *store_.database, *baselines_, store_.clock, store_.ids,
            [this](const std::string& tenant, const SkillAnomalyDetected& opened) {
                told_.push_back(tenant + " " + opened.skill_name);
            });
    }
    void run_watch() {
        const auto done = watch_->run();
        ASSERT_TRUE(done.has_value()) << done.error().message;
    }
    // Failing runs in the hour that begins now, and the clock after its end.
    void fail_for_an_hour() {
        store_.clock.advance_us(10 * kUsPerMinute);
        log_now("lint", 5, 0);
        store_.clock.advance_us(56 * kUsPerMinute);
    }
    void calm_hour() {
        log(steady("lint", floor_to(store_.clock.now_us(), kUsPerHour),
                   floor_to(store_.clock.now_us(), kUsPerHour) + kUsPerHour, 3, 3));
        store_.clock.advance_us(kUsPerHour);
    }
    std::vector<StoredAnomaly> stored(const ListAnomalies& request = {}) {
        return value_of(skills_->list_anomalies(context_, request)).anomalies;
    }

    std::unique_ptr<AnomalyWatch> watch_;
    std::vector<std::string> told_;
};

TEST_F(AnomalyWatchTest, ClosedHourIsStoredOnceAndTold) {
    log_past("lint", 3, 3);
    fail_for_an_hour();  // 11:06
    run_watch();
    run_watch();
    const auto found = stored();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].skill_name, "lint");
    EXPECT_EQ(found[0].anomaly_type, AnomalyType::performance_drop);
    EXPECT_EQ(found[0].detected_at_us, store_.clock.now_us());
    EXPECT_EQ(found[0].last_seen_at_us, kNowUs + kUsPerHour);
    EXPECT_EQ(found[0].baseline->n, 3 * 72);
    EXPECT_EQ(told_, std::vector<std::string>{"default lint"});
    EXPECT_EQ(event_names(), std::vector<std::string>{"skill_anomaly_detected"});
    EXPECT_EQ(count("SELECT is_anomalous FROM skill_metrics_cache WHERE tenant = 'default' "
                    "AND skill_name = 'lint' AND anomaly_score < -3"),
              1);
    EXPECT_EQ(value_of(skills_->get_real_time_metrics(context_, {})).anomalies.size(), 1U);
}

TEST_F(AnomalyWatchTest, OpenHourIsLeftAlone) {
    log_past("lint", 3, 3);
    store_.clock.advance_us(10 * kUsPerMinute);
    log_now("lint", 5, 0);
    run_watch();
    EXPECT_TRUE(stored().empty());
    store_.clock.set_us(kNowUs + kUsPerHour + 4 * kUsPerMinute);  // not settled
    run_watch();
    EXPECT_TRUE(stored().empty());
    store_.clock.advance_us(kUsPerMinute);
    run_watch();
    EXPECT_EQ(stored().size(), 1U);
}

TEST_F(AnomalyWatchTest, TwoNormalHoursResolve) {
    log_past("lint", 3, 3);
    fail_for_an_hour();
    run_watch();
    ASSERT_EQ(stored({.open_only = true}).size(), 1U);
    calm_hour();  // 12:06
    run_watch();
    EXPECT_EQ(stored({.open_only = true}).size(), 1U);
    calm_hour();
    run_watch();
    EXPECT_TRUE(stored({.open_only = true}).empty());
    const auto found = stored();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].resolved_by, "recovered");
    EXPECT_EQ(found[0].resolved_at_us, store_.clock.now_us());
    EXPECT_EQ(event_names().back(), "skill_anomaly_resolved");
    EXPECT_EQ(count("SELECT is_anomalous FROM skill_metrics_cache WHERE tenant = 'default' "
                    "AND skill_name = 'lint' AND anomaly_score IS NULL"),
              0);
}

TEST_F(AnomalyWatchTest, AnotherProcessDoesNotCountTheSameHourAgain) {
    log_past("lint", 3, 3);
    fail_for_an_hour();
    run_watch();
    calm_hour();
    run_watch();
    SetUp();  // starts anew over the same store, at the start of the clock
    store_.clock.set_us(kNowUs + 2 * kUsPerHour + 6 * kUsPerMinute);
    run_watch();
    EXPECT_EQ(stored({.open_only = true}).size(), 1U);
}

TEST_F(AnomalyWatchTest, SomebodyResolves) {
    log_past("lint", 3, 3);
    fail_for_an_hour();
    run_watch();
    const AnomalyId id = stored().at(0).id;
    const StoredAnomaly resolved =
        value_of(skills_->resolve_anomaly(context_, {.id = id, .note = "a broken mirror"}));
    EXPECT_EQ(resolved.resolved_by, "local");
    EXPECT_EQ(resolved.note, "a broken mirror");
    EXPECT_EQ(event_names().back(), "skill_anomaly_resolved");
    EXPECT_EQ(code_of(skills_->resolve_anomaly(context_, {.id = id, .note = {}})), Code::conflict);
    EXPECT_EQ(code_of(skills_->resolve_anomaly(context_,
                                               {.id = store_.ids.make<AnomalyId>(), .note = {}})),
              Code::not_found);
    Context other = context_;
    other.tenant = "other";
    EXPECT_EQ(code_of(skills_->resolve_anomaly(other, {.id = id, .note = {}})), Code::not_found);
    EXPECT_TRUE(value_of(skills_->list_anomalies(other, {})).anomalies.empty());
}

TEST_F(AnomalyWatchTest, ListsByFilter) {
    log_past("lint", 3, 3);
    fail_for_an_hour();
    run_watch();
    EXPECT_EQ(stored({.skill_name = "lint"}).size(), 1U);
    EXPECT_TRUE(stored({.skill_name = "build"}).empty());
    EXPECT_EQ(stored({.since_us = kNowUs + kUsPerHour}).size(), 1U);
    EXPECT_TRUE(stored({.since_us = kNowUs + kUsPerHour + 1}).empty());
}

}  // namespace
}  // namespace credence::skills
