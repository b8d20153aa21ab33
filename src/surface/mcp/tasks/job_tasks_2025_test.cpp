#include <gtest/gtest.h>

#include <set>

#include "surface/mcp/tasks/job_tasks_testing.h"
#include "surface/mcp/tasks/task_json.h"

namespace credence::surface::mcp {
namespace {

constexpr std::string_view kRelated = R"({"io.modelcontextprotocol/related-task":{"taskId":")";

class JobTasks2025Test : public JobTasksTest {};

TEST_F(JobTasks2025Test, CreatesATaskWithTheLifeItReallyHas) {
    const auto& echo = add_echo();
    serve(0);
    const Members result = start_task(k2025, echo)->result();
    EXPECT_TRUE(result["resultType"].is_absent());
    const Members task = Members::of(result["task"]);
    EXPECT_EQ(task["status"].value, "working");
    EXPECT_EQ(task["ttl"].integer(), settings_.task_life_ms);
    EXPECT_EQ(task["pollInterval"].integer(), kPollIntervalMs);
    EXPECT_TRUE(task["ttlMs"].is_absent());
    const std::string id = task["taskId"].value;
    EXPECT_EQ(result["_meta"].value, std::string(kRelated) + id + "\"}}");
    const Members got = on_task(k2025, "tasks/get", id)->result();
    EXPECT_EQ(got["taskId"].value, id);
    EXPECT_EQ(got["status"].value, "working");
    EXPECT_EQ(got["statusMessage"].value, "waits for its turn");
    EXPECT_TRUE(got["_meta"].is_absent() && got["result"].is_absent());
    settings_.task_life_ms = 0;
    EXPECT_EQ(on_task(k2025, "tasks/get", id)->result()["ttl"].type, Member::Type::null);
}

TEST_F(JobTasks2025Test, TheResultIsWaitedFor) {
    Gate gate;
    const auto& gated = add_gated(gate);
    serve(1);
    const std::string id = Members::of(start_task(k2025, gated)->result()["task"])["taskId"].value;
    gate.wait_until_inside(1);
    const Asked first = on_task(k2025, "tasks/result", id);
    const Asked second = on_task(k2025, "tasks/result", id);
    EXPECT_EQ(on_task(k2025, "tasks/get", id)->result()["status"].value, "working");
    task_clock_.advance_us(std::int64_t{3'600} * 1'000'000);  // however long it takes
    EXPECT_EQ(on_task(k2025, "tasks/get", id)->result()["status"].value, "working");
    EXPECT_FALSE(first->answered());
    gate.open();
    for (const Asked& asked : {first, second}) {
        const Members result = asked->result();
        EXPECT_EQ(result["structuredContent"].value, R"({"through":true})");
        EXPECT_EQ(result["_meta"].value, std::string(kRelated) + id + "\"}}");
        const auto notices = asked->notices();
        ASSERT_EQ(notices.size(), 1u);
        EXPECT_NE(notices[0].find(R"("method":"notifications/tasks/status")"), std::string::npos);
        EXPECT_NE(notices[0].find(R"("status":"completed")"), std::string::npos);
        EXPECT_EQ(notices[0].find("related-task"), std::string::npos);
    }
    EXPECT_EQ(on_task(k2025, "tasks/result", id)->result()["isError"].value, "false");
}

TEST_F(JobTasks2025Test, WhoGivesUpOnAResultLosesNothing) {
    Gate gate;
    const auto& gated = add_gated(gate);
    serve(1);
    const std::string id = job_in(gated);
    gate.wait_until_inside(1);
    const Asked waiting = on_task(k2025, "tasks/result", id);
    on_task(k2025, "tasks/get", id)->result();  // the other worker has served the one before
    waiting.request->cancel();
    gate.open();
    EXPECT_EQ(on_task(k2025, "tasks/result", id)->result()["isError"].value, "false");
    EXPECT_FALSE(waiting->answered());
    EXPECT_EQ(jobs_->get(context_, *JobId::parse(id))->state, JobState::succeeded);
}

// Once cancelled it stays so, whatever the work comes to.
TEST_F(JobTasks2025Test, CancelledIsCancelledAtOnceAndForGood) {
    Gate gate;
    const auto& gated = add_gated(gate);
    serve(1);
    const std::string id = job_in(gated);
    gate.wait_until_inside(1);
    const Asked waiting = on_task(k2025, "tasks/result", id);
    const Members cancelled = on_task(k2025, "tasks/cancel", id)->result();
    EXPECT_EQ(cancelled["taskId"].value, id);
    EXPECT_EQ(cancelled["status"].value, "cancelled");
    EXPECT_TRUE(waiting->result()["isError"].is_true());
    EXPECT_EQ(on_task(k2025, "tasks/cancel", id)->error_code(), -32602);
    EXPECT_EQ(on_task(kModern, "tasks/get", id)->result()["status"].value, "working");
    gate.open();
    EXPECT_EQ(finished(*JobId::parse(id)).state, JobState::succeeded);
    EXPECT_EQ(on_task(k2025, "tasks/get", id)->result()["status"].value, "cancelled");
    const Members result = on_task(k2025, "tasks/result", id)->result();
    EXPECT_TRUE(result["isError"].is_true());
    EXPECT_NE(result["_meta"].value.find(id), std::string::npos);
}

TEST_F(JobTasks2025Test, WhatHasEndedCannotBeCancelled) {
    const auto& echo = add_echo();
    serve(0);
    const std::string waits = job_in(echo);
    EXPECT_EQ(on_task(k2025, "tasks/cancel", waits)->result()["status"].value, "cancelled");
    EXPECT_EQ(on_task(k2025, "tasks/cancel", waits)->error_code(), -32602);
    const std::string done = job_in(echo);
    ASSERT_TRUE(start(1));
    finished(*JobId::parse(done));
    EXPECT_EQ(on_task(k2025, "tasks/cancel", done)->error_code(), -32602);
    EXPECT_EQ(on_task(k2025, "tasks/get", done)->result()["status"].value, "completed");
}

TEST_F(JobTasks2025Test, WhoeverIsToldCancelledFindsItSo) {
    const auto& echo = add_echo();
    serve(2);
    for (int round = 0; round < 20; ++round) {
        const std::string id = job_in(echo);
        std::vector<Asked> asked;
        for (int i = 0; i < 4; ++i) {
            asked.push_back(on_task(k2025, "tasks/cancel", id));
        }
        int accepted = 0;
        for (const Asked& one : asked) {
            const bool refused = one->answer_text().find("-32602") != std::string::npos;
            accepted += refused ? 0 : 1;
        }
        finished(*JobId::parse(id));
        EXPECT_EQ(on_task(k2025, "tasks/get", id)->result()["status"].value,
                  accepted > 0 ? "cancelled" : "completed");
    }
}

TEST_F(JobTasks2025Test, ListsOwnTasksPageByPage) {
    constexpr int kTasks = 120;
    const auto& echo = add_echo();
    std::set<std::string> made;
    for (int i = 0; i < kTasks; ++i) {
        made.insert(job_in(echo));
    }
    context_.actor = "somebody else";
    job_in(echo);
    context_.actor = "somebody";
    serve(0);
    std::set<std::string> listed;
    std::string params = "{}";
    int pages = 0;
    while (!params.empty() && pages < kTasks) {
        const Members page = take(k2025, "tasks/list", params)->result();
        for (const Member& item : items_of(page["tasks"].value)) {
            const Members task = Members::of(item);
            EXPECT_EQ(task["status"].value, "working");
            EXPECT_EQ(task["ttl"].integer(), settings_.task_life_ms);
            EXPECT_TRUE(listed.insert(task["taskId"].value).second);
        }
        const Member& next = page["nextCursor"];
        params = next.is_text() ? R"({"cursor":")" + next.value + "\"}" : std::string();
        ++pages;
    }
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(listed, made);
    EXPECT_EQ(take(k2025, "tasks/list", R"({"cursor":"no"})")->error_code(), -32602);
    EXPECT_EQ(take(k2025, "tasks/list", R"({"cursor":5})")->error_code(), -32602);
}

}  // namespace
}  // namespace credence::surface::mcp
