#include "engine/store/backup.h"

#include <fcntl.h>
#include <sodium.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/store/file_lock.h"
#include "engine/store/sqlite_connection.h"

namespace credence::store {
namespace {

constexpr int kPagesPerStep = 1'024;
constexpr std::size_t kCopyBytes = std::size_t{1} << 20;
constexpr int kMaxOldCopies = 99;  // of "….before-restore"

bool exists(const std::string& path) {
    struct stat status{};
    return ::lstat(path.c_str(), &status) == 0;
}

// Removed again unless it was renamed into place.
struct PartialFile {
    std::string path;
    explicit PartialFile(std::string name) : path(std::move(name)) { ::unlink(path.c_str()); }
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;
    ~PartialFile() { ::unlink(path.c_str()); }
};

Result<void> sync_file(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open() || ::fsync(file.get()) != 0) {
        return file_error("a file cannot be synced", path);
    }
    return {};
}

// Calls visit(bytes, size) for each piece of the file.
template <class Visit>
Result<void> read_pieces(const std::string& path, Visit&& visit) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) {
        return file_error("a file cannot be read", path);
    }
    std::vector<unsigned char> buffer(kCopyBytes);
    while (true) {
        const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return file_error("a file cannot be read", path);
        }
        if (got == 0) {
            return {};
        }
        TRY(visit(buffer.data(), static_cast<std::size_t>(got)));
    }
}

Result<std::string> sha256_of_file(const std::string& path) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    TRY(read_pieces(path, [&](const unsigned char* bytes, std::size_t size) -> Result<void> {
        crypto_hash_sha256_update(&state, bytes, size);
        return {};
    }));
    std::array<std::uint8_t, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256_final(&state, digest.data());
    return to_hex(digest);
}

Result<void> copy_file(const std::string& from, const std::string& to) {
    const Descriptor out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!out.is_open()) {
        return file_error("a file cannot be made", to);
    }
    TRY(read_pieces(from, [&](const unsigned char* bytes, std::size_t size) -> Result<void> {
        if (!write_all(out.get(), {reinterpret_cast<const char*>(bytes), size})) {
            return file_error("a file cannot be written", to);
        }
        return {};
    }));
    if (::fsync(out.get()) != 0) {
        return file_error("a file cannot be synced", to);
    }
    return {};
}

// Refuses to replace an existing file, also one that appeared a moment ago.
Result<void> rename_without_replacing(const std::string& from, const std::string& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
        return {};
    }
    if (errno == EEXIST) {
        return fail(Code::conflict, "the backup file exists already");
    }
    // Some file systems cannot promise it; a look before is the best there is.
    if ((errno == EINVAL || errno == ENOSYS) && !exists(to) &&
        ::rename(from.c_str(), to.c_str()) == 0) {
        return {};
    }
    return file_error("the backup cannot be put in place", to);
}

struct Closer {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using Handle = std::unique_ptr<sqlite3, Closer>;

Result<Handle> open_target(const std::string& path) {
    sqlite3* database = nullptr;
    const int code =
        sqlite3_open_v2(path.c_str(), &database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    Handle handle(database);
    if (code != SQLITE_OK) {
        return fail(Code::unavailable, "the backup file cannot be opened");
    }
    return handle;
}

Result<void> copy_pages(SqliteConnection& source, sqlite3* target) {
    sqlite3_backup* backup = sqlite3_backup_init(target, "main", source.handle(), "main");
    int code = backup == nullptr ? SQLITE_ERROR : SQLITE_OK;
    while (code == SQLITE_OK) {
        code = sqlite3_backup_step(backup, kPagesPerStep);
    }
    const int finished = sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE || finished != SQLITE_OK) {
        log::error("backup failed", {{"problem", sqlite3_errmsg(target)}, {"code", code}});
        return fail(Code::unavailable, "the backup could not be written");
    }
    // One file that needs no log beside it; opening it as a store turns WAL on again.
    if (sqlite3_exec(target, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr) !=
        SQLITE_OK) {
        return fail(Code::unavailable, "the backup could not be completed");
    }
    return {};
}

Result<void> copy_database(const std::string& database_path, const std::string& partial_path) {
    const FileLock lock = TRY(FileLock::take(database_path, FileLock::Mode::shared));
    ConnectionOptions options;
    options.path = database_path;
    options.access = Access::read;
    auto source = TRY(SqliteConnection::open(options));
    // Pins one snapshot for all steps: otherwise each write in between starts the copy anew.
    TRY(source->control("BEGIN"));
    TRY(source->control_query("SELECT COUNT(*) FROM sqlite_master"));
    TRY(make_private_file(partial_path));
    const Handle target = TRY(open_target(partial_path));
    TRY(copy_pages(*source, target.get()));
    return source->control("ROLLBACK");
}

std::unexpected<Error> damaged(const std::string& problem) {
    return fail(Code::invalid, "the backup is damaged: " + problem);
}

Result<void> check_integrity(SqliteConnection& connection) {
    const auto integrity = connection.control_query("PRAGMA integrity_check(10)");
    if (!integrity) {
        return damaged("it cannot be read");
    }
    if (integrity->size() != 1 || integrity->text(0, 0) != "ok") {
        log::error("backup fails the integrity check",
                   {{"first", integrity->empty() ? "" : integrity->text(0, 0)}});
        return damaged("it fails the integrity check");
    }
    const auto orphans = connection.control_query("PRAGMA foreign_key_check");
    if (!orphans || !orphans->empty()) {
        return damaged("records refer to others that are missing");
    }
    return {};
}

Result<void> check_migrations(SqliteConnection& connection) {
    constexpr std::size_t kHexDigits = 64;
    if (!TRY(connection.has_table("migration"))) {
        return fail(Code::invalid, "the file is not a backup of a store");
    }
    const auto rows = connection.query("SELECT checksum FROM migration", {});
    if (!rows) {
        return damaged("its migrations cannot be read");
    }
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const std::string checksum = rows->text(i, 0);
        if (checksum.size() != kHexDigits || !from_hex(checksum)) {
            return damaged("its migrations cannot be read");
        }
    }
    return {};
}

Result<void> count_rows(SqliteConnection& connection, BackupReport& report) {
    const Rows tables = TRY(connection.query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", {}));
    report.tables = static_cast<std::int64_t>(tables.size());
    for (std::size_t i = 0; i < tables.size(); ++i) {
        std::string quoted = "\"";
        for (const char c : tables.text(i, 0)) {
            quoted += c == '"' ? "\"\"" : std::string(1, c);
        }
        const Rows count = TRY(connection.query("SELECT COUNT(*) FROM " + quoted + "\"", {}));
        report.rows += count.integer(0, 0);
    }
    if (TRY(connection.has_table("event"))) {
        const Rows last = TRY(connection.query("SELECT COALESCE(MAX(seq), 0) FROM event", {}));
        report.last_event_seq = last.integer(0, 0);
    }
    return {};
}

// The old log belongs to the old file: beside the new one it would be replayed into it.
Result<void> settle_old_log(const std::string& database_path, const std::string& kept_path) {
    {
        ConnectionOptions options;
        options.path = database_path;
        auto old = SqliteConnection::open(options);
        if (!old || !(*old)->control_query("PRAGMA wal_checkpoint(TRUNCATE)")) {
            log::warning("the old store is damaged: its log is kept beside it");
        }
    }
    const std::string log_path = database_path + "-wal";
    if (exists(log_path) && ::rename(log_path.c_str(), (kept_path + "-wal").c_str()) != 0) {
        return file_error("the old store's log cannot be moved", log_path);
    }
    ::unlink((database_path + "-shm").c_str());
    return {};
}

// Nothing kept by an earlier restore is lost: it moves to the first free number.
Result<void> make_room(const std::string& kept_path) {
    if (!exists(kept_path)) {
        return {};
    }
    for (int i = 1; i <= kMaxOldCopies; ++i) {
        const std::string target = kept_path + "." + std::to_string(i);
        if (exists(target)) {
            continue;
        }
        if (::rename(kept_path.c_str(), target.c_str()) != 0) {
            return file_error("an older copy cannot be moved", kept_path);
        }
        if (exists(kept_path + "-wal")) {
            ::rename((kept_path + "-wal").c_str(), (target + "-wal").c_str());
        }
        return {};
    }
    return fail(Code::exhausted, "too many copies of older stores beside the database");
}

// Keeps the old file under a second name first, so that the swap itself is one rename.
Result<void> keep_old(const std::string& database_path) {
    const std::string kept_path = database_path + ".before-restore";
    TRY(make_room(kept_path));
    TRY(settle_old_log(database_path, kept_path));
    if (::link(database_path.c_str(), kept_path.c_str()) == 0) {
        return {};
    }
    if (errno != EPERM && errno != ENOTSUP) {
        return file_error("the old store cannot be kept", kept_path);
    }
    return copy_file(database_path, kept_path);
}

}  // namespace

void describe(Describe<BackupReport>& d) {
    d.field<&BackupReport::path>("The backup file");
    d.field<&BackupReport::size_bytes>("Its size");
    d.field<&BackupReport::tables>("Tables in it");
    d.field<&BackupReport::rows>("Rows in all tables");
    d.field<&BackupReport::last_event_seq>("Newest event in it");
    d.field<&BackupReport::sha256>("SHA-256 of the file");
}

Result<BackupReport> create_backup(const std::string& database_path,
                                   const std::string& backup_path) {
    if (!exists(database_path)) {
        return fail(Code::not_found, "there is no database to back up");
    }
    if (exists(backup_path)) {
        return fail(Code::conflict, "the backup file exists already");
    }
    TRY(make_parent_directory(backup_path));
    const PartialFile partial(backup_path + ".partial-" + std::to_string(::getpid()));
    TRY(copy_database(database_path, partial.path));
    // Checked before it gets its name: a file with that name is a backup that works.
    BackupReport report = TRY(verify_backup(partial.path));
    TRY(sync_file(partial.path));
    TRY(rename_without_replacing(partial.path, backup_path));
    TRY(sync_parent_directory(backup_path));
    report.path = backup_path;
    return report;
}

Result<BackupReport> verify_backup(const std::string& backup_path) {
    struct stat status{};
    if (::stat(backup_path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return fail(Code::not_found, "there is no such backup file");
    }
    BackupReport report;
    report.path = backup_path;
    report.size_bytes = static_cast<std::int64_t>(status.st_size);
    if (report.size_bytes == 0) {
        return damaged("it is empty");
    }
    ConnectionOptions options;
    options.path = backup_path;
    options.access = Access::read_file;
    auto connection = SqliteConnection::open(options);
    if (!connection) {
        return damaged("it cannot be opened");
    }
    TRY(check_integrity(**connection));
    TRY(check_migrations(**connection));
    TRY(count_rows(**connection, report));
    report.sha256 = TRY(sha256_of_file(backup_path));
    return report;
}

Result<BackupReport> restore_backup(const std::string& backup_path,
                                    const std::string& database_path) {
    TRY(verify_backup(backup_path));
    TRY(make_parent_directory(database_path));
    const FileLock lock = TRY(FileLock::take(database_path, FileLock::Mode::exclusive));
    const PartialFile partial(database_path + ".restoring");
    TRY(copy_file(backup_path, partial.path));
    // The copy is what will be used, so the copy is what must be sound.
    BackupReport report = TRY(verify_backup(partial.path));
    if (exists(database_path)) {
        TRY(keep_old(database_path));
    }
    if (::rename(partial.path.c_str(), database_path.c_str()) != 0) {
        return file_error("the restored store cannot be put in place", database_path);
    }
    TRY(sync_parent_directory(database_path));
    report.path = backup_path;
    return report;
}

}  // namespace credence::store
