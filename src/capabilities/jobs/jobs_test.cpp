#include "capabilities/jobs/jobs.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/text.h"
#include "engine/store/migrate.h"
#include "engine/store/sqlite.h"

namespace credence::jobs {
namespace {

constexpr std::size_t kMaxSqlBytes = 1 << 20;
constexpr std::int64_t kStartUs = 1'735'689'600'000'000;  // 2025-01-01

std::string source(std::string_view path) {
    const auto root = std::filesystem::path(CREDENCE_SOURCE_ROOT);
    auto text = read_file((root / path).string(), kMaxSqlBytes);
    EXPECT_TRUE(text.has_value()) << path;
    return text.value_or("");
}

// The service over real jobs that no worker takes up: they stay queued.
class JobsTest : public ::testing::Test {
protected:
    void SetUp() override {
        log::set_level(log::Level::off);
        std::string pattern = (std::filesystem::temp_directory_path() / "jobs_XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
        const std::string events_up = source("engine/store/migrations/0001_events.up.sql");
        const std::string events_down = source("engine/store/migrations/0001_events.down.sql");
        const std::string jobs_up = source("api/migrations/0001_jobs.up.sql");
        const std::string jobs_down = source("api/migrations/0001_jobs.down.sql");
        const std::string field_up = source("api/migrations/0002_job_error_field.up.sql");
        const std::string field_down = source("api/migrations/0002_job_error_field.down.sql");
        const std::vector<store::Migration> migrations = {
            {"store", 1, "events", events_up, events_down},
            {"api", 1, "jobs", jobs_up, jobs_down},
            {"api", 2, "job_error_field", field_up, field_down},
        };
        store::SqliteOptions options;
        options.path = (directory_ / "test.db").string();
        options.full_sync = false;  // the tests are not about power cuts
        ASSERT_TRUE(store::Migrator(options.path, migrations, clock_).up().has_value());
        auto opened = store::open_sqlite(options, clock_, metrics_);
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        database_ = *std::move(opened);
        scan_ = &add("guard", "guard:write");
        catalog_.freeze();
        desk_ = std::make_unique<credence::Jobs>(*database_, catalog_, clock_, ids_, metrics_);
        jobs_ = std::make_unique<Jobs>(*desk_, catalog_);
    }

    void TearDown() override {
        jobs_.reset();
        desk_.reset();
        database_.reset();
        std::filesystem::remove_all(directory_);
    }

    const Operation& add(std::string module, std::string scope) {
        Operation operation;
        operation.path = "/v1/" + module + "/slow";
        operation.module = std::move(module);
        operation.verb = "slow";
        operation.scope = std::move(scope);
        operation.lane = Lane::background;
        operation.request = &shape_of<Empty>();
        operation.response = &shape_of<Empty>();
        operation.call = [](const Context&, std::string_view, std::string&) -> Result<void> {
            return {};
        };
        return catalog_.add(std::move(operation));
    }

    static Context with(std::vector<std::string> scopes) {
        Context context;
        context.scopes = Scopes(std::move(scopes));
        return context;
    }

    Job submitted() {
        auto job = desk_->submit(with({"*"}), *scan_, "{}");
        EXPECT_TRUE(job.has_value()) << (job ? "" : job.error().message);
        return job.value_or(Job{});
    }

    std::filesystem::path directory_;
    ManualClock clock_{kStartUs};
    SeededRandom random_{3};
    IdMaker ids_{clock_, random_};
    Metrics metrics_;
    Catalog catalog_;
    const Operation* scan_ = nullptr;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<credence::Jobs> desk_;
    std::unique_ptr<Jobs> jobs_;
};

TEST_F(JobsTest, ReadsAJob) {
    const Job job = submitted();
    const auto read = jobs_->get(with({"jobs:read", "guard:write"}), GetJob{job.id});
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->id, job.id);
    EXPECT_EQ(read->operation, "guard.slow");
    EXPECT_EQ(read->state, JobState::queued);
}

TEST_F(JobsTest, AJobIsAsGuardedAsItsOperation) {
    const Job job = submitted();
    const Context curious = with({"jobs:read", "jobs:write", "guard:read"});
    const auto read = jobs_->get(curious, GetJob{job.id});
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().code, Code::forbidden);
    const auto cancelled = jobs_->cancel(curious, CancelJob{job.id});
    ASSERT_FALSE(cancelled.has_value());
    EXPECT_EQ(cancelled.error().code, Code::forbidden);
    EXPECT_EQ(jobs_->get(with({"*"}), GetJob{job.id})->state, JobState::queued);
}

TEST_F(JobsTest, CancelsOnce) {
    const Job job = submitted();
    const auto cancelled = jobs_->cancel(with({"*"}), CancelJob{job.id});
    ASSERT_TRUE(cancelled.has_value()) << cancelled.error().message;
    EXPECT_EQ(cancelled->state, JobState::cancelled);
    const auto again = jobs_->cancel(with({"*"}), CancelJob{job.id});
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, Code::conflict);
}

TEST_F(JobsTest, ListsByStateNewestFirst) {
    const Job first = submitted();
    const Job second = submitted();
    ASSERT_TRUE(jobs_->cancel(with({"*"}), CancelJob{first.id}).has_value());
    const auto all = jobs_->list(with({"*"}), ListJobs{});
    ASSERT_TRUE(all.has_value());
    ASSERT_EQ(all->jobs.size(), 2U);
    EXPECT_EQ(all->jobs[0].id, second.id);
    const auto queued = jobs_->list(with({"*"}), ListJobs{JobState::queued, 100});
    ASSERT_EQ(queued->jobs.size(), 1U);
    EXPECT_EQ(queued->jobs[0].id, second.id);
    EXPECT_EQ(jobs_->list(with({"*"}), ListJobs{{}, 1})->jobs.size(), 1U);
}

TEST_F(JobsTest, AnotherTenantSeesNothing) {
    const Job job = submitted();
    Context stranger = with({"*"});
    stranger.tenant = "acme";
    EXPECT_TRUE(jobs_->list(stranger, ListJobs{})->jobs.empty());
    const auto read = jobs_->get(stranger, GetJob{job.id});
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().code, Code::not_found);
}

}  // namespace
}  // namespace credence::jobs
