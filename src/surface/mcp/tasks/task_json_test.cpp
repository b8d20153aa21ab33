#include "surface/mcp/tasks/task_json.h"

#include <gtest/gtest.h>

#include <string>

#include "surface/mcp/protocol/members.h"

namespace credence::surface::mcp {
namespace {

JobRecord job_of(JobState state) {
    JobRecord job;
    job.id = *JobId::parse("0190a000-0000-7000-8000-000000000001");
    job.operation = "test.echo";
    job.state = state;
    job.created_at_us = 1'735'689'600'000'000;
    if (state != JobState::queued && state != JobState::cancelled) {
        job.started_at_us = job.created_at_us + 1'000'000;
    }
    if (is_terminal(job)) {
        job.finished_at_us = job.created_at_us + 2'000'000;
    }
    if (state == JobState::succeeded) {
        job.result = RawJson{R"({"a":1})"};
    }
    return job;
}

Members read(const std::string& json) {
    const auto members = Members::parse(json);
    EXPECT_TRUE(members) << json;
    return members.value_or(Members());
}

TEST(TaskJson, EveryStateHasAStatusOfEachRevision) {
    struct Case {
        JobState state;
        std::string_view modern;
        std::string_view r2025;
    };
    for (const Case& one : {Case{JobState::queued, "working", "working"},
                            Case{JobState::running, "working", "working"},
                            Case{JobState::succeeded, "completed", "completed"},
                            Case{JobState::failed, "completed", "failed"},
                            Case{JobState::cancelled, "cancelled", "cancelled"},
                            Case{JobState::interrupted, "failed", "failed"}}) {
        JobRecord job = job_of(one.state);
        EXPECT_EQ(read(detailed_task({job}, call_outcome(job)))["status"].value, one.modern);
        EXPECT_EQ(read(task_2025({job}))["status"].value, one.r2025);
        EXPECT_EQ(is_terminal(job), one.modern != "working");
        job.cancel_requested = true;
        EXPECT_TRUE(is_terminal_2025(job));
        EXPECT_EQ(read(task_2025({job}))["status"].value, "cancelled");
        EXPECT_EQ(read(created_task({job}))["status"].value, one.modern);
    }
}

TEST(TaskJson, TimesAreOfTheLastChange) {
    const auto updated = [](JobState state) {
        const JobRecord job = job_of(state);
        return read(task_2025({job}))["lastUpdatedAt"].value;
    };
    EXPECT_EQ(updated(JobState::queued), "2025-01-01T00:00:00.000000Z");
    EXPECT_EQ(updated(JobState::running), "2025-01-01T00:00:01.000000Z");
    EXPECT_EQ(updated(JobState::succeeded), "2025-01-01T00:00:02.000000Z");
    const JobRecord job = job_of(JobState::succeeded);
    EXPECT_EQ(read(task_2025({job}))["createdAt"].value, "2025-01-01T00:00:00.000000Z");
}

TEST(TaskJson, SaysHowFarItIs) {
    const JobRecord job = job_of(JobState::running);
    const auto message = [&](std::int64_t done, std::int64_t total) {
        return read(task_2025({job, Progress::State{done, total}}))["statusMessage"].value;
    };
    EXPECT_EQ(message(0, 9), "runs");
    EXPECT_EQ(message(3, 9), "runs: 3 of 9 done");
    EXPECT_EQ(message(3, 0), "runs: 3 done");
}

TEST(TaskJson, ExactShapes) {
    const JobRecord job = job_of(JobState::queued);
    EXPECT_EQ(created_task({job, {}, 60'000}),
              R"({"resultType":"task","taskId":"0190a000-0000-7000-8000-000000000001",)"
              R"("status":"working","statusMessage":"waits for its turn",)"
              R"("createdAt":"2025-01-01T00:00:00.000000Z",)"
              R"("lastUpdatedAt":"2025-01-01T00:00:00.000000Z","ttlMs":60000,)"
              R"("pollIntervalMs":1000})");
    EXPECT_EQ(created_task_2025({job}),
              R"({"_meta":{"io.modelcontextprotocol/related-task":{"taskId":)"
              R"("0190a000-0000-7000-8000-000000000001"}},"task":{"taskId":)"
              R"("0190a000-0000-7000-8000-000000000001",)"
              R"("status":"working","statusMessage":"waits for its turn",)"
              R"("createdAt":"2025-01-01T00:00:00.000000Z",)"
              R"("lastUpdatedAt":"2025-01-01T00:00:00.000000Z","ttl":null,)"
              R"("pollInterval":1000}})");
    const JobRecord done = job_of(JobState::succeeded);
    const Members task = read(detailed_task({done}, call_outcome(done)));
    EXPECT_EQ(Members::of(task["result"])["structuredContent"].value, R"({"a":1})");
    EXPECT_EQ(with_related_task(job.id, "{}"),
              R"({"_meta":{"io.modelcontextprotocol/related-task":{"taskId":)"
              R"("0190a000-0000-7000-8000-000000000001"}}})");
}

TEST(TaskJson, AnErrorKeepsItsCodeAndField) {
    JobRecord job = job_of(JobState::failed);
    job.error_code = "not_found";
    job.error_message = "there is no such thing";
    job.error_field = "items[3]";
    const Outcome outcome = call_outcome(job);
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(read(*outcome)["isError"].is_true());
    for (const char* part : {"not_found", "there is no such thing", "items[3]"}) {
        EXPECT_NE(outcome->find(part), std::string::npos) << part;
    }
    EXPECT_EQ(read(detailed_task({job}, outcome))["statusMessage"].value, "there is no such thing");
    EXPECT_FALSE(call_outcome(job_of(JobState::interrupted)));
}

}  // namespace
}  // namespace credence::surface::mcp
