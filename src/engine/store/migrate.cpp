#include "engine/store/migrate.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/store/file_lock.h"
#include "engine/store/sqlite_connection.h"

namespace credence::store {
namespace {

constexpr std::string_view kCreateTable =
    "CREATE TABLE IF NOT EXISTS migration (module TEXT NOT NULL, number BIGINT NOT NULL,"
    " name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at_us BIGINT NOT NULL,"
    " PRIMARY KEY (module, number))";

using Key = std::pair<std::string, std::int64_t>;
struct Applied {
    std::string checksum;
    std::int64_t at_us = 0;
};
using AppliedMap = std::map<Key, Applied>;

struct Session {
    FileLock lock;  // a restore must not swap the file under a migration
    std::unique_ptr<SqliteConnection> connection;
};

// The separator keeps "text moved from up to down" from having the same sum.
std::string checksum_of(const Migration& migration) {
    std::string text(migration.up);
    text.push_back('\0');
    text += migration.down;
    return sha256_hex(text);
}

Key key_of(const Migration& migration) {
    return {std::string(migration.module), migration.number};
}

std::string label_of(std::string_view module, std::int64_t number) {
    return std::string(module) + "/" + std::to_string(number);
}

void check_numbers(std::span<const Migration> migrations) {
    std::map<std::string_view, int> last;
    for (const Migration& migration : migrations) {
        CHECK(migration.number == ++last[migration.module],
              "migrations are numbered 1, 2, 3, … within their module");
    }
}

Result<Session> open_session(const std::string& path) {
    Session session;
    TRY(make_parent_directory(path));
    session.lock = TRY(FileLock::take(path, FileLock::Mode::shared));
    TRY(make_private_file(path));
    ConnectionOptions options;
    options.path = path;
    session.connection = TRY(SqliteConnection::open(options));
    return session;
}

Result<AppliedMap> read_applied(SqliteConnection& connection) {
    AppliedMap applied;
    if (!TRY(connection.has_table("migration"))) {
        return applied;
    }
    const Rows rows =
        TRY(connection.query("SELECT module, number, checksum, applied_at_us FROM migration", {}));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        applied[{rows.text(i, 0), rows.integer(i, 1)}] = {rows.text(i, 2), rows.integer(i, 3)};
    }
    return applied;
}

// An edited or unknown migration means program and database do not belong together; a missing one
// below an applied one means somebody changed the records.
Result<void> check_applied(const AppliedMap& applied, std::span<const Migration> migrations) {
    std::size_t known = 0;
    std::map<std::string_view, bool> gap;
    for (const Migration& migration : migrations) {
        const auto found = applied.find(key_of(migration));
        if (found == applied.end()) {
            gap[migration.module] = true;
            continue;
        }
        ++known;
        if (found->second.checksum != checksum_of(migration)) {
            return fail(Code::conflict, "migration " +
                                            label_of(migration.module, migration.number) +
                                            " was edited after it was applied");
        }
        if (gap[migration.module]) {
            return fail(Code::conflict, "migration " +
                                            label_of(migration.module, migration.number) +
                                            " is applied, but one before it is not");
        }
    }
    if (known == applied.size()) {
        return {};
    }
    for (const auto& [key, record] : applied) {
        const bool is_known = std::any_of(migrations.begin(), migrations.end(),
                                          [&](const Migration& m) { return key_of(m) == key; });
        if (!is_known) {
            return fail(Code::conflict,
                        "the database is newer than this program: it has migration " +
                            label_of(key.first, key.second));
        }
    }
    return {};
}

// Runs work between BEGIN EXCLUSIVE and COMMIT. Being killed anywhere leaves before or after.
template <class Work>
Result<void> in_transaction(SqliteConnection& connection, Work&& work) {
    TRY(connection.control("BEGIN EXCLUSIVE"));
    auto result = work();
    if (result) {
        result = connection.control("COMMIT");
    }
    if (!result && connection.in_transaction()) {
        TRY(connection.control("ROLLBACK"));
    }
    return result;
}

Result<void> run_text(SqliteConnection& connection, const Migration& migration,
                      std::string_view text) {
    if (auto done = connection.run_script(std::string(text)); !done) {
        return fail(done.error().code, "migration " + label_of(migration.module, migration.number) +
                                           " failed: " + done.error().message);
    }
    return {};
}

Result<void> apply(SqliteConnection& connection, const Migration& migration, std::int64_t now_us) {
    TRY(run_text(connection, migration, migration.up));
    const std::string checksum = checksum_of(migration);
    const Parameter parameters[] = {migration.module, migration.number, migration.name, checksum,
                                    now_us};
    TRY(
        connection.run("INSERT INTO migration (module, number, name, checksum, applied_at_us)"
                       " VALUES ($1, $2, $3, $4, $5)",
                       parameters));
    return {};
}

Result<void> undo(SqliteConnection& connection, const Migration& migration) {
    TRY(run_text(connection, migration, migration.down));
    const Parameter parameters[] = {migration.module, migration.number};
    TRY(connection.run("DELETE FROM migration WHERE module = $1 AND number = $2", parameters));
    return {};
}

}  // namespace

void describe(Describe<MigrationState>& d) {
    d.field<&MigrationState::module>("Module the migration belongs to");
    d.field<&MigrationState::number>("Its place in the module, from 1");
    d.field<&MigrationState::name>("What it is about");
    d.field<&MigrationState::applied>("Whether the database has it");
    d.field<&MigrationState::applied_at_us>("When it was applied, 0 when it was not");
    d.field<&MigrationState::checksum>("SHA-256 of its text");
}

Migrator::Migrator(std::string sqlite_path, std::span<const Migration> migrations,
                   const Clock& clock)
    : path_(std::move(sqlite_path)), migrations_(migrations), clock_(clock) {
    check_numbers(migrations_);
}

Result<std::vector<MigrationState>> Migrator::status() {
    AppliedMap applied;
    struct stat file{};
    // Asking must not create a database.
    if (::stat(path_.c_str(), &file) == 0) {
        Session session = TRY(open_session(path_));
        applied = TRY(read_applied(*session.connection));
    }
    TRY(check_applied(applied, migrations_));
    std::vector<MigrationState> states;
    for (const Migration& migration : migrations_) {
        MigrationState& state = states.emplace_back();
        state.module = migration.module;
        state.number = migration.number;
        state.name = migration.name;
        state.checksum = checksum_of(migration);
        if (const auto found = applied.find(key_of(migration)); found != applied.end()) {
            state.applied = true;
            state.applied_at_us = found->second.at_us;
        }
    }
    return states;
}

Result<int> Migrator::up() {
    Session session = TRY(open_session(path_));
    SqliteConnection& connection = *session.connection;
    // The usual start, with nothing to do, must not wait for the write lock.
    const AppliedMap before = TRY(read_applied(connection));
    TRY(check_applied(before, migrations_));
    if (before.size() == migrations_.size()) {
        return 0;
    }
    int count = 0;
    for (const Migration& migration : migrations_) {
        TRY(in_transaction(connection, [&]() -> Result<void> {
            // Read again under the lock: another process may have been faster.
            TRY(connection.run(kCreateTable, {}));
            const AppliedMap applied = TRY(read_applied(connection));
            TRY(check_applied(applied, migrations_));
            if (applied.contains(key_of(migration))) {
                return {};
            }
            TRY(apply(connection, migration, clock_.now_us()));
            ++count;
            return {};
        }));
    }
    log::info("migrations applied", {{"count", count}});
    return count;
}

Result<int> Migrator::down(std::string_view module, int steps) {
    if (steps < 1) {
        return fail(Code::invalid, "must be at least 1", "steps");
    }
    const auto is_of_module = [&](const Migration& m) { return m.module == module; };
    if (std::none_of(migrations_.begin(), migrations_.end(), is_of_module)) {
        return fail(Code::not_found, "no module of this name has migrations", "module");
    }
    Session session = TRY(open_session(path_));
    SqliteConnection& connection = *session.connection;
    int count = 0;
    for (auto i = migrations_.rbegin(); i != migrations_.rend() && count < steps; ++i) {
        if (!is_of_module(*i)) {
            continue;
        }
        TRY(in_transaction(connection, [&]() -> Result<void> {
            const AppliedMap applied = TRY(read_applied(connection));
            TRY(check_applied(applied, migrations_));
            if (!applied.contains(key_of(*i))) {
                return {};
            }
            TRY(undo(connection, *i));
            ++count;
            return {};
        }));
    }
    log::info("migrations undone", {{"module", module}, {"count", count}});
    return count;
}

}  // namespace credence::store
