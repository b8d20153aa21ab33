// For tests: a store with the module's tables, a log written by hand, and the fold of it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/units.h"
#include "capabilities/skills/record/user_names.h"
#include "capabilities/skills/skills_parts.h"
#include "capabilities/skills/state/ledger.h"
#include "engine/store/event.h"
#include "engine/store/testing.h"

namespace credence::skills {

struct LoggedUse {
    std::string user = {};  // empty: unknown
    std::string skill_name = {};
    bool completed = true;
    std::int64_t at_us = 0;  // 0: now
    std::optional<double> duration_seconds = {};
    std::string workflow_phase = {};
    std::string session_id = "s1";
};

class LogFixture : public ::testing::Test {
protected:
    static constexpr std::int64_t kStartUs = 1'735'689'600'000'000;  // 2025-01-01

    void SetUp() override {
        log::set_level(log::Level::off);
        const std::string folder = store::migrations_of("capabilities/skills");
        std::vector<store::Migration> migrations{
            {"store", 1, "events", store::event_migration().up, store::event_migration().down}};
        const std::vector<std::string> stems{"0001_core", "0002_search", "0003_phases",
                                             "0004_phase4_extensions"};
        std::vector<store::MigrationText> texts;
        texts.reserve(stems.size());
        for (const std::string& stem : stems) {
            texts.emplace_back(folder, stem);
            migrations.push_back({"skills", static_cast<int>(texts.size()), stem.substr(5),
                                  texts.back().up, texts.back().down});
        }
        const std::string path = directory_.file("test.db");
        const auto migrated = store::Migrator(path, migrations, clock_).up();
        ASSERT_TRUE(migrated.has_value()) << migrated.error().message;
        store::SqliteOptions options = store::at_path(path);
        options.full_sync = false;  // the tests are not about power cuts
        database_ = store::open_or_die(options, clock_, metrics_);
        auto names = UserNames::open("", random_);
        ASSERT_TRUE(names.has_value());
        names_ = std::make_unique<UserNames>(*std::move(names));
        ledger_ = std::make_unique<Ledger>(*database_, clock_, metrics_, settings_);
    }

    void TearDown() override {
        ledger_.reset();
        database_.reset();
    }

    Context context(const std::string& tenant = "default") const {
        Context out;
        out.tenant = tenant;
        out.scopes = Scopes::all();
        return out;
    }

    void write(const std::vector<LoggedUse>& uses, const std::string& tenant = "default") {
        const auto written = database_->write([&](store::Tx& tx) -> Result<void> {
            for (const LoggedUse& use : uses) {
                const std::optional<std::string> user =
                    use.user.empty() ? std::nullopt : std::optional(names_->hash(tenant, use.user));
                const std::optional<std::string> phase =
                    use.workflow_phase.empty() ? std::nullopt : std::optional(use.workflow_phase);
                const std::int64_t at_us = use.at_us == 0 ? clock_.now_us() : use.at_us;
                TRY(
                    tx.run("INSERT INTO skill_invocation (tenant, skill_name, invoked_at_us, "
                           "session_id, user_id, completed, duration_seconds, workflow_phase, "
                           "created_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                           tenant, use.skill_name, at_us, use.session_id, user, use.completed,
                           use.duration_seconds, phase, clock_.now_us()));
            }
            return {};
        });
        ASSERT_TRUE(written.has_value()) << written.error().message;
    }

    void execute(const std::string& sql) {
        const auto done = database_->write([&](store::Tx& tx) -> Result<void> {
            TRY(tx.run(sql));
            return {};
        });
        ASSERT_TRUE(done.has_value()) << done.error().message;
    }

    std::vector<store::StoredEvent> events(const std::string& name,
                                           const std::string& tenant = "default") {
        auto read = database_->read(
            [&](store::Tx& tx) { return store::EventLog::read(tx, tenant, 0, {name}, 1000); });
        EXPECT_TRUE(read.has_value());
        return read.value_or(std::vector<store::StoredEvent>());
    }

    store::TemporaryDirectory directory_;
    ManualClock clock_{kStartUs};
    SeededRandom random_{7};
    IdMaker ids_{clock_, random_};
    Metrics metrics_;
    SkillsSettings settings_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<UserNames> names_;
    std::unique_ptr<Ledger> ledger_;
};

// The code of a failed result; fails the test when it succeeded.
template <class T>
Code code_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? Code::internal : result.error().code;
}

template <class T>
std::string field_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? "" : result.error().field;
}

}  // namespace credence::skills
