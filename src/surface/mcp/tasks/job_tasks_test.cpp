#include "surface/mcp/tasks/job_tasks.h"

#include <gtest/gtest.h>

#include <thread>

#include "surface/mcp/protocol/call_result.h"
#include "surface/mcp/tasks/job_tasks_testing.h"
#include "surface/mcp/tasks/task_json.h"

namespace credence::surface::mcp {
namespace {

TEST_F(JobTasksTest, WantsOnlyWhatTheClientCanFollow) {
    auto& echo = add_echo();
    auto& pooled = add(
        "pooled", [](const Context&, std::string_view, std::string&) { return Result<void>(); });
    pooled.lane = Lane::pool;
    serve(0);
    const std::string_view with_task = R"({"task":{}})";
    EXPECT_TRUE(tasks_->wants(*ask(kModern, "tools/call", "{}").request, echo));
    EXPECT_FALSE(tasks_->wants(*ask(kModern, "tools/call", "{}").request, pooled));
    EXPECT_FALSE(tasks_->wants(*ask(kModern, "tools/call", with_task, false).request, echo));
    EXPECT_TRUE(tasks_->wants(*ask(k2025, "tools/call", with_task, false).request, echo));
    EXPECT_FALSE(tasks_->wants(*ask(k2025, "tools/call", "{}").request, echo));
    EXPECT_FALSE(tasks_->wants(*ask(kOldest, "tools/call", with_task).request, echo));
    EXPECT_EQ(tasks_->extensions(kModern), R"("io.modelcontextprotocol/tasks":{})");
    EXPECT_EQ(tasks_->extensions(k2025), "");
}

TEST_F(JobTasksTest, TakesTheMethodsOfEachRevision) {
    serve(0);
    const auto taken = [&](Revision revision, const std::string& method) {
        return tasks_->take(ask(revision, method, R"({"taskId":"x"})").request);
    };
    for (const char* method : {"tasks/get", "tasks/cancel"}) {
        EXPECT_TRUE(taken(kModern, method)) << method;
        EXPECT_TRUE(taken(k2025, method)) << method;
        EXPECT_FALSE(taken(kOldest, method)) << method;
    }
    for (const char* method : {"tasks/result", "tasks/list"}) {
        EXPECT_FALSE(taken(kModern, method)) << method;
        EXPECT_TRUE(taken(k2025, method)) << method;
        EXPECT_FALSE(taken(kOldest, method)) << method;
    }
    EXPECT_TRUE(taken(kModern, "tasks/update"));
    EXPECT_FALSE(taken(k2025, "tasks/update"));
    EXPECT_FALSE(taken(kModern, "skills/list"));
}

TEST_F(JobTasksTest, ATaskIsThereFromItsCreationToItsResult) {
    Gate gate;
    const auto& gated = add_gated(gate);
    serve(1);
    const Asked created = start_task(kModern, gated, "{}", "{}");
    const Members task = created->result();
    EXPECT_EQ(task["resultType"].value, "task");
    EXPECT_EQ(task["status"].value, "working");
    EXPECT_EQ(task["ttlMs"].integer(), settings_.task_life_ms);
    EXPECT_EQ(task["pollIntervalMs"].integer(), kPollIntervalMs);
    EXPECT_EQ(task["createdAt"].value.back(), 'Z');
    EXPECT_TRUE(task["task"].is_absent() && task["result"].is_absent());
    const std::string id = task["taskId"].value;
    gate.wait_until_inside(1);
    const Members working = on_task(kModern, "tasks/get", id)->result();
    EXPECT_EQ(working["resultType"].value, "complete");
    EXPECT_EQ(working["taskId"].value, id);
    EXPECT_EQ(working["status"].value, "working");
    EXPECT_EQ(working["statusMessage"].value, "runs");
    EXPECT_TRUE(working["result"].is_absent());
    gate.open();
    finished(*JobId::parse(id));
    const Members completed = on_task(kModern, "tasks/get", id)->result();
    EXPECT_EQ(completed["status"].value, "completed");
    const Members result = Members::of(completed["result"]);
    EXPECT_EQ(result["structuredContent"].value, R"({"through":true})");
    EXPECT_EQ(result["isError"].value, "false");
    EXPECT_TRUE(result["_meta"].is_absent());
    EXPECT_TRUE(completed["ttl"].is_absent() && completed["pollInterval"].is_absent());
    EXPECT_GE(completed["lastUpdatedAt"].value, completed["createdAt"].value);
}

TEST_F(JobTasksTest, ARefusalIsACompletedTaskOrAFailedOneOf2025) {
    const auto& refuse = add("refuse", [](const Context&, std::string_view, std::string&) {
        return Result<void>(fail(Code::conflict, "not like this", "name"));
    });
    serve(1);
    const std::string id = job_in(refuse);
    finished(*JobId::parse(id));
    const Members task = on_task(kModern, "tasks/get", id)->result();
    EXPECT_EQ(task["status"].value, "completed");
    EXPECT_TRUE(task["error"].is_absent());
    const Members result = Members::of(task["result"]);
    EXPECT_TRUE(result["isError"].is_true());
    EXPECT_NE(result["content"].value.find("not like this"), std::string::npos);
    EXPECT_EQ(on_task(k2025, "tasks/get", id)->result()["status"].value, "failed");
    const Members result_2025 = on_task(k2025, "tasks/result", id)->result();
    EXPECT_TRUE(result_2025["isError"].is_true());
    EXPECT_NE(result_2025["_meta"].value.find(id), std::string::npos);
}

TEST_F(JobTasksTest, WhatWasInterruptedFailedForAPersonToJudge) {
    auto& act = add_echo();
    act.effect = Effect::act;
    act.idempotent = false;
    const std::string id = job_in(act);
    pretend_running(*JobId::parse(id), 1);
    serve(1);
    finished(*JobId::parse(id));
    const Members task = on_task(kModern, "tasks/get", id)->result();
    EXPECT_EQ(task["status"].value, "failed");
    EXPECT_TRUE(task["result"].is_absent());
    const Members error = Members::of(task["error"]);
    EXPECT_EQ(error["code"].integer(), -32603);
    EXPECT_NE(error["message"].value.find("a person must judge"), std::string::npos);
    EXPECT_EQ(on_task(k2025, "tasks/get", id)->result()["status"].value, "failed");
    EXPECT_EQ(on_task(k2025, "tasks/result", id)->error_code(), -32603);
}

TEST_F(JobTasksTest, CancellingIsAcknowledgedAlsoOfWhatHasEnded) {
    const auto& echo = add_echo();
    serve(0);
    const std::string id = start_task(kModern, echo)->result()["taskId"].value;
    for (int i = 0; i < 2; ++i) {
        const Members ack = on_task(kModern, "tasks/cancel", id)->result();
        EXPECT_EQ(ack["resultType"].value, "complete");
        EXPECT_TRUE(ack["taskId"].is_absent() && ack["status"].is_absent());
    }
    const Members task = on_task(kModern, "tasks/get", id)->result();
    EXPECT_EQ(task["status"].value, "cancelled");
    EXPECT_TRUE(task["result"].is_absent() && task["error"].is_absent());
}

TEST_F(JobTasksTest, UpdatesAreAcknowledgedAndIgnored) {
    const auto& echo = add_echo();
    serve(0);
    const std::string id = job_in(echo);
    const Members ack =
        on_task(kModern, "tasks/update", id, R"(,"inputResponses":{"never asked":{}})")->result();
    EXPECT_EQ(ack["resultType"].value, "complete");
    EXPECT_TRUE(ack["taskId"].is_absent());
    EXPECT_EQ(on_task(kModern, "tasks/update", id)->error_code(), -32602);
    EXPECT_EQ(on_task(kModern, "tasks/get", id)->result()["status"].value, "working");
}

TEST_F(JobTasksTest, WhoCannotFollowTasksIsToldWhatIsMissing) {
    const auto& echo = add_echo();
    serve(0);
    const std::string params = R"({"taskId":")" + job_in(echo) + R"(","inputResponses":{}})";
    for (const char* method : {"tasks/get", "tasks/update", "tasks/cancel"}) {
        const Members error = take(kModern, method, params, false)->error();
        EXPECT_EQ(error["code"].integer(), -32021) << method;
        EXPECT_EQ(
            error["data"].value,
            R"({"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}})");
    }
    EXPECT_EQ(take(k2025, "tasks/get", params, false)->result()["status"].value, "working");
}

TEST_F(JobTasksTest, OnlyItsOwnerKnowsATask) {
    const auto& echo = add_echo();
    serve(0);
    const std::string id = job_in(echo);
    const Context owner = context_;
    const auto unknown_to_all = [&](const char* who) {
        for (const char* method : {"tasks/get", "tasks/update", "tasks/cancel"}) {
            EXPECT_EQ(on_task(kModern, method, id, R"(,"inputResponses":{})")->error_code(), -32602)
                << who << method;
        }
        for (const char* method : {"tasks/get", "tasks/result", "tasks/cancel"}) {
            EXPECT_EQ(on_task(k2025, method, id)->error_code(), -32602) << who << method;
        }
        EXPECT_EQ(take(k2025, "tasks/list", "{}")->result()["tasks"].value, "[]") << who;
    };
    context_.tenant = "u";
    unknown_to_all("another tenant ");
    context_ = owner;
    context_.actor = "somebody else";
    unknown_to_all("another actor ");
    context_ = owner;
    context_.scopes = Scopes({"other:read"});
    unknown_to_all("without the scope ");
    context_ = owner;
    EXPECT_EQ(on_task(kModern, "tasks/get", id)->result()["status"].value, "working");
    EXPECT_EQ(on_task(kModern, "tasks/get", "no-such-task")->error_code(), -32602);
    EXPECT_EQ(take(kModern, "tasks/get", R"({"taskId":5})")->error_code(), -32602);
    EXPECT_EQ(take(kModern, "tasks/get", "{}")->error_code(), -32602);
}

TEST_F(JobTasksTest, AFinishedTaskExpires) {
    const auto& echo = add_echo();
    const std::string ended = job_in(echo);
    ASSERT_TRUE(jobs_->cancel(context_, *JobId::parse(ended)));
    const std::string waits = job_in(echo);
    serve(0);
    task_clock_.set_us(clock_.now_us() + (settings_.task_life_ms - 60'000) * 1'000);
    EXPECT_EQ(on_task(kModern, "tasks/get", ended)->result()["status"].value, "cancelled");
    task_clock_.advance_us(std::int64_t{120} * 1'000 * 1'000);
    EXPECT_EQ(on_task(kModern, "tasks/get", ended)->error()["message"].value,
              "the task has expired");
    EXPECT_EQ(on_task(kModern, "tasks/get", waits)->result()["status"].value, "working");
    const std::string listed = take(k2025, "tasks/list", "{}")->result()["tasks"].value;
    EXPECT_EQ(listed.find(ended), std::string::npos);
    EXPECT_NE(listed.find(waits), std::string::npos);
}

TEST_F(JobTasksTest, ARefusedCallIsNoTask) {
    const auto& echo = add_echo();
    serve(0);
    const Members invalid = start_task(kModern, echo, "[]")->result();
    EXPECT_TRUE(invalid["isError"].is_true());
    EXPECT_EQ(invalid["resultType"].value, "complete");
    context_.scopes = Scopes({"other:read"});
    const Members forbidden = start_task(k2025, echo)->result();
    EXPECT_TRUE(forbidden["isError"].is_true());
    EXPECT_TRUE(forbidden["task"].is_absent());
    EXPECT_EQ(start_task(k2025, echo, "{}", R"({"task":{"ttl":"long"}})")->error_code(), -32602);
    EXPECT_EQ(jobs_->list(context_, std::nullopt, 10)->size(), 0u);
}

TEST_F(JobTasksTest, TellsListenersEveryChangeInOrder) {
    Gate gate;
    const auto& gated = add_gated(gate);
    serve(1);
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Notice> told;
    const std::string id = start_task(kModern, gated)->result()["taskId"].value;
    gate.wait_until_inside(1);
    NoticeFilter filter;
    filter.tenant = "t";
    filter.tasks = {id};
    bool overheard = false;
    filter.actor = "somebody else";
    notices_.add(filter, [&](const Notice&) {
        const std::lock_guard lock(mutex);
        overheard = true;
    });
    filter.actor = context_.actor;
    notices_.add(filter, [&](const Notice& notice) {
        const std::lock_guard lock(mutex);
        told.push_back(notice);
        changed.notify_all();
    });
    ASSERT_TRUE(jobs_->cancel(context_, submit(gated).id));  // nobody listens to this one
    gate.open();
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::milliseconds(kPatienceMs), [&] {
        return !told.empty() && told.back().params_json.find("completed") != std::string::npos;
    }));
    EXPECT_EQ(told.back().tenant, "t");
    EXPECT_FALSE(overheard);
    for (const Notice& notice : told) {
        EXPECT_EQ(notice.kind, Notice::Kind::task);
        EXPECT_EQ(notice.subject, id);
    }
    // What tasks/get says at that moment.
    const Members params = Members::parse(told.back().params_json).value_or(Members());
    lock.unlock();
    const Members now = on_task(kModern, "tasks/get", id)->result();
    for (const auto& [name, member] : params.all()) {
        EXPECT_EQ(member.value, now[name].value) << name;
    }
    EXPECT_TRUE(params["resultType"].is_absent());
}

TEST_F(JobTasksTest, ResultsPassTheCheck) {
    const auto& echo = add_echo();
    checked_ = [](const Context& context, const Operation& operation, std::string) -> Outcome {
        return call_problem({Code::forbidden, operation.name + " for " + context.actor, {}, 0});
    };
    serve(1);
    const std::string id = start_task(kModern, echo)->result()["taskId"].value;
    finished(*JobId::parse(id));
    const std::string said = "test.echo for somebody";
    EXPECT_NE(on_task(kModern, "tasks/get", id)->answer_text().find(said), std::string::npos);
    EXPECT_NE(on_task(k2025, "tasks/result", id)->answer_text().find(said), std::string::npos);
    EXPECT_NE(await(kModern, echo)->answer_text().find(said), std::string::npos);
}

}  // namespace
}  // namespace credence::surface::mcp
