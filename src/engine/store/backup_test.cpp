#include "engine/store/backup.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "engine/store/event.h"
#include "engine/store/testing.h"

namespace credence::store {
namespace {

class BackupTest : public testing::Test {
protected:
    BackupTest() {
        migrate_events(path_, clock_);
        database_ = open_or_die(at_path(path_), clock_, metrics_);
        CHECK(database_->write([](Tx& tx) {
            return tx.run(
                "CREATE TABLE item (tenant TEXT NOT NULL, number BIGINT NOT NULL,"
                " body TEXT, PRIMARY KEY (tenant, number))");
        }),
              "no table");
    }

    // One row and one event each, always together.
    void insert(std::int64_t first, int rows = 1) {
        CHECK(database_->write([&](Tx& tx) -> Result<void> {
            for (int i = 0; i < rows; ++i) {
                TRY(tx.run("INSERT INTO item (tenant, number, body) VALUES ($1, $2, $3)", "t",
                           first + i, std::string(200, 'x')));
                TRY(tx.emit_json("t", "a", "item_added", "{}"));
            }
            return {};
        }),
              "not inserted");
    }

    std::int64_t count(const std::string& path) {
        Metrics metrics;
        const auto database = open_or_die(at_path(path), clock_, metrics);
        const auto rows = database->read(
            [](Tx& tx) { return tx.query("SELECT COUNT(*) FROM item WHERE tenant = 't'"); });
        CHECK(rows, "not counted");
        return rows->integer(0, 0);
    }

    std::string contents(const std::string& path) {
        return read_file(path, std::size_t{1} << 30).value_or("");
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.file("data/a.db");
    std::string backup_ = directory_.file("backups/one.backup");
    SystemClock clock_;
    Metrics metrics_;
    std::unique_ptr<Database> database_;
};

TEST_F(BackupTest, ReportsWhatItHolds) {
    insert(0, 10);
    const auto made = create_backup(path_, backup_);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->path, backup_);
    EXPECT_EQ(made->tables, 4);  // event, event_cursor, item, migration
    EXPECT_EQ(made->rows, 10 + 10 + 1);
    EXPECT_EQ(made->last_event_seq, 10);
    EXPECT_EQ(made->size_bytes, static_cast<std::int64_t>(contents(backup_).size()));
    EXPECT_EQ(made->sha256, sha256_hex(contents(backup_)));
    struct stat status{};
    ASSERT_EQ(::stat(backup_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0600u);
    const auto verified = verify_backup(backup_);
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->sha256, made->sha256);
    EXPECT_EQ(verified->rows, 21);
    // One file, nothing beside it.
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator(directory_.file("backups"))) {
        ++files;
    }
    EXPECT_EQ(files, 1u);
}

TEST_F(BackupTest, IsConsistentWhileWritersGoOn) {
    insert(-5'000, 5'000);
    std::atomic<bool> done{false};
    std::vector<std::thread> writers;
    for (int w = 0; w < 2; ++w) {
        writers.emplace_back([&, w] {
            for (int i = 0; !done; ++i) {
                insert(i * 2 + w);
            }
        });
    }
    for (int i = 0; i < 3; ++i) {
        const std::string path = backup_ + std::to_string(i);
        const auto made = create_backup(path_, path);
        EXPECT_TRUE(made);
        if (made) {
            // Rows and events of one transaction are both there or both not.
            EXPECT_EQ(made->rows, 2 * made->last_event_seq + 1);
            EXPECT_EQ(count(path), made->last_event_seq);
        }
    }
    done = true;
    for (auto& writer : writers) {
        writer.join();
    }
}

TEST_F(BackupTest, NeverOverwrites) {
    ASSERT_TRUE(create_backup(path_, backup_));
    const std::string before = contents(backup_);
    insert(1);
    EXPECT_EQ(create_backup(path_, backup_).error().code, Code::conflict);
    EXPECT_EQ(contents(backup_), before);
    EXPECT_EQ(create_backup(directory_.file("none.db"), backup_ + "2").error().code,
              Code::not_found);
    EXPECT_FALSE(std::filesystem::exists(backup_ + "2"));
}

TEST_F(BackupTest, DamageIsFound) {
    insert(0, 500);
    ASSERT_TRUE(create_backup(path_, backup_));
    const std::string good = contents(backup_);
    const auto verify_text = [&](const std::string& text) {
        const std::string path = directory_.file("bad.backup");
        std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
        return verify_backup(path);
    };
    EXPECT_TRUE(verify_text(good));
    std::string scribbled = good;
    scribbled.replace(4'096 * 5, 3'000, std::string(3'000, 'Z'));
    EXPECT_EQ(verify_text(scribbled).error().code, Code::invalid);
    EXPECT_EQ(verify_text(good.substr(0, good.size() / 2)).error().code, Code::invalid);
    EXPECT_EQ(verify_text("").error().code, Code::invalid);
    EXPECT_EQ(verify_text("not a database at all").error().code, Code::invalid);
    EXPECT_EQ(verify_backup(directory_.file("none")).error().code, Code::not_found);
    EXPECT_EQ(verify_backup(directory_.file("data")).error().code, Code::not_found);
    database_.reset();
    EXPECT_EQ(restore_backup(directory_.file("bad.backup"), path_).error().code, Code::invalid);
    EXPECT_EQ(count(path_), 500);
}

TEST_F(BackupTest, AnyOtherDatabaseIsNotABackup) {
    Metrics metrics;
    const std::string path = directory_.file("other.db");
    open_or_die(at_path(path), clock_, metrics)
        ->write([](Tx& tx) { return tx.run("CREATE TABLE a (tenant TEXT)"); })
        .value();
    EXPECT_EQ(verify_backup(path).error().code, Code::invalid);
}

TEST_F(BackupTest, RestoreBringsTheOldStateBackAndKeepsTheNew) {
    insert(1);
    ASSERT_TRUE(create_backup(path_, backup_));
    insert(2);
    insert(3);
    EXPECT_EQ(restore_backup(backup_, path_).error().code, Code::conflict);
    database_.reset();
    const auto restored = restore_backup(backup_, path_);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(restored->last_event_seq, 1);
    EXPECT_EQ(count(path_), 1);
    EXPECT_EQ(count(path_ + ".before-restore"), 3);
    // A second restore loses neither.
    ASSERT_TRUE(restore_backup(backup_, path_));
    EXPECT_EQ(count(path_ + ".before-restore"), 1);
    EXPECT_EQ(count(path_ + ".before-restore.1"), 3);
    EXPECT_EQ(count(path_), 1);
}

TEST_F(BackupTest, RestoreDoesNotReplayTheOldLog) {
    insert(1);
    ASSERT_TRUE(create_backup(path_, backup_));
    insert(2);
    // As after a crash: the file and its log, nobody has them open.
    const std::string crashed = directory_.file("crashed.db");
    for (const char* suffix : {"", "-wal"}) {
        std::filesystem::copy_file(path_ + suffix, crashed + suffix);
    }
    ASSERT_TRUE(restore_backup(backup_, crashed));
    EXPECT_FALSE(std::filesystem::exists(crashed + "-wal"));
    EXPECT_EQ(count(crashed), 1);
    EXPECT_EQ(count(crashed + ".before-restore"), 2);
}

TEST_F(BackupTest, RestoreWorksOverADamagedStoreAndWithoutOne) {
    insert(1);
    ASSERT_TRUE(create_backup(path_, backup_));
    const std::string damaged = directory_.file("damaged.db");
    std::ofstream(damaged) << std::string(9'000, 'Z');
    ASSERT_TRUE(restore_backup(backup_, damaged));
    EXPECT_EQ(count(damaged), 1);
    EXPECT_EQ(contents(damaged + ".before-restore"), std::string(9'000, 'Z'));
    const std::string fresh = directory_.file("fresh/a.db");
    ASSERT_TRUE(restore_backup(backup_, fresh));
    EXPECT_EQ(count(fresh), 1);
}

}  // namespace
}  // namespace credence::store
