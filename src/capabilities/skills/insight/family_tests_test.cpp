// What the tests of a whole family promise, over cells: false alarms and what is found.
#include "capabilities/skills/insight/family_tests.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "capabilities/skills/insight/windows.h"
#include "stats/anomaly/anomaly_draws.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kEndUs = 20'000 * kUsPerDay;  // a midnight
constexpr double kRate = 0.05;

struct Drawn {
    double runs_an_hour = 5;
    double rate = 0.9;
    double log_seconds = 1;
    double dispersion = 0;  // of the rate between hours
};

Cell draw_hour(stats::Draws& draws, std::int64_t at_us, const Drawn& drawn) {
    Cell cell{.at_us = at_us};
    cell.invocations = draws.poisson(drawn.runs_an_hour);
    cell.completed =
        draws.binomial(cell.invocations, draws.rate_around(drawn.rate, drawn.dispersion));
    cell.timed = cell.completed;
    const auto timed = static_cast<double>(cell.timed);
    cell.log_duration_sum = timed * drawn.log_seconds + std::sqrt(timed) * 0.5 * draws.normal();
    cell.duration_sum_seconds = timed * std::exp(drawn.log_seconds);
    return cell;
}

void draw_hours(stats::Draws& draws, SkillFigures& skill, std::int64_t hours, const Drawn& drawn) {
    std::int64_t at_us =
        skill.hours.empty() ? kEndUs - hours * kUsPerHour : skill.hours.back().at_us + kUsPerHour;
    at_us = std::max(at_us, kEndUs - hours * kUsPerHour);
    for (; at_us < kEndUs; at_us += kUsPerHour) {
        const Cell cell = draw_hour(draws, at_us, drawn);
        if (cell.invocations > 0) {
            skill.hours.push_back(cell);
        }
    }
}

// One hour after the baseline.
void put_recent(SkillFigures& skill, std::int64_t runs, std::int64_t completed) {
    skill.hours.push_back({.at_us = kEndUs,
                           .invocations = runs,
                           .completed = completed,
                           .timed = 0,
                           .duration_sum_seconds = 0,
                           .log_duration_sum = 0});
}

BaselineWindow window_of_hours(std::int64_t hours) {
    return {.begin_us = kEndUs - hours * kUsPerHour, .end_us = kEndUs, .recent_hours = 1};
}

FamilyTests judge(const std::vector<SkillFigures>& skills, const BaselineWindow& window) {
    Family family{.window = window, .skills = {}};
    std::vector<RecentRuns> recent;
    for (const SkillFigures& skill : skills) {
        family.skills.push_back(fit_skill(skill.hours, window));
        recent.push_back(recent_runs(skill, window, closed_look(window)));
        recent.back().skill = static_cast<std::uint32_t>(recent.size() - 1);
    }
    learn_family(family);
    return test_family(family, recent, kRate);
}

bool found(const FamilyTests& tests, std::uint32_t skill, AnomalyMetric metric) {
    for (const MetricTest& test : tests.tests) {
        if (test.skill == skill && test.metric == metric) {
            return test.found;
        }
    }
    return false;
}

std::vector<SkillFigures> healthy(stats::Draws& draws, std::size_t count, std::int64_t hours) {
    std::vector<SkillFigures> skills(count);
    for (SkillFigures& skill : skills) {
        const Drawn drawn{.rate = draws.beta(4, 1)};
        draw_hours(draws, skill, hours, drawn);
        const Cell now = draw_hour(draws, kEndUs, drawn);
        if (now.invocations > 0) {
            skill.hours.push_back(now);
        }
    }
    return skills;
}

TEST(FamilyTests, PerfectSkillThatFailsFiveOfFiveIsFoundAmongOneHundred) {
    stats::Draws draws(11);
    std::vector<SkillFigures> skills = healthy(draws, 99, 40);
    skills.emplace_back();
    for (std::int64_t hour = 40; hour > 0; --hour) {  // 200 of 200
        skills.back().hours.push_back({.at_us = kEndUs - hour * kUsPerHour,
                                       .invocations = 5,
                                       .completed = 5,
                                       .timed = 0,
                                       .duration_sum_seconds = 0,
                                       .log_duration_sum = 0});
    }
    put_recent(skills.back(), 5, 0);
    const FamilyTests tests = judge(skills, window_of_hours(336));
    EXPECT_TRUE(found(tests, 99, AnomalyMetric::completion_rate));
    EXPECT_FALSE(found(tests, 99, AnomalyMetric::volume));
}

TEST(FamilyTests, PerfectSkillAloneIsFoundToo) {
    std::vector<SkillFigures> skills(1);
    for (std::int64_t hour = 40; hour > 0; --hour) {
        skills[0].hours.push_back({.at_us = kEndUs - hour * kUsPerHour,
                                   .invocations = 5,
                                   .completed = 5,
                                   .timed = 0,
                                   .duration_sum_seconds = 0,
                                   .log_duration_sum = 0});
    }
    put_recent(skills[0], 5, 0);
    const FamilyTests tests = judge(skills, window_of_hours(336));
    EXPECT_TRUE(found(tests, 0, AnomalyMetric::completion_rate));
    EXPECT_EQ(tests.unknown, 1);  // durations
}

TEST(FamilyTests, FallFromNineTenthsToOneHalfOverFiftyRunsIsFound) {
    stats::Draws draws(12);
    constexpr int kRounds = 300;
    int hits = 0;
    std::vector<SkillFigures> others = healthy(draws, 100, 40);
    const BaselineWindow window = window_of_hours(336);
    Family family{.window = window, .skills = {}};
    for (const SkillFigures& skill : others) {
        family.skills.push_back(fit_skill(skill.hours, window));
    }
    for (int round = 0; round < kRounds; ++round) {
        SkillFigures fallen;
        draw_hours(draws, fallen, 40, {.rate = 0.9});
        put_recent(fallen, 50, draws.binomial(50, 0.5));
        Family whole = family;
        whole.skills.push_back(fit_skill(fallen.hours, window));
        learn_family(whole);
        RecentRuns recent = recent_runs(fallen, window, closed_look(window));
        recent.skill = 100;
        // Alone in its hour: what the bar asks for.
        hits += found(test_family(whole, {&recent, 1}, kRate), 100, AnomalyMetric::completion_rate)
                    ? 1
                    : 0;
    }
    EXPECT_GE(hits, kRounds * 99 / 100);
}

TEST(FamilyTests, HealthySkillsSeldomAlarm) {
    stats::Draws draws(13);
    constexpr int kChecks = 40;  // insight_bench has 200 checks of 1,000 skills
    int alarms = 0;
    for (int check = 0; check < kChecks; ++check) {
        const FamilyTests tests = judge(healthy(draws, 30, 60), window_of_hours(336));
        EXPECT_EQ(tests.tests.size() + static_cast<std::size_t>(tests.unknown), 90U);
        for (const MetricTest& test : tests.tests) {
            alarms += test.found ? 1 : 0;
        }
    }
    EXPECT_LE(alarms, 9);  // 10 % of 40 and three standard deviations
}

TEST(FamilyTests, NightHoursAreNoAnomalyWhereTwoWeeksAreKnown) {
    stats::Draws draws(14);
    std::vector<SkillFigures> skills(1);
    const std::int64_t begin_us = kEndUs - 28 * kUsPerDay;
    for (std::int64_t at_us = begin_us; at_us < kEndUs; at_us += kUsPerHour) {
        const bool night = at_us % kUsPerDay / kUsPerHour < 8;
        const Cell cell = draw_hour(
            draws, at_us, {.runs_an_hour = night ? 1.0 : 40.0, .rate = night ? 0.6 : 0.95});
        if (cell.invocations > 0) {
            skills[0].hours.push_back(cell);
        }
    }
    const BaselineWindow window = window_of_hours(28 * 24);
    put_recent(skills[0], 1, 0);  // midnight
    FamilyTests tests = judge(skills, window);
    EXPECT_FALSE(found(tests, 0, AnomalyMetric::volume));
    EXPECT_FALSE(found(tests, 0, AnomalyMetric::completion_rate));
    skills[0].hours.back() = {.at_us = kEndUs,
                              .invocations = 40,
                              .completed = 36,
                              .timed = 0,
                              .duration_sum_seconds = 0,
                              .log_duration_sum = 0};
    tests = judge(skills, window);  // a day's traffic at midnight
    EXPECT_TRUE(found(tests, 0, AnomalyMetric::volume));
}

TEST(FamilyTests, SlowHoursAreFound) {
    stats::Draws draws(15);
    std::vector<SkillFigures> skills = healthy(draws, 5, 72);
    auto& hours = skills[2].hours;
    for (Cell& cell : hours) {
        if (cell.at_us >= kEndUs - 5 * kUsPerHour) {
            cell.log_duration_sum += 3 * static_cast<double>(cell.timed);  // twenty times as long
        }
    }
    const FamilyTests tests = judge(skills, window_of_hours(336));
    EXPECT_TRUE(found(tests, 2, AnomalyMetric::duration));
    EXPECT_FALSE(found(tests, 1, AnomalyMetric::duration));
}

TEST(SkillFit, EmptyHoursBeforeTheFirstUseAreNoBaseline) {
    SkillFigures skill;
    for (std::int64_t hour = 10; hour > 0; --hour) {
        skill.hours.push_back({.at_us = kEndUs - hour * kUsPerHour,
                               .invocations = 20,
                               .completed = 20,
                               .timed = 0,
                               .duration_sum_seconds = 0,
                               .log_duration_sum = 0});
    }
    const SkillFit fit = fit_skill(skill.hours, window_of_hours(336));
    ASSERT_TRUE(fit.volume);
    EXPECT_EQ(fit.volume->periods, 9);  // without the hour of its first use
    EXPECT_NEAR(fit.volume->rate, 20, 0.5);
    EXPECT_FALSE(fit.seasonal);
}

TEST(SkillFit, QuietCountsAreNeverDiscoveries) {
    stats::Draws draws(16);
    SkillFigures skill;
    draw_hours(draws, skill, 400, {.runs_an_hour = 12});
    const SkillFit fit = fit_skill(skill.hours, window_of_hours(336));
    const QuietCounts& quiet = fit.quiet;
    ASSERT_LT(quiet.low, 12);
    ASSERT_GT(quiet.high, 12);
    const auto p_of = [&](std::int64_t events, double exposure) {
        const stats::PeriodCount count{events, exposure};
        return stats::volume_anomaly(*fit.volume, {&count, 1})->p_value;
    };
    for (std::int64_t events = quiet.low; events <= quiet.high; ++events) {
        EXPECT_GT(p_of(events, quiet.least_exposure), kQuietP) << events;
        EXPECT_GT(p_of(events, quiet.most_exposure), kQuietP) << events;
    }
    EXPECT_LE(p_of(quiet.low - 1, quiet.most_exposure), kQuietP);
    EXPECT_LE(p_of(quiet.high + 1, quiet.least_exposure), kQuietP);
    EXPECT_FALSE(quiet.holds(12, 2 * quiet.most_exposure));
}

TEST(SkillFit, NothingOfNothing) {
    const SkillFit fit = fit_skill({}, window_of_hours(336));
    EXPECT_FALSE(fit.rates[0]);
    EXPECT_FALSE(fit.volume);
    EXPECT_FALSE(fit.duration);
}

TEST(SkillFit, KindsOfHoursTellWorkingDaysFromWeekends) {
    constexpr std::int64_t kMondayUs = 4 * kUsPerDay;  // 1970-01-05
    EXPECT_EQ(kind_of_hour(kMondayUs), 0U);
    EXPECT_EQ(kind_of_hour(kMondayUs + 4 * kUsPerDay + 23 * kUsPerHour), 23U);
    EXPECT_EQ(kind_of_hour(kMondayUs + 5 * kUsPerDay), 24U);
    EXPECT_EQ(kind_of_hour(kMondayUs + 7 * kUsPerDay - 1), 47U);
}

}  // namespace
}  // namespace credence::skills
