#include "engine/store/sqlite_connection.h"

#include <sqlite3.h>

#include <array>
#include <charconv>

#include "base/check.h"
#include "base/log.h"
#include "engine/store/database.h"

namespace credence::store {
namespace {

// The first switch to write-ahead logging needs the file alone, and SQLite does not ask the busy
// handler for it: two programs that open a new store at once have to take turns. What goes wrong
// otherwise, the caller hears when it asks for the mode again.
void enter_wal(sqlite3* database, std::int64_t busy_timeout_ms) {
    constexpr int kRetryMs = 5;
    for (std::int64_t waited_ms = 0; waited_ms < busy_timeout_ms; waited_ms += kRetryMs) {
        const int code =
            sqlite3_exec(database, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
        if ((code & 0xff) != SQLITE_BUSY) {
            return;
        }
        sqlite3_sleep(kRetryMs);
    }
}

Error error_for(int code) {
    switch (code) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
            return {Code::conflict, "a record with this key already exists", {}, 0};
        case SQLITE_CONSTRAINT_FOREIGNKEY:
            return {Code::conflict, "the record is tied to another one", {}, 0};
        default:
            break;
    }
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {Code::unavailable, "the store is busy", {}, kRetryAfterMs};
        case SQLITE_FULL:
        case SQLITE_IOERR:
            return {Code::unavailable, "the store's disk is full or failing", {}, kRetryAfterMs};
        case SQLITE_CANTOPEN:
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
            return {Code::unavailable, "the store cannot be read", {}, 0};
        default:
            return {Code::internal, "the store refused a statement", {}, 0};
    }
}

int bind(sqlite3_stmt* statement, int position, const Parameter& parameter) {
    return std::visit(
        [&](const auto& value) {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<T, std::nullptr_t>) {
                return sqlite3_bind_null(statement, position);
            } else if constexpr (std::is_same_v<T, std::int64_t>) {
                return sqlite3_bind_int64(statement, position, value);
            } else if constexpr (std::is_same_v<T, double>) {
                return sqlite3_bind_double(statement, position, value);
            } else {
                // A null pointer would bind NULL: an empty view is empty text.
                const char* data = value.empty() ? "" : value.data();
                return sqlite3_bind_text64(statement, position, data, value.size(), SQLITE_STATIC,
                                           SQLITE_UTF8);
            }
        },
        parameter.value());
}

Cell read_column(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_INTEGER:
            return sqlite3_column_int64(statement, column);
        case SQLITE_FLOAT:
            return sqlite3_column_double(statement, column);
        case SQLITE_NULL:
            return nullptr;
        default: {
            const void* data = sqlite3_column_blob(statement, column);
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
            return data == nullptr ? std::string()
                                   : std::string(static_cast<const char*>(data), size);
        }
    }
}

}  // namespace

struct SqliteConnection::Statement {
    std::string sql;
    sqlite3_stmt* handle = nullptr;
    bool trusted = false;
    std::vector<int> positions;  // of $1, $2, …
    std::list<Statement*>::iterator recent;

    Statement() = default;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() { sqlite3_finalize(handle); }

    // Parameters are borrowed: they must not stay bound when the call is over.
    void rest() {
        sqlite3_reset(handle);
        sqlite3_clear_bindings(handle);
    }
};

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const ConnectionOptions& options) {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    flags |= options.access == Access::write  ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
             : options.access == Access::read ? SQLITE_OPEN_READWRITE
                                              : SQLITE_OPEN_READONLY;
    sqlite3* database = nullptr;
    const int code = sqlite3_open_v2(options.path.c_str(), &database, flags, nullptr);
    std::unique_ptr<SqliteConnection> connection(new SqliteConnection(database));
    if (code != SQLITE_OK) {
        log::error("database cannot be opened",
                   {{"path", options.path}, {"problem", sqlite3_errstr(code)}});
        return fail(Code::unavailable, "the store cannot be opened");
    }
    sqlite3_extended_result_codes(database, 1);
    const auto configured = connection->configure(options);
    if (!configured) {
        return fail(Code::unavailable, "the store cannot be opened: " + configured.error().message);
    }
    return connection;
}

SqliteConnection::SqliteConnection(sqlite3* database) : database_(database) {}

SqliteConnection::~SqliteConnection() {
    statements_.clear();
    sqlite3_close_v2(database_);
}

Result<void> SqliteConnection::configure(const ConnectionOptions& options) {
    sqlite3_busy_timeout(database_, static_cast<int>(options.busy_timeout_ms));
    if (options.access == Access::write) {
        enter_wal(database_, options.busy_timeout_ms);  // before PRAGMA is reserved
    }
    sqlite3_set_authorizer(database_, &SqliteConnection::authorize, this);
    TRY(control_query("PRAGMA trusted_schema = OFF"));
    TRY(control_query("PRAGMA foreign_keys = ON"));
    TRY(control_query("PRAGMA temp_store = MEMORY"));
    if (options.access == Access::read_file) {
        return {};
    }
    // 4000 pages: a checkpoint every 16 MiB; with indexes this doubles the row rate against the
    // default of 1000, and bounds the log that a restart has to read.
    TRY(control_query("PRAGMA wal_autocheckpoint = 4000"));
    TRY(control_query("PRAGMA journal_size_limit = 67108864"));
    if (options.access == Access::read) {
        TRY(control_query("PRAGMA cache_size = -4096"));
        TRY(control_query("PRAGMA query_only = ON"));
        return {};
    }
    TRY(control_query("PRAGMA cache_size = -16384"));
    const Rows mode = TRY(control_query("PRAGMA journal_mode = WAL"));
    const bool in_memory = options.path == ":memory:";
    if (mode.size() != 1 || mode.text(0, 0) != (in_memory ? "memory" : "wal")) {
        return fail(Code::unavailable, "write-ahead logging is not possible here");
    }
    TRY(control_query(options.full_sync ? "PRAGMA synchronous = FULL"
                                        : "PRAGMA synchronous = NORMAL"));
    return {};
}

int SqliteConnection::authorize(void* self, int action, const char* name, const char* argument,
                                const char*, const char*) {
    if (static_cast<SqliteConnection*>(self)->trusted_) {
        return SQLITE_OK;
    }
    // Full-text tables ask for it themselves; it only reads a counter.
    if (action == SQLITE_PRAGMA && argument == nullptr && name != nullptr &&
        std::string_view(name) == "data_version") {
        return SQLITE_OK;
    }
    const bool reserved = action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT ||
                          action == SQLITE_PRAGMA || action == SQLITE_ATTACH ||
                          action == SQLITE_DETACH;
    return reserved ? SQLITE_DENY : SQLITE_OK;
}

Error SqliteConnection::error_now(std::string_view sql) {
    last_code_ = sqlite3_extended_errcode(database_);
    Error error = error_for(last_code_);
    if (error.code != Code::conflict) {
        log::error("database statement failed", {{"problem", sqlite3_errmsg(database_)},
                                                 {"code", last_code_},
                                                 {"sql", sql.substr(0, 500)}});
    }
    return error;
}

Result<SqliteConnection::Statement*> SqliteConnection::prepare(std::string_view sql) {
    if (const auto found = statements_.find(sql); found != statements_.end()) {
        Statement& statement = *found->second;
        if (statement.trusted && !trusted_) {
            return fail(Code::internal, "the store refused a statement");
        }
        recent_.splice(recent_.begin(), recent_, statement.recent);
        return &statement;
    }
    auto statement = std::make_unique<Statement>();
    statement->sql = sql;
    statement->trusted = trusted_;
    const char* tail = nullptr;
    const int code = sqlite3_prepare_v3(database_, statement->sql.c_str(),
                                        static_cast<int>(statement->sql.size() + 1),
                                        SQLITE_PREPARE_PERSISTENT, &statement->handle, &tail);
    if (code != SQLITE_OK) {
        return std::unexpected(error_now(sql));
    }
    if (statement->handle == nullptr || !trim(tail).empty()) {
        log::error("one statement at a time", {{"sql", sql.substr(0, 500)}});
        return fail(Code::internal, "the store refused a statement");
    }
    const int count = sqlite3_bind_parameter_count(statement->handle);
    for (int i = 1; i <= count; ++i) {
        const std::string name = "$" + std::to_string(i);
        statement->positions.push_back(
            sqlite3_bind_parameter_index(statement->handle, name.c_str()));
    }
    if (statements_.size() >= kMaxStatements) {
        statements_.erase(recent_.back()->sql);
        recent_.pop_back();
    }
    recent_.push_front(statement.get());
    statement->recent = recent_.begin();
    Statement* const borrowed = statement.get();
    statements_.emplace(borrowed->sql, std::move(statement));
    return borrowed;
}

Result<void> SqliteConnection::read_rows(Statement& statement, Rows& rows) {
    std::size_t bytes = 0;
    while (true) {
        const int code = sqlite3_step(statement.handle);
        if (code != SQLITE_ROW && code != SQLITE_DONE) {
            return std::unexpected(error_now(statement.sql));
        }
        if (rows.columns.empty()) {
            // Only after the first step: a changed schema may have recompiled the statement.
            for (int i = 0; i < sqlite3_column_count(statement.handle); ++i) {
                rows.columns.emplace_back(sqlite3_column_name(statement.handle, i));
            }
        }
        if (code == SQLITE_DONE) {
            return {};
        }
        if (rows.cells.size() == Rows::kMaxRows) {
            return fail(Code::too_large, "the query has too many rows");
        }
        auto& row = rows.cells.emplace_back();
        row.reserve(rows.columns.size());
        for (int i = 0; i < static_cast<int>(rows.columns.size()); ++i) {
            row.push_back(read_column(statement.handle, i));
            bytes += static_cast<std::size_t>(sqlite3_column_bytes(statement.handle, i));
        }
        if (bytes > kMaxResultBytes) {
            return fail(Code::too_large, "the query has too much data");
        }
    }
}

Result<Rows> SqliteConnection::query_statement(Statement& statement,
                                               std::span<const Parameter> parameters) {
    if (parameters.size() != statement.positions.size()) {
        log::error("wrong number of parameters", {{"sql", statement.sql.substr(0, 500)},
                                                  {"given", parameters.size()},
                                                  {"needed", statement.positions.size()}});
        return fail(Code::internal, "the store refused a statement");
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (bind(statement.handle, statement.positions[i], parameters[i]) != SQLITE_OK) {
            Error error = error_now(statement.sql);
            statement.rest();
            return std::unexpected(std::move(error));
        }
    }
    Rows rows;
    const auto read = read_rows(statement, rows);
    statement.rest();
    if (!read) {
        return std::unexpected(read.error());
    }
    return rows;
}

Result<Rows> SqliteConnection::query(std::string_view sql, std::span<const Parameter> parameters) {
    Statement* const statement = TRY(prepare(sql));
    return query_statement(*statement, parameters);
}

Result<Rows> SqliteConnection::query_read_only(std::string_view sql,
                                               std::span<const Parameter> parameters) {
    Statement* const statement = TRY(prepare(sql));
    if (sqlite3_stmt_readonly(statement->handle) == 0) {
        log::error("a read tried to write", {{"sql", sql.substr(0, 500)}});
        return fail(Code::internal, "the store refused a statement");
    }
    return query_statement(*statement, parameters);
}

Result<std::int64_t> SqliteConnection::run(std::string_view sql,
                                           std::span<const Parameter> parameters) {
    const std::int64_t before = total_changes();
    TRY(query(sql, parameters));
    // sqlite3_changes keeps the figure of an earlier statement after one that changes no rows.
    return total_changes() == before ? 0 : sqlite3_changes64(database_);
}

Result<void> SqliteConnection::run_script(const std::string& sql) {
    if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return std::unexpected(error_now(sql));
    }
    return {};
}

Result<void> SqliteConnection::control(std::string_view sql) {
    TRY(control_query(sql));
    return {};
}

Result<Rows> SqliteConnection::control_query(std::string_view sql) {
    trusted_ = true;
    auto prepared = prepare(sql);
    if (!prepared) {
        trusted_ = false;
        return std::unexpected(prepared.error());
    }
    // Stays trusted while stepping: a changed schema makes the library prepare again.
    auto rows = query_statement(**prepared, {});
    trusted_ = false;
    return rows;
}

bool SqliteConnection::in_transaction() const {
    return sqlite3_get_autocommit(database_) == 0;
}

bool SqliteConnection::last_error_was_constraint() const {
    return (last_code_ & 0xff) == SQLITE_CONSTRAINT;
}

std::int64_t SqliteConnection::last_insert_seq() const {
    return sqlite3_last_insert_rowid(database_);
}

std::int64_t SqliteConnection::total_changes() const {
    return sqlite3_total_changes64(database_);
}

Result<bool> SqliteConnection::has_table(std::string_view name) {
    const Parameter parameters[] = {Parameter(name)};
    const Rows rows =
        TRY(query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1", parameters));
    return !rows.empty();
}

}  // namespace credence::store
