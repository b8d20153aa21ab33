#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "api/job_testing.h"

namespace credence {
namespace {

// What a watcher was told, in order.
class Heard {
public:
    Jobs::Watcher watcher() {
        return [this](const JobNews& news) {
            const std::lock_guard lock(mutex_);
            news_.emplace_back(news.tenant, news.id, news.progress_only);
            changed_.notify_all();
        };
    }
    bool wait_for(int count, bool progress_only) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::milliseconds(kPatienceMs), [&] {
            int seen = 0;
            for (const auto& [tenant, id, progress] : news_) {
                seen += progress == progress_only ? 1 : 0;
            }
            return seen >= count;
        });
    }
    std::vector<std::tuple<std::string, JobId, bool>> all() {
        const std::lock_guard lock(mutex_);
        return news_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::tuple<std::string, JobId, bool>> news_;
};

class JobProgressTest : public JobTest {
protected:
    std::int64_t watch(Jobs::Watcher watcher) { return jobs_->watch(std::move(watcher)); }
};

TEST_F(JobProgressTest, TellsHowFarARunningJobHasCome) {
    Gate gate;
    const auto& operation =
        add("steps", [&](const Context& context, std::string_view, std::string& out) {
            EXPECT_NE(context.progress, nullptr);
            context.progress->report(3, 10);
            context.progress->report(2, 10);  // does not go back
            gate.wait();
            out = "{}";
            return Result<void>();
        });
    const Job job = submit(operation);
    EXPECT_FALSE(jobs_->progress(job.id));
    ASSERT_TRUE(start(1));
    gate.wait_until_inside(1);
    const auto state = jobs_->progress(job.id);
    ASSERT_TRUE(state);
    EXPECT_EQ(state->done, 3);
    EXPECT_EQ(state->total, 10);
    EXPECT_FALSE(jobs_->progress(ids_.make<JobId>()));
    gate.open();
    EXPECT_EQ(finished(job.id).state, JobState::succeeded);
    jobs_->stop(kPatienceMs);
    EXPECT_FALSE(jobs_->progress(job.id));
}

TEST_F(JobProgressTest, WatchersHearOfEveryChangeAfterItIsCommitted) {
    Heard heard;
    const auto& operation = add("echo", [](const Context&, std::string_view, std::string& out) {
        out = "{}";
        return Result<void>();
    });
    std::mutex mutex;
    std::vector<JobState> states;
    const std::int64_t token = watch([&](const JobNews& news) {
        Context asking = context_;
        asking.tenant = news.tenant;
        const auto job = jobs_->get(asking, news.id);  // a watcher may ask
        ASSERT_TRUE(job);
        const std::lock_guard lock(mutex);
        states.push_back(job->state);
    });
    watch(heard.watcher());
    const Job cancelled = submit(operation);
    ASSERT_TRUE(jobs_->cancel(context_, cancelled.id));
    EXPECT_EQ(heard.all().size(), 2u);
    {
        const std::lock_guard lock(mutex);
        EXPECT_EQ(states, (std::vector{JobState::queued, JobState::cancelled}));
    }
    jobs_->unwatch(token);
    const Job job = submit(operation);
    ASSERT_TRUE(start(1));
    ASSERT_TRUE(heard.wait_for(5, false));  // queued, running, succeeded
    for (const auto& [tenant, id, progress] : heard.all()) {
        EXPECT_EQ(tenant, "t");
        EXPECT_FALSE(progress);
    }
    EXPECT_EQ(std::get<1>(heard.all().back()), job.id);
    EXPECT_EQ(jobs_->get(context_, job.id)->state, JobState::succeeded);
    const std::lock_guard lock(mutex);
    EXPECT_EQ(states.size(), 2u);
}

TEST_F(JobProgressTest, ReportsAreToldSeldom) {
    constexpr int kReports = 10'000;
    Heard heard;
    const auto& operation =
        add("busy", [&](const Context& context, std::string_view, std::string& out) {
            for (int i = 1; i <= kReports; ++i) {
                context.progress->report(i, kReports);
            }
            out = "{}";
            return Result<void>();
        });
    watch(heard.watcher());
    ASSERT_TRUE(start(1));
    const std::int64_t before_us = clock_.steady_us();
    finished(submit(operation).id);
    ASSERT_TRUE(heard.wait_for(3, false));
    const std::int64_t most = 1 + (clock_.steady_us() - before_us) / 1'000 / Jobs::kProgressEveryMs;
    std::int64_t told = 0;
    for (const auto& [tenant, id, progress] : heard.all()) {
        told += progress ? 1 : 0;
    }
    EXPECT_GE(told, 1);
    EXPECT_LE(told, most);
}

TEST_F(JobProgressTest, NobodyIsToldAfterUnwatch) {
    std::atomic<bool> watching{true};
    std::atomic<int> late{0};
    std::atomic<int> told{0};
    const auto& operation =
        add("echo", [](const Context&, std::string_view, std::string&) { return Result<void>(); });
    std::vector<std::thread> threads;
    std::atomic<bool> over{false};
    threads.reserve(2);
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] {
            while (!over) {
                const Job job = submit(operation);
                EXPECT_TRUE(jobs_->cancel(context_, job.id));
            }
        });
    }
    for (int round = 0; round < 20; ++round) {
        watching = true;
        const int before = told;
        const std::int64_t token = watch([&](const JobNews&) {
            ++told;
            late += watching ? 0 : 1;
        });
        while (told == before) {
            std::this_thread::yield();
        }
        jobs_->unwatch(token);
        watching = false;
    }
    over = true;
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(late, 0);
}

TEST_F(JobProgressTest, AWatcherMayRemoveItself) {
    const auto& operation =
        add("echo", [](const Context&, std::string_view, std::string&) { return Result<void>(); });
    int told = 0;
    std::int64_t token = 0;
    token = watch([&](const JobNews&) {
        ++told;
        jobs_->unwatch(token);
    });
    submit(operation);
    submit(operation);
    EXPECT_EQ(told, 1);
}

TEST_F(JobProgressTest, ListsWhatOneActorAskedForPageByPage) {
    const auto& operation =
        add("echo", [](const Context&, std::string_view, std::string&) { return Result<void>(); });
    std::vector<JobId> own;
    for (int i = 0; i < 5; ++i) {
        own.push_back(submit(operation).id);
        context_.actor = "else";
        submit(operation);
        context_.actor = "somebody";
    }
    const auto first = jobs_->list_own(context_, std::nullopt, 3);
    ASSERT_TRUE(first);
    ASSERT_EQ(first->size(), 3u);
    EXPECT_EQ(first->front().id, own[4]);
    EXPECT_EQ(first->front().actor, "somebody");
    const auto second = jobs_->list_own(context_, first->back().id, 3);
    ASSERT_TRUE(second);
    ASSERT_EQ(second->size(), 2u);
    EXPECT_EQ(second->front().id, own[1]);
    EXPECT_EQ(second->back().id, own[0]);
    EXPECT_FALSE(second->back().cancel_requested);
    EXPECT_EQ(jobs_->list_own(context_, std::nullopt, 0).error().code, Code::invalid);
}

TEST_F(JobProgressTest, SaysThatSomebodyWantsItCancelled) {
    const auto& operation =
        add("echo", [](const Context&, std::string_view, std::string&) { return Result<void>(); });
    const Job job = submit(operation);
    pretend_running(job.id, 1);
    EXPECT_FALSE(jobs_->record(context_, job.id)->cancel_requested);
    ASSERT_TRUE(jobs_->cancel(context_, job.id));
    const auto record = jobs_->record(context_, job.id);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->state, JobState::running);
    EXPECT_EQ(record->operation, "test.echo");
    EXPECT_TRUE(record->cancel_requested);
    EXPECT_EQ(record->actor, "somebody");
    EXPECT_EQ(jobs_->record(context_, ids_.make<JobId>()).error().code, Code::not_found);
    context_.tenant = "u";
    EXPECT_EQ(jobs_->record(context_, job.id).error().code, Code::not_found);
}

}  // namespace
}  // namespace credence
