#include "capabilities/skills/insight/activity.h"

#include <gtest/gtest.h>

#include "capabilities/skills/insight/insight_fixture.h"

namespace credence::skills {
namespace {

class ActivityTest : public InsightFixture {
protected:
    RealTimeMetrics live(double hours = 1, std::int64_t limit = 10) {
        return value_of(
            skills_->get_real_time_metrics(context_, {.limit = limit, .time_window_hours = hours}));
    }
    TestRun run(const std::string& skill_name, std::int64_t minutes_ago, bool completed = true,
                std::optional<double> duration_seconds = std::nullopt) {
        return {.skill_name = skill_name,
                .at_us = kNowUs - minutes_ago * kUsPerMinute,
                .completed = completed,
                .duration_seconds = duration_seconds,
                .session_id = "s",
                .workflow_phase = ""};
    }
};

TEST_F(ActivityTest, NothingOfAnEmptyTenant) {
    const RealTimeMetrics metrics = live();
    EXPECT_TRUE(metrics.top_skills.empty());
    EXPECT_TRUE(metrics.anomalies.empty());
    EXPECT_EQ(metrics.invocation_count, 0);
    EXPECT_EQ(metrics.window_end_at_us, kNowUs);
    EXPECT_EQ(metrics.window_start_at_us, kNowUs - kUsPerHour);
    EXPECT_TRUE(value_of(skills_->get_hourly_metrics(context_, {})).hours.empty());
}

TEST_F(ActivityTest, MostUsedFirstThenByName) {
    log({run("b", 5, true, 2), run("b", 4, true, 4), run("b", 3, false, 60), run("a", 2),
         run("c", 1), run("c", 1)});
    const RealTimeMetrics metrics = live();
    ASSERT_EQ(metrics.top_skills.size(), 3U);
    EXPECT_EQ(metrics.top_skills[0].skill_name, "b");
    EXPECT_EQ(metrics.top_skills[1].skill_name, "c");
    EXPECT_EQ(metrics.top_skills[2].skill_name, "a");
    const TopSkill& top = metrics.top_skills[0];
    EXPECT_EQ(top.invocation_count, 3);
    EXPECT_EQ(top.completed_count, 2);
    EXPECT_NEAR(top.completion_rate.value, 2.0 / 3, 1e-12);
    EXPECT_EQ(top.completion_rate.method, "wilson_95");
    EXPECT_NEAR(*top.avg_duration_seconds, 3, 1e-12);  // of completed runs only
    EXPECT_EQ(top.last_invocation_at_us, kNowUs - 3 * kUsPerMinute);
    EXPECT_FALSE(metrics.top_skills[1].avg_duration_seconds);
    EXPECT_EQ(metrics.invocation_count, 6);
    EXPECT_EQ(live(1, 1).top_skills.size(), 1U);
    EXPECT_EQ(live(1, 1).active_skills, 3);
}

TEST_F(ActivityTest, RunsLeaveWithTheirMinute) {
    log({run("a", 70, false), run("a", 60), run("a", 59)});
    EXPECT_EQ(live().invocation_count, 2);
    EXPECT_NEAR(*live().top_skills[0].completion_rate_lifetime, 2.0 / 3, 1e-12);
    store_.clock.advance_us(kUsPerMinute);
    EXPECT_EQ(live().invocation_count, 1);
    store_.clock.advance_us(kUsPerMinute);
    EXPECT_EQ(live().invocation_count, 0);
    EXPECT_TRUE(live().top_skills.empty());
    EXPECT_EQ(live(24).invocation_count, 3);
    store_.clock.set_us(kNowUs + 3 * kUsPerDay);
    EXPECT_EQ(live(24).invocation_count, 0);
    EXPECT_EQ(live(80).invocation_count, 3);  // by whole hours
}

TEST_F(ActivityTest, RunsOfTheFutureAreNotNow) {
    log({run("a", -30), run("a", 1)});
    EXPECT_EQ(live().invocation_count, 1);
}

TEST_F(ActivityTest, TenantsDoNotMix) {
    log({run("a", 1)}, "other");
    EXPECT_EQ(live().invocation_count, 0);
}

TEST_F(ActivityTest, HoursAreNewestFirstAndBounded) {
    log({run("a", 26 * 60), run("a", 90, false), run("a", 80), run("b", 70), run("a", 0)});
    const auto hours = value_of(skills_->get_hourly_metrics(context_, {})).hours;
    ASSERT_EQ(hours.size(), 2U);                    // the run of 26 hours ago is out
    EXPECT_EQ(hours[0].hour_timestamp_us, kNowUs);  // the open hour
    EXPECT_EQ(hours[1].hour_timestamp_us, kNowUs - 2 * kUsPerHour);
    EXPECT_EQ(hours[1].skill_name, "all");
    EXPECT_EQ(hours[1].invocation_count, 3);
    EXPECT_NEAR(hours[1].completion_rate->value, 2.0 / 3, 1e-12);
    EXPECT_FALSE(hours[1].unique_sessions);
}

TEST_F(ActivityTest, HoursOfOneSkillKnowTheirSessionsAndEmptyOnes) {
    TestRun other = run("a", 81);
    other.session_id = "t";
    log({run("a", 90), run("a", 85), other, run("b", 70), run("a", 0)});
    ASSERT_TRUE(ledger_->checkpoint().has_value());
    GetHourlyMetrics request{.skill_name = "a", .hours = 4, .include_empty = true};
    const auto hours = value_of(skills_->get_hourly_metrics(context_, request)).hours;
    ASSERT_EQ(hours.size(), 4U);
    EXPECT_EQ(hours[0].invocation_count, 1);
    EXPECT_FALSE(hours[0].unique_sessions);  // not over yet
    EXPECT_EQ(hours[1].invocation_count, 0);
    EXPECT_FALSE(hours[1].completion_rate);
    EXPECT_EQ(hours[2].invocation_count, 3);
    EXPECT_EQ(hours[2].unique_sessions, 2);
    request.include_empty = false;
    EXPECT_EQ(value_of(skills_->get_hourly_metrics(context_, request)).hours.size(), 2U);
    request.skill_name = "nobody";
    EXPECT_EQ(code_of(skills_->get_hourly_metrics(context_, request)), Code::not_found);
}

}  // namespace
}  // namespace credence::skills
