// For tests: a store of its own with every table of the module.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/metrics.h"
#include "base/random.h"
#include "engine/store/testing.h"

namespace credence::skills {

inline constexpr std::int64_t kTestStartUs = 1'735'689'600'000'000;  // 2025-01-01

class SkillsStore {
public:
    explicit SkillsStore(bool full_sync = false) {
        static const store::MigrationText core(folder(), "0001_core");
        static const store::MigrationText search(folder(), "0002_search");
        static const store::MigrationText phases(folder(), "0003_phases");
        static const store::MigrationText extensions(folder(), "0004_phase4_extensions");
        const auto& events = store::event_migration();
        const std::vector<store::Migration> migrations = {
            {"store", 1, "events", events.up, events.down},
            {"skills", 1, "core", core.up, core.down},
            {"skills", 2, "search", search.up, search.down},
            {"skills", 3, "phases", phases.up, phases.down},
            {"skills", 4, "phase4_extensions", extensions.up, extensions.down},
        };
        const auto migrated = store::Migrator(path(), migrations, clock).up();
        CHECK(migrated, "the tables of skills could not be made");
        database = open(full_sync);
    }

    // Another connection to the same file, as another process would have it.
    std::unique_ptr<store::Database> open(bool full_sync = false) {
        store::SqliteOptions options = store::at_path(path());
        options.full_sync = full_sync;
        return store::open_or_die(options, clock, metrics);
    }

    std::string path() const { return directory.file("test.db"); }

    store::TemporaryDirectory directory;
    ManualClock clock{kTestStartUs};
    SeededRandom random{7};
    IdMaker ids{clock, random};
    Metrics metrics;
    std::unique_ptr<store::Database> database;

private:
    static std::string folder() { return store::migrations_of("capabilities/skills"); }
};

}  // namespace credence::skills
