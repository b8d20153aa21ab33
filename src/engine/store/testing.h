// What tests of the store share: a temporary directory and an opened, migrated store.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/text.h"
#include "engine/store/migrate.h"
#include "engine/store/sqlite.h"

namespace credence::store {

// Gone, with all in it, at the end of the scope.
class TemporaryDirectory {
public:
    TemporaryDirectory() {
        path_ = (std::filesystem::temp_directory_path() / "store_test.XXXXXX").string();
        CHECK(::mkdtemp(path_.data()) != nullptr, "no temporary directory");
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

// A migration's texts, read from `folder`/NNNN_name.{up,down}.sql.
struct MigrationText {
    std::string up;
    std::string down;

    MigrationText(const std::string& folder, const std::string& stem) {
        constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
        const auto up_text = read_file(folder + "/" + stem + ".up.sql", kMaxBytes);
        const auto down_text = read_file(folder + "/" + stem + ".down.sql", kMaxBytes);
        CHECK(up_text && down_text, "migration not found");
        up = *up_text;
        down = *down_text;
    }
};

// The migrations of a folder of the source tree: "engine/store".
inline std::string migrations_of(const std::string& folder) {
    return CREDENCE_SOURCE_ROOT "/" + folder + "/migrations";
}

// The engine's own tables.
inline const MigrationText& event_migration() {
    static const MigrationText text(migrations_of("engine/store"), "0001_events");
    return text;
}

inline void migrate_events(const std::string& path, const Clock& clock) {
    const std::vector<Migration> migrations{
        {"store", 1, "events", event_migration().up, event_migration().down}};
    const auto applied = Migrator(path, migrations, clock).up();
    CHECK(applied, "the event tables could not be made");
}

inline std::unique_ptr<Database> open_or_die(const SqliteOptions& options, const Clock& clock,
                                             Metrics& metrics,
                                             std::function<void(std::int64_t)> on_commit = {}) {
    auto opened = open_sqlite(options, clock, metrics, std::move(on_commit));
    CHECK(opened, "the store could not be opened");
    return std::move(*opened);
}

inline SqliteOptions at_path(const std::string& path) {
    SqliteOptions options;
    options.path = path;
    return options;
}

}  // namespace credence::store
