// Trends, dependencies and phases over a real store.
#include <gtest/gtest.h>

#include <algorithm>

#include "capabilities/skills/insight/insight_fixture.h"

namespace credence::skills {
namespace {

class TrendsTest : public InsightFixture {
protected:
    static constexpr std::int64_t kTodayUs = kNowUs - 10 * kUsPerHour;

    // `runs` a day, with `completed(days_ago)` of them.
    template <class Completed>
    void log_days(const std::string& skill_name, std::int64_t days, int runs,
                  const Completed& completed) {
        std::vector<TestRun> rows;
        for (std::int64_t day = days; day >= 1; --day) {
            for (int i = 0; i < runs; ++i) {
                rows.push_back({.skill_name = skill_name,
                                .at_us = kTodayUs - day * kUsPerDay + i * kUsPerMinute,
                                .completed = i < completed(day),
                                .duration_seconds = std::nullopt,
                                .session_id = "s",
                                .workflow_phase = ""});
            }
        }
        log(rows);
    }
    SkillTrend trend(const std::string& skill_name, std::int64_t window_days = 14) {
        return value_of(skills_->get_skill_trend(
            context_, {.skill_name = skill_name, .window_days = window_days}));
    }
};

TEST_F(TrendsTest, DecliningSkillIsToldFromStableOnes) {
    log_days("falling", 14, 30, [](std::int64_t day) { return 14 + day; });
    log_days("steady", 14, 30, [](std::int64_t day) { return day % 2 == 0 ? 26 : 27; });
    EXPECT_EQ(trend("falling").trend, TrendVerdict::declining);
    EXPECT_EQ(trend("steady").trend, TrendVerdict::stable);
    EXPECT_EQ(trend("falling").window_end_at_us, kTodayUs);
    EXPECT_EQ(trend("steady", 3).days, 3);
    const SkillTrends all = value_of(skills_->get_skill_trends(context_, {.window_days = 14}));
    ASSERT_EQ(all.trends.size(), 2U);
    EXPECT_EQ(all.trends[0].skill_name, "falling");
    EXPECT_EQ(all.trends[0].trend, TrendVerdict::declining);
    EXPECT_NEAR(*all.trends[0].adjusted_p, std::min(1.0, 2 * *all.trends[0].p_value), 1e-12);
    EXPECT_EQ(all.trends[1].trend, TrendVerdict::stable);
    EXPECT_EQ(all.tested, 2);
}

TEST_F(TrendsTest, TodayIsNotAWholeDay) {
    log_days("lint", 7, 20, [](std::int64_t) { return 18; });
    const SkillTrend before = trend("lint", 7);
    std::vector<TestRun> today = steady("lint", kTodayUs, kNowUs, 20, 0);
    log(today);
    const SkillTrend after = trend("lint", 7);
    EXPECT_EQ(after.n, before.n);
    EXPECT_EQ(after.trend, TrendVerdict::stable);
}

TEST_F(TrendsTest, LateRowsCount) {
    log_days("lint", 7, 20, [](std::int64_t) { return 18; });
    EXPECT_EQ(trend("lint", 7).n, 140);
    log({{.skill_name = "lint",
          .at_us = kTodayUs - 2 * kUsPerDay,
          .completed = true,
          .duration_seconds = std::nullopt,
          .session_id = "s",
          .workflow_phase = ""}});
    EXPECT_EQ(trend("lint", 7).n, 141);
}

TEST_F(TrendsTest, MidnightMovesTheWindow) {
    log_days("lint", 7, 20, [](std::int64_t) { return 18; });
    EXPECT_EQ(trend("lint", 7).days, 7);
    store_.clock.advance_us(kUsPerDay);
    EXPECT_EQ(trend("lint", 7).days, 6);
}

TEST_F(TrendsTest, UnknownSkillAndTooFewDays) {
    EXPECT_EQ(code_of(skills_->get_skill_trend(context_, {.skill_name = "nobody"})),
              Code::not_found);
    log_days("lint", 2, 20, [](std::int64_t) { return 18; });
    const SkillTrend few = trend("lint", 7);
    EXPECT_EQ(few.trend, TrendVerdict::insufficient_data);
    EXPECT_FALSE(few.p_value);
    const SkillTrends all = value_of(skills_->get_skill_trends(context_, {}));
    EXPECT_TRUE(all.trends.empty());
    EXPECT_EQ(all.unknown, 1);
}

TEST_F(TrendsTest, YearReadsStoredHours) {
    log_days("lint", 120, 4, [](std::int64_t) { return 3; });
    ASSERT_TRUE(ledger_->checkpoint().has_value());
    const SkillTrend year = trend("lint", 365);
    EXPECT_EQ(year.days, 120);
    EXPECT_EQ(year.n, 480);
    EXPECT_EQ(year.trend, TrendVerdict::stable);
}

class DependenciesTest : public InsightFixture {
protected:
    // In `both` of `sessions` sessions a then b; each of them alone in `alone` more.
    void log_pairs(int both, int alone, int others) {
        std::vector<TestRun> rows;
        int session = 0;
        const auto add = [&](const std::string& skill_name, int minute) {
            rows.push_back({.skill_name = skill_name,
                            .at_us = kNowUs - kUsPerDay + minute * kUsPerMinute,
                            .completed = true,
                            .duration_seconds = std::nullopt,
                            .session_id = "s" + std::to_string(session),
                            .workflow_phase = ""});
        };
        for (int i = 0; i < both; ++i, ++session) {
            add("commit", 0);
            add("commit", 1);  // again: the session counts once
            add("push", 2);
        }
        for (int i = 0; i < alone; ++i) {
            add("commit", 0);
            ++session;
            add("push", 0);
            ++session;
        }
        for (int i = 0; i < others; ++i, ++session) {
            add("lint", 0);
        }
        log(rows);
    }
    SkillDependencies ask(const GetSkillDependencies& request) {
        return value_of(skills_->get_skill_dependencies(context_, request));
    }
    void declare(const std::string& a, const std::string& b, double lift) {
        const auto written = store_.database->write([&](store::Tx& tx) -> Result<void> {
            TRY(
                tx.run("INSERT INTO skill_dependencies (tenant, skill_a, skill_b, declared_lift, "
                       "last_updated_at_us) VALUES ('default', $1, $2, $3, 0)",
                       a, b, lift));
            return {};
        });
        ASSERT_TRUE(written.has_value());
    }
};

TEST_F(DependenciesTest, PairsOfSessionsWithOrder) {
    log_pairs(20, 5, 70);  // 100 sessions; both 20, each 25
    const SkillDependencies found = ask({.skill_name = "commit"});
    EXPECT_EQ(found.sessions, 100);
    EXPECT_EQ(found.sessions_with, 25);
    EXPECT_EQ(found.tested, 1);
    ASSERT_EQ(found.dependencies.size(), 1U);
    const SkillDependency& push = found.dependencies[0];
    EXPECT_EQ(push.skill_b, "push");
    EXPECT_EQ(push.co_occurrence_count, 20);
    EXPECT_NEAR(*push.lift, 100.0 * 20 / (25 * 25), 1e-12);
    EXPECT_NEAR(push.shrunk_lift->value, 20.5 / 6.75, 1e-12);
    EXPECT_EQ(push.lift_score, push.shrunk_lift->value);
    EXPECT_EQ(push.relationship_type, "very_strong");
    EXPECT_LT(*push.adjusted_p, 1e-9);
    EXPECT_EQ(push.direction->share_a_first.value, 1);
    EXPECT_LT(push.direction->p_value, 1e-5);
    const SkillDependencies mirrored = ask({.skill_name = "push"});
    ASSERT_EQ(mirrored.dependencies.size(), 1U);
    EXPECT_EQ(mirrored.dependencies[0].direction->share_a_first.value, 0);
}

TEST_F(DependenciesTest, ThresholdsHold) {
    log_pairs(2, 5, 70);
    EXPECT_TRUE(ask({.skill_name = "commit"}).dependencies.empty());  // two sessions
    EXPECT_EQ(ask({.skill_name = "commit", .min_co_occurrence = 2}).dependencies.size(), 1U);
    EXPECT_TRUE(
        ask({.skill_name = "commit", .min_lift = 50, .min_co_occurrence = 2}).dependencies.empty());
    EXPECT_EQ(code_of(skills_->get_skill_dependencies(context_, {.skill_name = "nobody"})),
              Code::not_found);
}

TEST_F(DependenciesTest, DeclaredOnesStandBehind) {
    log_pairs(20, 5, 70);
    declare("commit", "push", 4.2);
    declare("changelog", "commit", 2.1);
    declare("commit", "tea", 0.9);
    const SkillDependencies found = ask({.skill_name = "commit"});
    ASSERT_EQ(found.dependencies.size(), 2U);
    EXPECT_EQ(found.dependencies[0].source, DependencySource::observed);
    EXPECT_EQ(found.dependencies[0].declared_lift, 4.2);
    EXPECT_EQ(found.dependencies[1].skill_b, "changelog");
    EXPECT_EQ(found.dependencies[1].source, DependencySource::declared);
    EXPECT_EQ(found.dependencies[1].relationship_type, "strong");
    EXPECT_FALSE(found.dependencies[1].p_value);
    // Never used, only declared.
    EXPECT_EQ(ask({.skill_name = "changelog"}).dependencies.size(), 1U);
}

class PhasesTest : public InsightFixture {
protected:
    void log_phase(const std::string& skill_name, const std::string& phase, int runs,
                   int completed) {
        std::vector<TestRun> rows;
        for (int i = 0; i < runs; ++i) {
            rows.push_back({.skill_name = skill_name,
                            .at_us = kNowUs - kUsPerHour,
                            .completed = i < completed,
                            .duration_seconds = 2,
                            .session_id = "s",
                            .workflow_phase = phase});
        }
        log(rows);
    }
    TestRun step(const std::string& session_id, const std::string& phase, std::int64_t second,
                 const std::string& skill_name = "lint") {
        return {.skill_name = skill_name,
                .at_us = kNowUs - kUsPerHour + second * kUsPerSecond,
                .completed = true,
                .duration_seconds = std::nullopt,
                .session_id = session_id,
                .workflow_phase = phase};
    }
};

TEST_F(PhasesTest, EffectivenessByPhaseAndSkill) {
    log_phase("lint", "setup", 10, 9);
    log_phase("mypy", "setup", 1, 1);
    log_phase("lint", "", 3, 0);
    const PhaseEffectiveness all = value_of(skills_->get_phase_effectiveness(context_, {}));
    ASSERT_EQ(all.phases.size(), 2U);
    EXPECT_EQ(all.phases[0].workflow_phase, "setup");
    EXPECT_EQ(all.phases[0].invocation_count, 11);
    EXPECT_NEAR(all.phases[0].completion_rate.value, 10.0 / 11, 1e-12);
    EXPECT_NEAR(*all.phases[0].avg_duration_seconds, 2, 1e-12);
    ASSERT_EQ(all.phases[0].skills.size(), 2U);
    EXPECT_EQ(all.phases[0].skills[0].skill_name, "lint");  // surer than 1 of 1
    EXPECT_EQ(all.phases[1].workflow_phase, "unknown");
    const PhaseEffectiveness one = value_of(skills_->get_phase_effectiveness(
        context_, {.workflow_phase = "setup", .skill_name = "mypy"}));
    ASSERT_EQ(one.phases.size(), 1U);
    EXPECT_EQ(one.phases[0].unique_skills, 1);
    const PhaseEffectiveness busy = value_of(
        skills_->get_phase_effectiveness(context_, {.workflow_phase = {}, .min_invocations = 5}));
    ASSERT_EQ(busy.phases.size(), 1U);
    EXPECT_EQ(busy.phases[0].invocation_count, 10);
    EXPECT_EQ(code_of(skills_->get_phase_effectiveness(context_, {.skill_name = "nobody"})),
              Code::not_found);
}

TEST_F(PhasesTest, BottlenecksAreSure) {
    log_phase("lint", "verification", 40, 10);  // 75 % given up, surely over 30 %
    log_phase("mypy", "verification", 4, 2);    // half, but of four
    log_phase("docs", "verification", 40, 38);
    const Bottlenecks found = value_of(skills_->find_bottlenecks(context_, {}));
    ASSERT_EQ(found.bottlenecks.size(), 1U);
    EXPECT_EQ(found.bottlenecks[0].skill_name, "lint");
    EXPECT_EQ(found.bottlenecks[0].abandoned_count, 30);
    EXPECT_NEAR(found.bottlenecks[0].abandonment_rate.value, 0.75, 1e-12);
    EXPECT_GT(found.bottlenecks[0].abandonment_rate.low, 0.59);
    EXPECT_EQ(found.suspected, 1);
    EXPECT_EQ(found.examined, 3);
    EXPECT_TRUE(value_of(skills_->find_bottlenecks(context_, {.min_abandonment_rate = 0.7}))
                    .bottlenecks.empty());
    EXPECT_EQ(value_of(skills_->find_bottlenecks(context_, {.min_abandonment_rate = 0.1}))
                  .bottlenecks.size(),
              2U);
}

TEST_F(PhasesTest, TransitionsFollowTimeThenId) {
    add_session("s", "default", kNowUs - kUsPerHour);
    add_session("t", "other", kNowUs - kUsPerHour);
    log({step("s", "execution", 10, "test"), step("s", "setup", 0), step("s", "", 5),
         step("s", "execution", 10, "run"), step("s", "cleanup", 40), step("t", "setup", 0),
         step("t", "execution", 30, "test")});
    const PhaseTransitions all = value_of(skills_->get_phase_transitions(context_, {}));
    EXPECT_EQ(all.total, 4);
    EXPECT_EQ(all.sessions, 2);
    EXPECT_TRUE(all.complete);
    ASSERT_EQ(all.transitions.size(), 3U);
    EXPECT_EQ(all.transitions[0].from_phase, "setup");
    EXPECT_EQ(all.transitions[0].to_phase, "execution");
    EXPECT_EQ(all.transitions[0].count, 2);
    EXPECT_NEAR(all.transitions[0].share, 0.5, 1e-12);
    EXPECT_EQ(all.transitions[0].most_common_skill, "test");
    EXPECT_NEAR(all.transitions[0].median_gap_seconds, 20, 1e-12);
    EXPECT_FALSE(all.transitions[0].self_transition);
    const auto self = std::ranges::find(all.transitions, true, &PhaseTransition::self_transition);
    ASSERT_NE(self, all.transitions.end());
    EXPECT_EQ(self->to_phase, "execution");
    EXPECT_EQ(self->most_common_skill, "run");
}

TEST_F(PhasesTest, SessionsOfOtherNamespacesAreNotFound) {
    add_session("s", "default", kNowUs - kUsPerHour);
    add_session("t", "other", kNowUs - kUsPerHour);
    log({step("s", "setup", 0), step("s", "execution", 1), step("t", "setup", 0)});
    const PhaseTransitions own =
        value_of(skills_->get_phase_transitions(context_, {.session_id = "s"}));
    EXPECT_EQ(own.total, 1);
    EXPECT_EQ(own.sessions, 1);
    EXPECT_EQ(code_of(skills_->get_phase_transitions(context_, {.session_id = "t"})),
              Code::not_found);
}

}  // namespace
}  // namespace credence::skills
