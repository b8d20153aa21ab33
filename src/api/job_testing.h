// Jobs on a store of their own, and operations that stop where the test wants them to.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "api/job.h"
#include "base/json.h"
#include "base/random.h"
#include "engine/store/event.h"
#include "engine/store/testing.h"

namespace credence {

inline constexpr std::int64_t kPatienceMs = 20'000;

// Operations stop here until the test lets them go on.
class Gate {
public:
    void wait() {
        std::unique_lock lock(mutex_);
        ++inside_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return open_; });
        --inside_;
    }
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void wait_until_inside(int count) {
        std::unique_lock lock(mutex_);
        const bool arrived = changed_.wait_for(lock, std::chrono::milliseconds(kPatienceMs),
                                               [&] { return inside_ >= count; });
        CHECK(arrived, "the operations did not start");
    }
    int inside() {
        const std::lock_guard lock(mutex_);
        return inside_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int inside_ = 0;
    bool open_ = false;
};

using Call =
    std::function<Result<void>(const Context&, std::string_view request, std::string& response)>;

class JobTest : public testing::Test {
protected:
    JobTest() {
        const store::MigrationText jobs(store::migrations_of("api"), "0001_jobs");
        const store::MigrationText field(store::migrations_of("api"), "0002_job_error_field");
        const std::vector<store::Migration> migrations{
            {"store", 1, "events", store::event_migration().up, store::event_migration().down},
            {"api", 1, "jobs", jobs.up, jobs.down},
            {"api", 2, "job_error_field", field.up, field.down}};
        CHECK(store::Migrator(path_, migrations, clock_).up() == 3, "not migrated");
        open();
        context_.tenant = "t";
        context_.actor = "somebody";
        context_.name_space = "space";
        context_.scopes = Scopes({"a:read", "b:*"});
        context_.request_id = ids_.make<RequestId>();
    }

    void open() {
        database_ = store::open_or_die(store::at_path(path_), clock_, metrics_);
        jobs_ = std::make_unique<Jobs>(*database_, catalog_, clock_, ids_, metrics_);
    }

    Operation& add(const std::string& verb, Call call) {
        Operation operation;
        operation.module = "test";
        operation.verb = verb;
        operation.name = "test." + verb;
        operation.summary = "Test";
        operation.path = "/v1/test/" + verb;
        operation.scope = "test:write";
        operation.mcp_name = "test_" + verb;
        operation.effect = Effect::write;
        operation.lane = Lane::background;
        operation.request = &shape_of<Empty>();
        operation.response = &shape_of<Empty>();
        operation.call = std::move(call);
        return catalog_.add(std::move(operation));
    }

    Job submit(const Operation& operation, std::string_view request = "{}") {
        auto job = jobs_->submit(context_, operation, request);
        CHECK(job, "not submitted");
        return *job;
    }

    Job finished(const JobId& id) {
        auto job = jobs_->wait(context_, id, kPatienceMs);
        CHECK(job, "no job");
        return *job;
    }

    // Operations can be found once the catalog is frozen.
    Result<void> start(int threads) {
        if (!std::exchange(frozen_, true)) {
            catalog_.freeze();
        }
        return jobs_->start(threads);
    }

    // Marks a queued job as running under a process that died.
    void pretend_running(const JobId& id, int attempts) {
        CHECK(database_->write([&](store::Tx& tx) {
            return tx.run(
                "UPDATE job SET state = 'running', attempts = $3"
                " WHERE tenant = $1 AND id = $2",
                "t", id, attempts);
        }),
              "not changed");
    }

    // What the table still holds of what was asked.
    std::string stored_request(const JobId& id) {
        const auto rows = database_->read([&](store::Tx& tx) {
            return tx.query("SELECT request FROM job WHERE tenant = $1 AND id = $2", "t", id);
        });
        CHECK(rows && rows->size() == 1, "no job");
        return std::string(rows->text(0, 0));
    }

    std::vector<std::string> states_told(const JobId& id) {
        std::vector<std::string> states;
        const auto events = database_->read([](store::Tx& tx) {
            return store::EventLog::read(tx, "t", 0, {"job_changed"}, 1'000);
        });
        CHECK(events, "no events");
        for (const auto& event : *events) {
            const auto changed = from_json<JobChanged>(event.body.text);
            CHECK(changed, "no JobChanged");
            if (changed->id == id) {
                states.push_back(
                    shape_of<JobState>().enumerators[static_cast<std::size_t>(changed->state)]);
            }
        }
        return states;
    }

    store::TemporaryDirectory directory_;
    std::string path_ = directory_.file("jobs.db");
    SystemClock clock_;
    SeededRandom random_{7};
    IdMaker ids_{clock_, random_};
    Metrics metrics_;
    Catalog catalog_;
    bool frozen_ = false;
    Context context_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<Jobs> jobs_;
};

}  // namespace credence
