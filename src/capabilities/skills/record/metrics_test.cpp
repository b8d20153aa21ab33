#include "capabilities/skills/record/record_fixture.h"
#include "stats/intervals.h"

namespace credence::skills {
namespace {

class MetricsTest : public RecordFixture {
protected:
    void uses(const std::string& skill_name, int completed, int failed) {
        TrackInvocations batch;
        for (int i = 0; i < completed + failed; ++i) {
            batch.items.push_back(use("one", skill_name, i < completed));
        }
        ASSERT_TRUE(skills_->track_invocations(context(), batch).has_value());
    }

    std::vector<std::string> ranking(SkillOrder order, std::int64_t limit = 50) {
        const auto list = skills_->list_skill_metrics(context(), {order, limit, {}});
        EXPECT_TRUE(list.has_value());
        std::vector<std::string> out;
        for (const RankedSkill& skill : list->skills) {
            out.push_back(skill.skill_name);
        }
        return out;
    }
};

TEST_F(MetricsTest, AddUpWhatWasTracked) {
    session("one");
    TrackInvocation request = use("one", "ruff", true, 10);
    request.workflow_path = "release";
    request.selection_rank = 1;
    request.rating = 5;
    request.workflow_phase = "setup";
    request.follow_up_actions = {"commit"};
    track(request);
    store_.clock.advance_us(5);
    request = use("one", "ruff", true);  // its duration is unknown: no part of the mean
    request.selection_rank = 2;
    track(request);
    request = use("one", "ruff", false, 100);
    request.error_type = "TimeoutError";
    request.workflow_phase = "setup";
    track(request);
    const auto ruff = metrics("ruff");
    EXPECT_EQ(ruff.total_invocations, 3);
    EXPECT_EQ(ruff.completed_invocations, 2);
    EXPECT_EQ(ruff.abandoned_invocations, 1);
    EXPECT_NEAR(ruff.completion_rate.value, 2.0 / 3, 1e-15);
    EXPECT_EQ(ruff.completion_rate.n, 3);
    EXPECT_EQ(ruff.completion_rate.method, "wilson_95");
    EXPECT_DOUBLE_EQ(ruff.completion_rate.low, stats::wilson_95(2, 3).low);
    EXPECT_DOUBLE_EQ(ruff.completion_rate.high, stats::wilson_95(2, 3).high);
    EXPECT_EQ(ruff.timed_invocations, 1);
    EXPECT_DOUBLE_EQ(ruff.avg_duration_seconds.value_or(0), 10);
    EXPECT_DOUBLE_EQ(ruff.avg_selection_rank.value_or(0), 1.5);
    EXPECT_EQ(ruff.rated_invocations, 1);
    EXPECT_DOUBLE_EQ(ruff.avg_rating.value_or(0), 5);
    EXPECT_EQ(ruff.first_invoked_at_us, kTestStartUs);
    EXPECT_EQ(ruff.last_invoked_at_us, kTestStartUs + 5);
    ASSERT_EQ(ruff.workflow_paths.size(), 1u);
    EXPECT_EQ(ruff.workflow_paths[0].value, "release");
    ASSERT_EQ(ruff.common_errors.size(), 1u);
    ASSERT_EQ(ruff.follow_up_actions.size(), 1u);
    ASSERT_EQ(ruff.phases.size(), 2u);
    EXPECT_EQ(ruff.phases[0].workflow_phase, "setup");
    EXPECT_EQ(ruff.phases[0].invocations, 2);
    EXPECT_EQ(ruff.phases[0].completion_rate.value, 0.5);
    EXPECT_FALSE(ruff.phases[1].workflow_phase.has_value());
    EXPECT_EQ(fault_of(skills_->get_skill_metrics(context(), {"none"})), "not_found at skill_name");
    EXPECT_EQ(fault_of(skills_->get_skill_metrics(context("default", "another"), {"ruff"})),
              "not_found at skill_name");
}

TEST_F(MetricsTest, UnknownIsLeftOutAndNeverZero) {
    session("one");
    track(use("one", "ruff", false));
    const auto ruff = metrics("ruff");
    EXPECT_FALSE(ruff.avg_duration_seconds.has_value());
    EXPECT_FALSE(ruff.avg_selection_rank.has_value());
    EXPECT_FALSE(ruff.avg_rating.has_value());
}

TEST_F(MetricsTest, OneOfOneIsNotBetterThan990Of1000) {
    session("one");
    uses("lucky", 1, 0);
    uses("proven", 990, 10);
    uses("poor", 100, 300);
    uses("fair", 60, 40);
    EXPECT_EQ(ranking(SkillOrder::completion_rate_lower_bound),
              (std::vector<std::string>{"proven", "fair", "lucky", "poor"}));
    EXPECT_EQ(ranking(SkillOrder::total),
              (std::vector<std::string>{"proven", "poor", "fair", "lucky"}));
    const auto list =
        skills_->list_skill_metrics(context(), {SkillOrder::completion_rate_lower_bound, 50, {}});
    ASSERT_TRUE(list.has_value());
    EXPECT_GT(list->skills[0].completion_rate_lower_bound, 0.97);
    EXPECT_LT(list->skills[0].completion_rate_lower_bound, 0.99);
}

TEST_F(MetricsTest, RankingsPage) {
    session("one");
    for (int i = 0; i < 5; ++i) {
        store_.clock.advance_us(1);
        uses("skill" + std::to_string(i), 1, 0);
    }
    EXPECT_EQ(ranking(SkillOrder::last_used, 2), (std::vector<std::string>{"skill4", "skill3"}));
    const auto rest = skills_->list_skill_metrics(context(), {SkillOrder::last_used, 10, 2});
    ASSERT_TRUE(rest.has_value());
    EXPECT_EQ(rest->skills.size(), 3u);
    EXPECT_EQ(rest->total_skills, 5);
    EXPECT_FALSE(rest->next_cursor.has_value());
    EXPECT_EQ(skills_->list_skill_metrics(context(), {SkillOrder::total, 2, {}})->next_cursor, 2);
}

TEST_F(MetricsTest, HealthIsHealthyUntilSomethingIsMissing) {
    session("one");
    track(use("one", "ruff"));
    const auto healthy = skills_->health_check(context(), {});
    ASSERT_TRUE(healthy.has_value());
    EXPECT_EQ(healthy->status, "healthy")
        << (healthy->reasons.empty() ? "" : healthy->reasons.front());
    EXPECT_EQ(healthy->schema_version, 4);
    EXPECT_EQ(healthy->triggers, 3);
    EXPECT_EQ(healthy->invocations, 1);
    EXPECT_EQ(healthy->fold_lag, 0);
    run_sql("DROP VIEW v_top_skills");
    run_sql("DROP TRIGGER trg_session_skills_after_insert");
    const auto degraded = skills_->health_check(context(), {});
    ASSERT_TRUE(degraded.has_value());
    EXPECT_EQ(degraded->status, "degraded");
    EXPECT_EQ(degraded->views, healthy->views - 1);
    EXPECT_EQ(degraded->reasons,
              (std::vector<std::string>{"view v_top_skills is missing",
                                        "trigger trg_session_skills_after_insert is missing"}));
}

}  // namespace
}  // namespace credence::skills
