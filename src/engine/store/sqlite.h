// Database on SQLite in WAL: one writer thread with group commit, one snapshot reader per caller.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "engine/store/database.h"

namespace credence::store {

struct SqliteOptions {
    std::string path;       // ":memory:" for a private in-memory database (tests, help)
    bool full_sync = true;  // synchronous=FULL; false: NORMAL
    int max_group = 256;    // closures per commit
    std::int64_t max_group_bytes = std::int64_t{1} << 20;
    int max_queued_writes = 10'000;  // beyond: Code::exhausted
    int max_readers = 16;
    std::int64_t busy_timeout_ms = 10'000;  // another process holds the write lock
};

// Opens, creating the file (mode 0600) if missing; no schema is created here (see migrate.h).
// Calls on_commit(last event seq) on the writer thread after each commit that emitted events.
// Destruction finishes queued writes and checkpoints. Code::unavailable when it cannot be opened.
Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options, const Clock& clock,
                                              Metrics& metrics,
                                              std::function<void(std::int64_t)> on_commit = {});

}  // namespace credence::store
