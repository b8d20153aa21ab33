#include "capabilities/skills/insight/trend_fit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "capabilities/skills/insight/windows.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kTodayUs = 20'089 * kUsPerDay;  // 2025-01-01

Cell day_of(std::int64_t days_ago, std::int64_t runs, std::int64_t completed) {
    return {.at_us = kTodayUs - days_ago * kUsPerDay,
            .invocations = runs,
            .completed = completed,
            .timed = 0,
            .duration_sum_seconds = 0,
            .log_duration_sum = 0};
}

Cell timed_day(std::int64_t days_ago, std::int64_t runs, double seconds) {
    Cell day = day_of(days_ago, runs, runs);
    day.timed = runs;
    day.log_duration_sum = static_cast<double>(runs) * std::log(seconds);
    day.duration_sum_seconds = static_cast<double>(runs) * seconds;
    return day;
}

SkillTrend trend_of(const SkillDays& skill, TrendMetric metric, std::int64_t window_days) {
    const TrendWindow window = trend_window(metric, window_days, kTodayUs + 5 * kUsPerHour);
    return fit_trend(skill, window, {});
}

TEST(TrendFit, WindowIsWholeDaysBeforeToday) {
    const TrendWindow window =
        trend_window(TrendMetric::completion_rate, 7, kTodayUs + kUsPerDay - 1);
    EXPECT_EQ(window.end_us, kTodayUs);
    EXPECT_EQ(window.begin_us, kTodayUs - 7 * kUsPerDay);
    EXPECT_EQ(date_of(window.end_us), "2025-01-01");
}

TEST(TrendFit, FallingRateDeclines) {
    SkillDays skill{.skill_name = "lint", .days = {}};
    for (std::int64_t day = 14; day >= 1; --day) {
        skill.days.push_back(day_of(day, 40, 24 + day));  // 38 of 40 down to 25
    }
    const SkillTrend trend = trend_of(skill, TrendMetric::completion_rate, 14);
    EXPECT_EQ(trend.trend, TrendVerdict::declining);
    EXPECT_EQ(trend.days, 14);
    EXPECT_EQ(trend.n, 560);
    ASSERT_TRUE(trend.slope && trend.start_value && trend.change_percent);
    EXPECT_NEAR(trend.slope->value, -0.025, 0.003);
    EXPECT_LT(trend.slope->high, 0);
    EXPECT_NEAR(*trend.start_value, 0.95, 0.03);
    EXPECT_LT(*trend.change_percent, -20);
    EXPECT_LT(*trend.p_value, 0.001);
}

TEST(TrendFit, RisingRateImprovesAndConstantOneIsStable) {
    SkillDays rising{.skill_name = "a", .days = {}};
    SkillDays constant{.skill_name = "b", .days = {}};
    for (std::int64_t day = 10; day >= 1; --day) {
        rising.days.push_back(day_of(day, 50, 45 - 3 * day));
        constant.days.push_back(day_of(day, 50, day % 2 == 0 ? 40 : 41));
    }
    EXPECT_EQ(trend_of(rising, TrendMetric::completion_rate, 10).trend, TrendVerdict::improving);
    EXPECT_EQ(trend_of(constant, TrendMetric::completion_rate, 10).trend, TrendVerdict::stable);
}

TEST(TrendFit, TwoDaysAreTooFew) {
    const SkillDays skill{.skill_name = "lint", .days = {day_of(3, 9, 9), day_of(1, 9, 1)}};
    const SkillTrend trend = trend_of(skill, TrendMetric::completion_rate, 7);
    EXPECT_EQ(trend.trend, TrendVerdict::insufficient_data);
    EXPECT_EQ(trend.reason, "fewer than 3 days with runs");
    EXPECT_FALSE(trend.p_value);
    EXPECT_FALSE(trend.slope);
}

TEST(TrendFit, ShorterDurationsAreAnImprovement) {
    SkillDays skill{.skill_name = "lint", .days = {}};
    for (std::int64_t day = 12; day >= 1; --day) {
        skill.days.push_back(timed_day(day, 10, 2 * std::pow(0.9, static_cast<double>(12 - day))));
    }
    const SkillTrend trend = trend_of(skill, TrendMetric::avg_duration_seconds, 12);
    EXPECT_EQ(trend.trend, TrendVerdict::improving);
    EXPECT_NEAR(trend.slope->value, -0.1, 1e-9);  // a tenth less each day
    EXPECT_NEAR(*trend.start_value, 2, 1e-9);
    EXPECT_NEAR(*trend.end_value, 2 * std::pow(0.9, 11), 1e-9);
}

TEST(TrendFit, UnknownDurationsAreNotZero) {
    SkillDays skill{.skill_name = "lint", .days = {}};
    for (std::int64_t day = 12; day >= 1; --day) {
        // Every second day knows no duration, with gaps of two days.
        skill.days.push_back(day % 2 == 0 ? day_of(day, 10, 10) : timed_day(day, 10, 2));
    }
    const SkillTrend trend = trend_of(skill, TrendMetric::avg_duration_seconds, 12);
    EXPECT_EQ(trend.trend, TrendVerdict::stable);
    EXPECT_EQ(trend.days, 6);
    EXPECT_EQ(trend.n, 60);
    EXPECT_NEAR(*trend.start_value, 2, 1e-9);
}

TEST(TrendFit, CountsAreComparedByWholeWeeks) {
    SkillDays skill{.skill_name = "lint", .days = {}};
    for (std::int64_t day = 42; day >= 1; --day) {
        const std::int64_t weeks_ago = (day - 1) / 7;
        skill.days.push_back(day_of(day, day % 7 < 2 ? 2 : 40 - 5 * weeks_ago, 1));
    }
    const SkillTrend weekly = trend_of(skill, TrendMetric::invocation_count, 42);
    EXPECT_EQ(weekly.weeks, 6);
    EXPECT_EQ(weekly.trend, TrendVerdict::improving);
    EXPECT_NEAR(weekly.slope->value, 25.0 / 49, 1e-9);  // 25 a week more, by day
    const SkillTrend few = trend_of(skill, TrendMetric::invocation_count, 14);
    EXPECT_EQ(few.trend, TrendVerdict::insufficient_data);
    EXPECT_EQ(few.weeks, 2);
}

TEST(TrendFit, SeasonOfTheWeekIsNoTrend) {
    SkillDays skill{.skill_name = "lint", .days = {}};
    for (std::int64_t day = 70; day >= 1; --day) {
        skill.days.push_back(day_of(day, day % 7 < 2 ? 1 : 30, 1));
    }
    EXPECT_EQ(trend_of(skill, TrendMetric::invocation_count, 70).trend, TrendVerdict::stable);
}

TEST(TrendFit, ChangesHaveDates) {
    SkillDays skill{.skill_name = "lint", .days = {}};
    for (std::int64_t day = 30; day >= 1; --day) {
        skill.days.push_back(day_of(day, 50, day > 10 ? 45 : 20));
    }
    const auto changes =
        trend_changes(skill, trend_window(TrendMetric::completion_rate, 30, kTodayUs));
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].date, "2024-12-22");
    EXPECT_NEAR(changes[0].before.value, 0.9, 1e-9);
    EXPECT_NEAR(changes[0].after.value, 0.4, 1e-9);
}

}  // namespace
}  // namespace credence::skills
