#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <thread>

#include "api/job_testing.h"

namespace credence {
namespace {

TEST_F(JobTest, TakesUpWhatADeadProcessLeft) {
    std::mutex mutex;
    std::set<std::string> ran;
    const auto note = [&](const Context&, std::string_view request, std::string& out) {
        const std::lock_guard lock(mutex);
        ran.insert(std::string(request));
        out = "{}";
        return Result<void>();
    };
    const auto& safe = add("safe", note);
    auto& act = add("act", note);
    act.effect = Effect::act;
    act.idempotent = false;
    auto& repeatable = add("repeatable", note);
    repeatable.effect = Effect::act;
    const Job again = submit(safe, R"("again")");
    const Job hopeless = submit(safe, R"("hopeless")");
    const Job cancelled = submit(safe, R"("cancelled")");
    const Job acted = submit(act, R"("acted")");
    const Job repeated = submit(repeatable, R"("repeated")");
    const Job waiting = submit(act, R"("waiting")");
    pretend_running(again.id, 1);
    pretend_running(hopeless.id, Jobs::kMaxAttempts);
    pretend_running(cancelled.id, 1);
    ASSERT_EQ(jobs_->cancel(context_, cancelled.id)->state, JobState::running);
    pretend_running(acted.id, 1);
    pretend_running(repeated.id, 2);
    ASSERT_TRUE(start(2));
    EXPECT_EQ(finished(again.id).state, JobState::succeeded);
    EXPECT_EQ(finished(again.id).attempts, 2);
    EXPECT_EQ(finished(hopeless.id).state, JobState::failed);
    EXPECT_EQ(finished(hopeless.id).error_code, "internal");
    EXPECT_EQ(finished(cancelled.id).state, JobState::cancelled);
    EXPECT_EQ(finished(acted.id).state, JobState::interrupted);
    EXPECT_EQ(stored_request(acted.id), R"("acted")");  // for who judges what was interrupted
    EXPECT_EQ(finished(repeated.id).attempts, 3);
    EXPECT_EQ(finished(waiting.id).state, JobState::succeeded);
    const std::lock_guard lock(mutex);
    EXPECT_EQ(ran, (std::set<std::string>{R"("again")", R"("repeated")", R"("waiting")"}));
    EXPECT_EQ(states_told(acted.id), (std::vector<std::string>{"queued", "interrupted"}));
}

TEST_F(JobTest, AnUnknownOperationFails) {
    const auto& operation =
        add("echo", [](const Context&, std::string_view, std::string&) { return Result<void>(); });
    Operation unknown = operation;
    unknown.name = "test.gone";
    const Job job = submit(unknown);
    ASSERT_TRUE(start(1));
    EXPECT_EQ(finished(job.id).error_code, "unsupported");
}

TEST_F(JobTest, StoppingReturnsWhatIsNotFinished) {
    Gate gate;
    const auto& slow = add("slow", [&](const Context&, std::string_view, std::string& out) {
        gate.wait();
        out = "{}";
        return Result<void>();
    });
    auto& act = add("act", [&](const Context&, std::string_view, std::string& out) {
        gate.wait();
        out = "{}";
        return Result<void>();
    });
    act.effect = Effect::act;
    act.idempotent = false;
    const Job returned = submit(slow);
    const Job broken_off = submit(act);
    ASSERT_TRUE(start(2));
    gate.wait_until_inside(2);
    jobs_->stop(1);
    EXPECT_EQ(jobs_->get(context_, returned.id)->state, JobState::queued);
    EXPECT_EQ(jobs_->get(context_, returned.id)->attempts, 0);
    EXPECT_EQ(jobs_->get(context_, broken_off.id)->state, JobState::interrupted);
    // What the abandoned calls still say counts for nothing.
    gate.open();
    jobs_.reset();
    jobs_ = std::make_unique<Jobs>(*database_, catalog_, clock_, ids_, metrics_);
    EXPECT_EQ(jobs_->get(context_, returned.id)->state, JobState::queued);
    EXPECT_EQ(jobs_->get(context_, broken_off.id)->state, JobState::interrupted);
    ASSERT_TRUE(start(1));
    EXPECT_EQ(finished(returned.id).state, JobState::succeeded);
}

TEST_F(JobTest, StoppingLetsRunningJobsFinish) {
    Gate gate;
    const auto& slow = add("slow", [&](const Context&, std::string_view, std::string& out) {
        gate.wait();
        out = "{}";
        return Result<void>();
    });
    const Job job = submit(slow);
    const Job next = submit(slow);
    ASSERT_TRUE(start(1));
    gate.wait_until_inside(1);
    std::thread opener([&] { gate.open(); });
    jobs_->stop(kPatienceMs);
    opener.join();
    EXPECT_EQ(jobs_->get(context_, job.id)->state, JobState::succeeded);
    EXPECT_EQ(jobs_->get(context_, next.id)->state, JobState::queued);
}

}  // namespace
}  // namespace credence
