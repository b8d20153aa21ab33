#include "capabilities/skills/record/retention.h"

#include "base/units.h"
#include "capabilities/skills/record/record_fixture.h"

namespace credence::skills {
namespace {

class RetentionTest : public RecordFixture {
protected:
    Forgotten run() {
        const auto done = Retention(*parts_).run();
        EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message);
        return done.value_or(Forgotten{});
    }
};

TEST_F(RetentionTest, OldRowsLeaveTheLogAndTotalsStay) {
    session("one");
    TrackInvocations batch;
    for (int i = 0; i < 20; ++i) {
        TrackInvocation item = use("one", i % 2 == 0 ? "ruff" : "pytest", true, 2);
        item.error_type = "E";
        item.invoked_at_us = kTestStartUs - (i < 6 ? 401 : 1) * kUsPerDay;
        batch.items.push_back(std::move(item));
    }
    ASSERT_TRUE(skills_->track_invocations(context(), batch).has_value());
    const auto before = metrics("ruff");
    EXPECT_EQ(run().invocations, 0);  // not before they are in a checkpoint
    ASSERT_TRUE(ledger_->follow().has_value());
    ASSERT_TRUE(ledger_->read("default", [](const SkillState&) -> Result<void> { return {}; }));
    ASSERT_TRUE(ledger_->checkpoint().has_value());
    const Forgotten forgotten = run();
    EXPECT_EQ(forgotten.invocations, 6);
    EXPECT_EQ(rows_of("SELECT count(*) FROM skill_invocation"), "14\n");
    const auto after = metrics("ruff");
    EXPECT_EQ(after.total_invocations, 10);
    EXPECT_EQ(after.first_invoked_at_us, before.first_invoked_at_us);
    EXPECT_EQ(after.common_errors[0].uses, 10);
    const auto summary = skills_->get_session(context(), {"one"});
    EXPECT_EQ(summary->total_invocations, 20);
    EXPECT_EQ(summary->forgotten_invocations, 6);
    EXPECT_EQ(run().invocations, 0);
}

TEST_F(RetentionTest, RowsThatAreNotFoldedYetStay) {
    session("one");
    TrackInvocation request = use("one", "ruff");
    request.invoked_at_us = kTestStartUs - 500 * kUsPerDay;
    const std::int64_t first = track(request);
    track(request);
    const std::string through = std::to_string(first);
    run_sql(
        "INSERT INTO skill_fold (tenant, through_id, figures_through_id, users_through_id, "
        "pairs_through_id, epoch, sessions, published_id, folded_at_us) VALUES ('default', " +
        through + ", " + through + ", " + through + ", " + through + ", 1, 0, 0, 0)");
    EXPECT_EQ(run().invocations, 1);
    EXPECT_EQ(rows_of("SELECT count(*) FROM skill_invocation"), "1\n");
}

TEST_F(RetentionTest, QueriesAreForgottenSooner) {
    session("one");
    TrackInvocation request = use("one", "ruff");
    request.user_query = "how old am I";
    request.embedding = std::vector<double>(384, 1.0);
    request.invoked_at_us = kTestStartUs - 91 * kUsPerDay;
    track(request);
    request.invoked_at_us = kTestStartUs - 89 * kUsPerDay;
    track(request);
    EXPECT_EQ(run().queries, 1);
    EXPECT_EQ(rows_of("SELECT user_query, embedding IS NULL FROM skill_invocation ORDER BY id"),
              "null|1\nhow old am I|0\n");
    EXPECT_EQ(run().queries, 0);
}

TEST_F(RetentionTest, ZeroDaysKeepForEver) {
    settings_.keep_invocations_days = 0;
    settings_.keep_queries_days = 0;
    session("one");
    TrackInvocation request = use("one", "ruff");
    request.user_query = "how old am I";
    request.invoked_at_us = 0;
    track(request);
    const Forgotten forgotten = run();
    EXPECT_EQ(forgotten.invocations, 0);
    EXPECT_EQ(forgotten.queries, 0);
}

TEST_F(RetentionTest, WhatNeverEndedIsAbandonedAfterADay) {
    session("one");
    BeginInvocation begin;
    begin.session_id = "one";
    begin.skill_name = "deploy";
    begin.workflow_phase = "deployment";
    ASSERT_TRUE(skills_->begin_invocation(context(), begin).has_value());
    store_.clock.advance_us(kUsPerDay);
    EXPECT_EQ(run().abandoned, 0);
    store_.clock.advance_us(1);
    EXPECT_EQ(run().abandoned, 1);
    EXPECT_EQ(rows_of("SELECT skill_name, invoked_at_us, completed, error_type, workflow_phase, "
                      "duration_seconds FROM skill_invocation"),
              "deploy|" + std::to_string(kTestStartUs) + "|0|unfinished|deployment|null\n");
    EXPECT_EQ(rows_of("SELECT count(*) FROM skill_open_invocation"), "0\n");
}

}  // namespace
}  // namespace credence::skills
