#include "engine/store/sqlite.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "base/log.h"
#include "engine/store/closure_guard.h"
#include "engine/store/file_lock.h"
#include "engine/store/sqlite_connection.h"
#include "engine/store/sqlite_tx.h"
#include "engine/store/writer.h"

namespace credence::store {
namespace {

constexpr std::string_view kInMemory = ":memory:";

// Runs a closure on one snapshot. A deferred BEGIN takes it with the first statement.
Result<void> read_snapshot(SqliteConnection& connection,
                           const std::function<Result<void>(Tx&)>& work) {
    TRY(connection.control("BEGIN"));
    ReadTx tx(connection);
    auto result = run_closure(work, tx);
    if (connection.in_transaction()) {
        // Nothing was changed, and ROLLBACK cannot be refused.
        TRY(connection.control("ROLLBACK"));
    }
    return result;
}

// Reader connections, opened when first needed. Thread-safe.
class ReaderPool {
public:
    explicit ReaderPool(const SqliteOptions& options)
        : max_readers_(static_cast<std::size_t>(std::max(1, options.max_readers))) {
        connection_options_.path = options.path;
        connection_options_.access = Access::read;
        connection_options_.busy_timeout_ms = options.busy_timeout_ms;
    }

    Result<void> read(const std::function<Result<void>(Tx&)>& work) {
        auto connection = TRY(take());
        auto result = read_snapshot(*connection, work);
        give_back(std::move(connection));
        return result;
    }

private:
    Result<std::unique_ptr<SqliteConnection>> take() {
        std::unique_lock lock(mutex_);
        returned_.wait(lock, [&] { return !idle_.empty() || open_ < max_readers_; });
        if (!idle_.empty()) {
            // Used last, so its cache is warm.
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return connection;
        }
        ++open_;
        lock.unlock();
        auto opened = SqliteConnection::open(connection_options_);
        if (!opened) {
            lock.lock();
            --open_;
            returned_.notify_one();
        }
        return opened;
    }

    void give_back(std::unique_ptr<SqliteConnection> connection) {
        {
            const std::lock_guard lock(mutex_);
            idle_.push_back(std::move(connection));
        }
        returned_.notify_one();
    }

    const std::size_t max_readers_;
    ConnectionOptions connection_options_;
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<SqliteConnection>> idle_;
    std::size_t open_ = 0;
};

class SqliteDatabase final : public Database {
public:
    SqliteDatabase(FileLock lock, std::unique_ptr<Writer> writer,
                   std::unique_ptr<ReaderPool> readers)
        : lock_(std::move(lock)), readers_(std::move(readers)), writer_(std::move(writer)) {}

    ~SqliteDatabase() override {
        // Readers first: a snapshot would keep the log from being emptied.
        readers_.reset();
        writer_->between_groups([](SqliteConnection& connection) {
            if (!connection.control_query("PRAGMA wal_checkpoint(TRUNCATE)")) {
                log::warning("checkpoint at close failed");
            }
        });
    }

protected:
    Result<void> read_work(const Work& work) override {
        check_may_use_store();
        if (readers_ != nullptr) {
            return readers_->read(work);
        }
        return writer_->between_groups(
            [&](SqliteConnection& connection) { return read_snapshot(connection, work); });
    }

    Result<void> write_work(const Work& work) override {
        check_may_use_store();
        return writer_->write(work);
    }

private:
    const FileLock lock_;
    std::unique_ptr<ReaderPool> readers_;  // null: in memory, one connection for all
    std::unique_ptr<Writer> writer_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options, const Clock& clock,
                                              Metrics& metrics,
                                              std::function<void(std::int64_t)> on_commit) {
    const bool in_memory = options.path == kInMemory;
    if (options.path.empty()) {
        return fail(Code::unavailable, "the store has no path");
    }
    FileLock lock;
    if (!in_memory) {
        TRY(make_parent_directory(options.path));
        auto taken = FileLock::take(options.path, FileLock::Mode::shared);
        if (!taken) {
            return fail(Code::unavailable, taken.error().message);
        }
        lock = std::move(*taken);
        TRY(make_private_file(options.path));
    }
    ConnectionOptions connection_options;
    connection_options.path = options.path;
    connection_options.access = Access::write;
    connection_options.full_sync = options.full_sync;
    connection_options.busy_timeout_ms = options.busy_timeout_ms;
    auto connection = TRY(SqliteConnection::open(connection_options));
    auto writer = std::make_unique<Writer>(std::move(connection), options, clock, metrics,
                                           std::move(on_commit));
    auto readers = in_memory ? nullptr : std::make_unique<ReaderPool>(options);
    return std::make_unique<SqliteDatabase>(std::move(lock), std::move(writer), std::move(readers));
}

}  // namespace credence::store
