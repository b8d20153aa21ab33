#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "surface/mcp/tasks/job_tasks_testing.h"
#include "surface/mcp/tasks/task_json.h"

namespace credence::surface::mcp {
namespace {

class JobTasksAwaitTest : public JobTasksTest {};

TEST_F(JobTasksAwaitTest, AnswersLikeAPlainCall) {
    const auto& echo = add_echo();
    const auto& refuse = add("refuse", [](const Context&, std::string_view, std::string&) {
        return Result<void>(fail(Code::conflict, "not like this"));
    });
    serve(1);
    const Members good = await(kOldest, echo, R"({"a":1})")->result();
    EXPECT_EQ(good["structuredContent"].value, R"({"a":1})");
    EXPECT_TRUE(good["_meta"].is_absent());
    EXPECT_EQ(await(kModern, echo)->result()["resultType"].value, "complete");
    const Members bad = await(k2025, refuse)->result();
    EXPECT_TRUE(bad["isError"].is_true());
    EXPECT_NE(bad["content"].value.find("not like this"), std::string::npos);
    EXPECT_TRUE(await(k2025, echo, "[]")->result()["isError"].is_true());
}

TEST_F(JobTasksAwaitTest, TellsProgressInOrder) {
    Gate gate;
    const auto& steps =
        add("steps", [&](const Context& context, std::string_view, std::string& out) {
            context.progress->report(1, 4);
            gate.wait();
            context.progress->report(3, 4);
            out = "{}";
            return Result<void>();
        });
    serve(1);
    const Asked asked = await(k2025, steps);
    gate.wait_until_inside(1);
    // Polls with a deadline: the report is told by a worker.
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
    while (asked->notices().empty() && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    gate.open();
    EXPECT_EQ(asked->result()["isError"].value, "false");
    const auto notices = asked->notices();
    ASSERT_GE(notices.size(), 1u);
    EXPECT_NE(notices[0].find(R"("progressToken":"token","progress":1,"total":4)"),
              std::string::npos)
        << notices[0];
    for (const std::string& notice : notices) {
        EXPECT_NE(notice.find("notifications/progress"), std::string::npos);
    }
}

TEST_F(JobTasksAwaitTest, AnswersWithTheJobWhenItTakesLonger) {
    Gate gate;
    const auto& gated = add_gated(gate);
    serve(1);
    const Asked asked = await(k2025, gated);
    gate.wait_until_inside(1);
    EXPECT_FALSE(asked->answered());
    task_clock_.advance_us(std::int64_t{55'000} * 1'000);
    const Members content = Members::of(asked->result()["structuredContent"]);
    const Members job = Members::of(content["job"]);
    EXPECT_EQ(job["operation"].value, "test.gated");
    const JobId id = *JobId::parse(job["id"].value);
    gate.open();
    EXPECT_EQ(finished(id).state, JobState::succeeded);
}

TEST_F(JobTasksAwaitTest, GivingUpCancelsTheJob) {
    std::atomic<bool> inside{false};
    const auto& patient =
        add("patient", [&](const Context& context, std::string_view, std::string&) {
            inside = true;
            auto& shared = const_cast<std::int64_t&>(context.deadline_us);
            while (std::atomic_ref<std::int64_t>(shared).load() > clock_.steady_us()) {
                std::this_thread::yield();
            }
            return Result<void>(fail(Code::timeout, "too late"));
        });
    serve(1);
    const Asked asked = await(k2025, patient);
    while (!inside) {
        std::this_thread::yield();
    }
    asked.request->cancel();
    const auto jobs = jobs_->list(context_, std::nullopt, 10);
    ASSERT_TRUE(jobs);
    ASSERT_EQ(jobs->size(), 1u);
    EXPECT_EQ(finished(jobs->front().id).state, JobState::cancelled);
    EXPECT_FALSE(asked->answered());
}

TEST_F(JobTasksAwaitTest, GivingUpBeforeTheJobIsKnownCancelsItToo) {
    Gate gate;
    const auto& gated = add_gated(gate);
    serve(0);
    const Asked asked = ask(k2025, "tools/call", "{}");
    asked.request->cancel();
    tasks_->await(asked.request, gated, "{}");
    std::vector<Job> jobs;
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
    while (jobs.empty() && std::chrono::steady_clock::now() < until) {
        jobs = jobs_->list(context_, std::nullopt, 10).value_or(std::vector<Job>());
    }
    ASSERT_EQ(jobs.size(), 1u);
    EXPECT_EQ(finished(jobs.front().id).state, JobState::cancelled);
    EXPECT_FALSE(asked->answered());
}

TEST_F(JobTasksAwaitTest, ACancelledJobIsARefusal) {
    const auto& echo = add_echo();
    serve(0);
    const Asked asked = await(k2025, echo);
    std::vector<Job> jobs;
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
    while (jobs.empty() && std::chrono::steady_clock::now() < until) {
        jobs = jobs_->list(context_, std::nullopt, 10).value_or(std::vector<Job>());
    }
    ASSERT_EQ(jobs.size(), 1u);
    ASSERT_TRUE(jobs_->cancel(context_, jobs.front().id));
    const Members result = asked->result();
    EXPECT_TRUE(result["isError"].is_true());
    EXPECT_NE(result["content"].value.find("cancelled"), std::string::npos);
}

// Another process may run the job: nothing here is told of it.
TEST_F(JobTasksAwaitTest, NoticesWhatAnotherProcessDid) {
    const auto& echo = add_echo();
    serve(0);
    const Asked asked = await(k2025, echo);
    std::vector<Job> jobs;
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
    while (jobs.empty() && std::chrono::steady_clock::now() < until) {
        jobs = jobs_->list(context_, std::nullopt, 10).value_or(std::vector<Job>());
    }
    ASSERT_EQ(jobs.size(), 1u);
    Jobs elsewhere(*database_, catalog_, clock_, ids_, metrics_);
    ASSERT_TRUE(elsewhere.cancel(context_, jobs.front().id));
    EXPECT_TRUE(asked->result()["isError"].is_true());
}

TEST_F(JobTasksAwaitTest, ManyWaitWithoutAThreadEach) {
    constexpr int kWaiting = 300;
    Gate gate;
    const auto& gated = add_gated(gate);
    serve(1);
    std::vector<Asked> asked;
    for (int i = 0; i < kWaiting; ++i) {
        asked.push_back(await(k2025, gated));
    }
    gate.wait_until_inside(1);
    // Two workers, and both are free.
    EXPECT_EQ(take(k2025, "tasks/list", "{}")->result()["tasks"].is_array(), true);
    gate.open();
    for (const Asked& one : asked) {
        EXPECT_EQ(one->result()["isError"].value, "false");
    }
}

}  // namespace
}  // namespace credence::surface::mcp
