// Online backup of the store, and its way back.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/shape.h"

namespace credence::store {

struct BackupReport {
    std::string path;
    std::int64_t size_bytes = 0;
    std::int64_t tables = 0;
    std::int64_t rows = 0;
    std::int64_t last_event_seq = 0;
    std::string sha256;
};
void describe(Describe<BackupReport>&);

// Copies a consistent snapshot while the database is in use (SQLite backup API), fsyncs it, and
// renames it into place; refuses to overwrite.
Result<BackupReport> create_backup(const std::string& database_path,
                                   const std::string& backup_path);

// Integrity check, foreign keys, migration checksums readable. Code::invalid when it is damaged.
Result<BackupReport> verify_backup(const std::string& backup_path);

// Verifies, then replaces the database atomically, keeping the old file as "….before-restore".
// Code::conflict while a server has the database open.
Result<BackupReport> restore_backup(const std::string& backup_path,
                                    const std::string& database_path);

}  // namespace credence::store
