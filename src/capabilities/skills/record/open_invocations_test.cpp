#include <atomic>
#include <thread>

#include "capabilities/skills/record/record_fixture.h"

namespace credence::skills {
namespace {

class OpenInvocationsTest : public RecordFixture {
protected:
    std::string begin(const std::string& skill_name) {
        BeginInvocation request;
        request.session_id = "one";
        request.skill_name = skill_name;
        request.workflow_phase = "setup";
        request.user_query = "mail bob@example.com";
        request.selection_rank = 2;
        const auto open = skills_->begin_invocation(context(), request);
        EXPECT_TRUE(open.has_value()) << (open ? "" : open.error().message);
        return open ? open->handle : "";
    }
};

TEST_F(OpenInvocationsTest, CompletionMovesTheDraftIntoTheLog) {
    session("one");
    const std::string handle = begin("deploy");
    EXPECT_EQ(rows_of("SELECT count(*) FROM skill_invocation"), "0\n");
    EXPECT_EQ(rows_of("SELECT draft FROM skill_open_invocation").find("bob@"), std::string::npos);
    store_.clock.advance_us(1'500'000);
    CompleteInvocation complete;
    complete.handle = handle;
    complete.completed = true;
    complete.rating = 4;
    complete.follow_up_actions = {"commit", "push", "commit"};
    const auto tracked = skills_->complete_invocation(context(), complete);
    ASSERT_TRUE(tracked.has_value()) << tracked.error().message;
    const auto row = skills_->get_invocation(context(), {tracked->invocation_id});
    ASSERT_TRUE(row.has_value());
    EXPECT_EQ(row->skill_name, "deploy");
    EXPECT_EQ(row->invoked_at_us, kTestStartUs);
    EXPECT_DOUBLE_EQ(row->duration_seconds.value_or(0), 1.5);
    EXPECT_EQ(row->user_query, "mail [EMAIL]");
    EXPECT_EQ(row->workflow_phase, "setup");
    EXPECT_EQ(row->selection_rank, 2);
    EXPECT_EQ(row->rating, 4);
    EXPECT_EQ(row->follow_up_actions.size(), 3u);
    EXPECT_EQ(row->user_id, names_->hash("default", "alice"));
    EXPECT_EQ(rows_of("SELECT count(*) FROM skill_open_invocation"), "0\n");
    EXPECT_EQ(rows_of("SELECT value, uses FROM skill_counter ORDER BY value"),
              "commit|1\npush|1\n");
    EXPECT_EQ(fault_of(skills_->complete_invocation(context(), complete)), "not_found at handle");
}

TEST_F(OpenInvocationsTest, ACallersDurationStandsAndOthersDoNotSeeTheHandle) {
    session("one");
    CompleteInvocation complete;
    complete.handle = begin("deploy");
    complete.duration_seconds = 7;
    EXPECT_EQ(fault_of(skills_->complete_invocation(context("other"), complete)),
              "not_found at handle");
    EXPECT_EQ(fault_of(skills_->complete_invocation(context("default", "another"), complete)),
              "not_found at handle");
    complete.rating = 6;
    EXPECT_EQ(fault_of(skills_->complete_invocation(context(), complete)), "invalid at rating");
    complete.rating.reset();
    ASSERT_TRUE(skills_->complete_invocation(context(), complete).has_value());
    EXPECT_EQ(rows_of("SELECT completed, duration_seconds FROM skill_invocation"), "0|7.000000\n");
}

TEST_F(OpenInvocationsTest, OfEightThreadsExactlyOneCompletes) {
    session("one");
    constexpr int kRounds = 20;
    constexpr int kThreads = 8;
    std::atomic<int> completed = 0;
    for (int round = 0; round < kRounds; ++round) {
        CompleteInvocation complete;
        complete.handle = begin("deploy");
        complete.completed = true;
        std::vector<std::thread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&] {
                const auto done = skills_->complete_invocation(context(), complete);
                completed += done ? 1 : 0;
                EXPECT_TRUE(done || done.error().code == Code::not_found);
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
    }
    EXPECT_EQ(completed.load(), kRounds);
    EXPECT_EQ(metrics("deploy").total_invocations, kRounds);
}

TEST_F(OpenInvocationsTest, ASessionHasABoundedNumberOfThem) {
    session("one");
    run_sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
        "INSERT INTO skill_open_invocation SELECT 'default', 'h' || i, 'one', 0, '{}' FROM n");
    BeginInvocation request;
    request.session_id = "one";
    request.skill_name = "deploy";
    EXPECT_EQ(fault_of(skills_->begin_invocation(context(), request)), "exhausted at session_id");
}

}  // namespace
}  // namespace credence::skills
