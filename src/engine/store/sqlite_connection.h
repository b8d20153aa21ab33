// One SQLite connection and its prepared statements: the only code that talks to the library,
// except backup. Not thread-safe: one thread at a time.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "engine/store/database.h"
#include "engine/store/value.h"

struct sqlite3;
struct sqlite3_stmt;

namespace credence::store {

// When trying again makes sense after the store was too busy.
inline constexpr std::int64_t kRetryAfterMs = 1'000;

enum class Access : std::uint8_t {
    write,      // creates the file; WAL
    read,       // of a store that others write: query_only
    read_file,  // of a file at rest (a backup): nothing is changed, journal included
};

struct ConnectionOptions {
    std::string path;
    Access access = Access::write;
    bool full_sync = true;
    std::int64_t busy_timeout_ms = 10'000;
};

class SqliteConnection {
public:
    static constexpr std::size_t kMaxStatements = 256;          // prepared and kept
    static constexpr std::size_t kMaxResultBytes = 512u << 20;  // of one query; more: too_large

    // Code::unavailable when it cannot be opened.
    static Result<std::unique_ptr<SqliteConnection>> open(const ConnectionOptions& options);
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    // One statement with $1… parameters; errors as in database.h. Transaction control, PRAGMA and
    // ATTACH are refused here: they belong to the engine.
    Result<std::int64_t> run(std::string_view sql, std::span<const Parameter> parameters);
    Result<Rows> query(std::string_view sql, std::span<const Parameter> parameters);
    // The same, but only for statements that change nothing.
    Result<Rows> query_read_only(std::string_view sql, std::span<const Parameter> parameters);
    // Several statements of foreign text (a migration), under the same restrictions.
    Result<void> run_script(const std::string& sql);
    // The engine's own BEGIN, COMMIT, PRAGMA …, prepared once.
    Result<void> control(std::string_view sql);
    Result<Rows> control_query(std::string_view sql);

    bool in_transaction() const;
    // COMMIT was refused by a deferred constraint, so the transaction is still open.
    bool last_error_was_constraint() const;
    std::int64_t last_insert_seq() const;
    // Rows ever changed on this connection: tells whether a closure wrote at all.
    std::int64_t total_changes() const;
    Result<bool> has_table(std::string_view name);
    sqlite3* handle() { return database_; }

private:
    struct Statement;

    explicit SqliteConnection(sqlite3* database);
    Result<void> configure(const ConnectionOptions& options);
    Result<Statement*> prepare(std::string_view sql);
    Result<Rows> query_statement(Statement& statement, std::span<const Parameter> parameters);
    Result<void> read_rows(Statement& statement, Rows& rows);
    Error error_now(std::string_view sql);
    static int authorize(void* self, int action, const char*, const char*, const char*,
                         const char*);

    sqlite3* database_;
    bool trusted_ = false;  // the statement being prepared is the engine's own
    int last_code_ = 0;
    std::unordered_map<std::string_view, std::unique_ptr<Statement>> statements_;
    std::list<Statement*> recent_;  // front: used last
};

}  // namespace credence::store
