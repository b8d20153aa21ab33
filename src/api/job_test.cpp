#include "api/job.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "api/job_testing.h"

namespace credence {
namespace {

TEST_F(JobTest, RunsWithTheContextOfWhoAsked) {
    Context seen;
    const auto& operation =
        add("echo", [&](const Context& context, std::string_view request, std::string& out) {
            seen = context;
            out = request;
            return Result<void>();
        });
    const Job job = submit(operation, R"({"x":1})");
    EXPECT_EQ(job.state, JobState::queued);
    EXPECT_EQ(job.operation, "test.echo");
    EXPECT_GT(job.created_at_us, 0);
    ASSERT_TRUE(start(2));
    const Job done = finished(job.id);
    EXPECT_EQ(done.state, JobState::succeeded);
    ASSERT_TRUE(done.result);
    EXPECT_EQ(done.result->text, R"({"x":1})");
    EXPECT_EQ(done.attempts, 1);
    ASSERT_TRUE(done.started_at_us && done.finished_at_us);
    EXPECT_GE(*done.finished_at_us, *done.started_at_us);
    EXPECT_EQ(seen.tenant, "t");
    EXPECT_EQ(seen.actor, "somebody");
    EXPECT_EQ(seen.name_space, "space");
    EXPECT_EQ(seen.scopes.granted(), context_.scopes.granted());
    EXPECT_EQ(seen.request_id, context_.request_id);
    EXPECT_EQ(seen.surface, "job");
    EXPECT_GT(seen.deadline_us, 0);
    EXPECT_EQ(states_told(job.id), (std::vector<std::string>{"queued", "running", "succeeded"}));
}

TEST_F(JobTest, FailuresAreKept) {
    const auto& refuses = add("refuses", [](const Context&, std::string_view, std::string&) {
        return Result<void>(fail(Code::conflict, "not like this"));
    });
    const auto& throws =
        add("throws", [](const Context&, std::string_view, std::string&) -> Result<void> {
            throw std::runtime_error("secret detail");
        });
    const auto& bloated =
        add("bloated", [](const Context&, std::string_view, std::string& out) -> Result<void> {
            out.assign((std::size_t{8} << 20) + 1, ' ');
            return {};
        });
    ASSERT_TRUE(start(1));
    const Job refused = finished(submit(refuses).id);
    EXPECT_EQ(refused.state, JobState::failed);
    EXPECT_EQ(refused.error_code, "conflict");
    EXPECT_EQ(refused.error_message, "not like this");
    EXPECT_FALSE(refused.result);
    const Job threw = finished(submit(throws).id);
    EXPECT_EQ(threw.error_code, "internal");
    EXPECT_EQ(threw.error_message->find("secret"), std::string::npos);
    EXPECT_EQ(finished(submit(bloated).id).error_code, "too_large");
}

// It may hold what nobody should read later, such as texts to be judged.
TEST_F(JobTest, TheRequestLeavesWithTheEndOfTheJob) {
    const auto& good =
        add("good", [](const Context&, std::string_view, std::string&) { return Result<void>(); });
    const auto& bad = add("bad", [](const Context&, std::string_view, std::string&) {
        return Result<void>(fail(Code::conflict, "not like this"));
    });
    const Job succeeds = submit(good, R"("told in private")");
    const Job fails = submit(bad, R"("told in private")");
    const Job cancelled = submit(good, R"("told in private")");
    EXPECT_EQ(stored_request(cancelled.id), R"("told in private")");
    ASSERT_TRUE(jobs_->cancel(context_, cancelled.id));
    ASSERT_TRUE(start(1));
    EXPECT_EQ(finished(succeeds.id).state, JobState::succeeded);
    EXPECT_EQ(finished(fails.id).state, JobState::failed);
    for (const Job& job : {succeeds, fails, cancelled}) {
        EXPECT_EQ(stored_request(job.id), "");
    }
}

TEST_F(JobTest, TenantsDoNotSeeEachOther) {
    const auto& operation =
        add("echo", [](const Context&, std::string_view, std::string&) { return Result<void>(); });
    const Job job = submit(operation);
    Context other = context_;
    other.tenant = "u";
    EXPECT_EQ(jobs_->get(other, job.id).error().code, Code::not_found);
    EXPECT_EQ(jobs_->cancel(other, job.id).error().code, Code::not_found);
    EXPECT_EQ(jobs_->wait(other, job.id, 0).error().code, Code::not_found);
    EXPECT_EQ(jobs_->list(other, std::nullopt, 10)->size(), 0u);
    EXPECT_EQ(jobs_->get(context_, job.id)->id, job.id);
}

TEST_F(JobTest, ListsNewestFirst) {
    const auto& operation =
        add("echo", [](const Context&, std::string_view, std::string&) { return Result<void>(); });
    std::vector<JobId> made;
    for (int i = 0; i < 5; ++i) {
        made.push_back(submit(operation).id);
    }
    ASSERT_TRUE(jobs_->cancel(context_, made[2]));
    const auto all = jobs_->list(context_, std::nullopt, 3);
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 3u);
    EXPECT_EQ(all->front().id, made[4]);
    EXPECT_EQ(jobs_->list(context_, JobState::queued, 10)->size(), 4u);
    EXPECT_EQ(jobs_->list(context_, JobState::cancelled, 10)->front().id, made[2]);
    EXPECT_EQ(jobs_->list(context_, std::nullopt, 0).error().code, Code::invalid);
    EXPECT_EQ(jobs_->list(context_, std::nullopt, 1'001).error().code, Code::invalid);
}

TEST_F(JobTest, RespectsTheCapOfEachOperation) {
    Gate gate;
    std::atomic<int> most{0};
    std::atomic<int> now{0};
    auto& capped = add("capped", [&](const Context&, std::string_view, std::string& out) {
        const int running = ++now;
        int known = most;
        while (running > known && !most.compare_exchange_weak(known, running)) {
        }
        gate.wait();
        --now;
        out = "{}";
        return Result<void>();
    });
    capped.max_running = 2;
    const auto& free = add("free", [](const Context&, std::string_view, std::string& out) {
        out = "{}";
        return Result<void>();
    });
    std::vector<JobId> ids;
    for (int i = 0; i < 6; ++i) {
        ids.push_back(submit(capped).id);
    }
    ASSERT_TRUE(start(4));
    gate.wait_until_inside(2);
    // The others wait, but another operation passes them.
    EXPECT_EQ(finished(submit(free).id).state, JobState::succeeded);
    EXPECT_EQ(gate.inside(), 2);
    gate.open();
    for (const JobId& id : ids) {
        EXPECT_EQ(finished(id).state, JobState::succeeded);
    }
    EXPECT_EQ(most, 2);
}

TEST_F(JobTest, CancelsWhatWaitsAndCutsWhatRuns) {
    Gate gate;
    std::atomic<std::int64_t> deadline_us{0};
    const auto& slow =
        add("slow", [&](const Context& context, std::string_view, std::string&) -> Result<void> {
            gate.wait();
            auto& shared = const_cast<std::int64_t&>(context.deadline_us);
            deadline_us = std::atomic_ref<std::int64_t>(shared).load();
            return deadline_us < clock_.steady_us() ? fail(Code::timeout, "too late")
                                                    : Result<void>();
        });
    const Job running = submit(slow);
    const Job waiting = submit(slow);
    ASSERT_TRUE(start(2));
    gate.wait_until_inside(1);
    const auto cancelled = jobs_->cancel(context_, waiting.id);
    ASSERT_TRUE(cancelled);
    EXPECT_EQ(cancelled->state, JobState::cancelled);
    EXPECT_EQ(jobs_->cancel(context_, waiting.id).error().code, Code::conflict);
    ASSERT_EQ(jobs_->cancel(context_, running.id)->state, JobState::running);
    gate.open();
    EXPECT_EQ(finished(running.id).state, JobState::cancelled);
    EXPECT_EQ(deadline_us, 1);
    EXPECT_EQ(jobs_->cancel(context_, running.id).error().code, Code::conflict);
    EXPECT_EQ(states_told(waiting.id), (std::vector<std::string>{"queued", "cancelled"}));
    EXPECT_EQ(states_told(running.id),
              (std::vector<std::string>{"queued", "running", "cancelled"}));
}

TEST_F(JobTest, WaitingEndsInTime) {
    const auto& operation =
        add("echo", [](const Context&, std::string_view, std::string&) { return Result<void>(); });
    const Job job = submit(operation);
    EXPECT_EQ(jobs_->wait(context_, job.id, 0)->state, JobState::queued);
    EXPECT_EQ(jobs_->wait(context_, job.id, 5)->state, JobState::queued);
    EXPECT_EQ(jobs_->wait(context_, ids_.make<JobId>(), 1'000).error().code, Code::not_found);
}

TEST_F(JobTest, RefusesWhatItCannotKeep) {
    const auto& operation =
        add("echo", [](const Context&, std::string_view, std::string&) { return Result<void>(); });
    EXPECT_EQ(jobs_->submit(context_, operation, "{").error().code, Code::invalid);
    const std::string large = "\"" + std::string(std::size_t{8} << 20, 'x') + "\"";
    EXPECT_EQ(jobs_->submit(context_, operation, large).error().code, Code::too_large);
    ASSERT_TRUE(database_->write([](store::Tx& tx) {
        return tx.run(
            "INSERT INTO job (tenant, id, operation, request, name_space, actor, scopes,"
            " request_id, state, created_at_us)"
            " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            " WHERE i < 10000)"
            " SELECT 't', 'x' || i, 'test.echo', '{}', 'd', 'a', '[]', 'r', 'queued', 1"
            " FROM n");
    }));
    EXPECT_EQ(jobs_->submit(context_, operation, "{}").error().code, Code::exhausted);
    context_.tenant = "u";
    EXPECT_TRUE(jobs_->submit(context_, operation, "{}"));
}

TEST_F(JobTest, ManyJobsAllRunOnce) {
    std::atomic<int> calls{0};
    auto& operation = add("count", [&](const Context&, std::string_view, std::string& out) {
        ++calls;
        out = "{}";
        return Result<void>();
    });
    operation.max_running = 4;
    ASSERT_TRUE(start(4));
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::vector<JobId> ids;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 25; ++i) {
                const Job job = submit(operation);
                const std::lock_guard lock(mutex);
                ids.push_back(job.id);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    for (const JobId& id : ids) {
        EXPECT_EQ(finished(id).attempts, 1);
    }
    EXPECT_EQ(calls, 100);
}

}  // namespace
}  // namespace credence
