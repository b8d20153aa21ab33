// Numbered schema changes per module, up and down, each in one transaction with its record.
//
// Table migration(module, number, name, checksum, applied_at_us). An applied migration whose
// embedded text changed is refused. Only one process migrates at a time (BEGIN EXCLUSIVE).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/shape.h"

namespace credence::store {

// One embedded migration. Texts are static.
struct Migration {
    std::string_view module;  // "trust"; "store" for the engine's own tables
    int number = 0;           // 1, 2, 3, … without gaps per module
    std::string_view name;    // "claims"
    std::string_view up;
    std::string_view down;
};

struct MigrationState {
    std::string module;
    std::int64_t number = 0;
    std::string name;
    bool applied = false;
    std::int64_t applied_at_us = 0;
    std::string checksum;  // SHA-256 of the up and down text
};
void describe(Describe<MigrationState>&);

class Migrator {
public:
    // The migrations must outlive the migrator. Works on its own connection to the SQLite file.
    Migrator(std::string sqlite_path, std::span<const Migration> migrations, const Clock& clock);

    // Every known migration. Code::conflict when the database is newer than this program or an
    // applied migration was edited.
    Result<std::vector<MigrationState>> status();
    // Applies what is missing, in order; the number applied.
    Result<int> up();
    // Undoes the newest `steps` migrations of one module; the number undone.
    Result<int> down(std::string_view module, int steps);

private:
    std::string path_;
    std::span<const Migration> migrations_;
    const Clock& clock_;
};

}  // namespace credence::store
