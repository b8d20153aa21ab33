#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <latch>
#include <thread>

#include "engine/store/sqlite.h"
#include "engine/store/sqlite_connection.h"
#include "engine/store/testing_items.h"

namespace credence::store {
namespace {

TEST(SqliteFileTest, AReadSeesOneSnapshot) {
    const TemporaryDirectory directory;
    const SystemClock clock;
    Metrics metrics;
    const auto database = open_or_die(at_path(directory.file("a.db")), clock, metrics);
    ASSERT_TRUE(database->write([](Tx& tx) { return tx.run(kMakeItem); }));
    ASSERT_TRUE(insert_item(*database, 1));
    std::latch first_read(1);
    std::latch written(1);
    std::thread writer([&] {
        first_read.wait();
        EXPECT_TRUE(insert_item(*database, 2));
        written.count_down();
    });
    const auto counts = database->read([&](Tx& tx) -> Result<std::vector<std::int64_t>> {
        const auto now = [&]() -> Result<std::int64_t> {
            return TRY(tx.query("SELECT COUNT(*) FROM item")).integer(0, 0);
        };
        const std::int64_t before = TRY(now());
        first_read.count_down();
        written.wait();
        return std::vector<std::int64_t>{before, TRY(now())};
    });
    writer.join();
    ASSERT_TRUE(counts);
    EXPECT_EQ(*counts, (std::vector<std::int64_t>{1, 1}));
    EXPECT_EQ(count_items(*database), 2);
}

TEST(SqliteFileTest, ReadersWaitWhenAllConnectionsAreBusy) {
    const TemporaryDirectory directory;
    const SystemClock clock;
    Metrics metrics;
    SqliteOptions options = at_path(directory.file("a.db"));
    options.max_readers = 2;
    const auto database = open_or_die(options, clock, metrics);
    ASSERT_TRUE(database->write([](Tx& tx) { return tx.run(kMakeItem); }));
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int j = 0; j < 50; ++j) {
                EXPECT_EQ(count_items(*database), 0);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
}

TEST(SqliteFileTest, AFullQueueIsExhausted) {
    const SystemClock clock;
    Metrics metrics;
    SqliteOptions options = at_path(":memory:");
    options.max_queued_writes = 1;
    const auto database = open_or_die(options, clock, metrics);
    std::latch inside(1);
    std::latch go(1);
    std::thread holder([&] {
        EXPECT_TRUE(database->write([&](Tx&) -> Result<void> {
            inside.count_down();
            go.wait();
            return {};
        }));
    });
    inside.wait();
    // Two callers for one place: whoever is refused lets the writer go on.
    std::atomic<int> refused{0};
    const auto try_once = [&] {
        const auto written = database->write([](Tx&) -> Result<void> { return {}; });
        if (!written) {
            EXPECT_EQ(written.error().code, Code::exhausted);
            EXPECT_GT(written.error().retry_after_ms, 0);
            ++refused;
            go.count_down();
        }
    };
    std::thread one(try_once);
    std::thread two(try_once);
    one.join();
    two.join();
    holder.join();
    EXPECT_EQ(refused, 1);
}

TEST(SqliteFileTest, TheByteLimitSplitsGroupsButLosesNothing) {
    const TemporaryDirectory directory;
    const SystemClock clock;
    Metrics metrics;
    SqliteOptions options = at_path(directory.file("a.db"));
    options.max_group_bytes = 10'000;
    const auto database = open_or_die(options, clock, metrics);
    ASSERT_TRUE(database->write([](Tx& tx) { return tx.run(kMakeItem); }));
    const std::string body(4'000, 'x');
    std::vector<std::function<Result<void>(Tx&)>> works;
    for (int i = 0; i < 30; ++i) {
        works.emplace_back([i, &body](Tx& tx) -> Result<void> {
            TRY(tx.run(kInsert, "t", i, body));
            return {};
        });
    }
    const Counter& commits = metrics.counter("credence_store_commits_total", "");
    const std::uint64_t before = commits.value();
    std::vector<Result<void>> results;
    write_as_one_group(*database, metrics, works, results);
    for (const auto& result : results) {
        EXPECT_TRUE(result);
    }
    EXPECT_EQ(count_items(*database), 30);
    EXPECT_GE(commits.value() - before, 11u);  // the holder's, then three rows of 4 kB at most each
}

TEST(SqliteFileTest, AFullDiskFailsTheWriteAndNothingElse) {
    const TemporaryDirectory directory;
    const SystemClock clock;
    Metrics metrics;
    const auto database = open_or_die(at_path(directory.file("a.db")), clock, metrics);
    ASSERT_TRUE(database->write([](Tx& tx) { return tx.run(kMakeItem); }));
    const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
    rlimit old_limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old_limit), 0);
    rlimit small = old_limit;
    small.rlim_cur = 400'000;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const std::string body(20'000, 'x');
    int stored = 0;
    Result<void> last;
    while (last && stored < 1'000) {
        last = insert_item(*database, stored, body);
        stored += last ? 1 : 0;
    }
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old_limit), 0);
    ::signal(SIGXFSZ, old_handler);
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().code, Code::unavailable);
    EXPECT_GT(stored, 5);
    EXPECT_EQ(count_items(*database), stored);
    EXPECT_TRUE(insert_item(*database, stored, body));
    EXPECT_EQ(count_items(*database), stored + 1);
}

TEST(SqliteFileTest, FilesArePrivateAndSurviveReopening) {
    const TemporaryDirectory directory;
    const SystemClock clock;
    Metrics metrics;
    const std::string path = directory.file("new/a.db");
    {
        const auto database = open_or_die(at_path(path), clock, metrics);
        ASSERT_TRUE(database->write([](Tx& tx) { return tx.run(kMakeItem); }));
        ASSERT_TRUE(insert_item(*database, 1));
        struct stat status{};
        for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
            ASSERT_EQ(::stat((path + suffix).c_str(), &status), 0) << suffix;
            EXPECT_EQ(status.st_mode & 0777u, 0600u) << suffix;
        }
        ASSERT_EQ(::stat(directory.file("new").c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777u, 0700u);
    }
    EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
    const auto database = open_or_die(at_path(path), clock, metrics);
    EXPECT_EQ(count_items(*database), 1);
}

TEST(SqliteFileTest, TwoProgramsShareOneFile) {
    const TemporaryDirectory directory;
    const SystemClock clock;
    Metrics metrics;
    const auto one = open_or_die(at_path(directory.file("a.db")), clock, metrics);
    const auto two = open_or_die(at_path(directory.file("a.db")), clock, metrics);
    ASSERT_TRUE(one->write([](Tx& tx) { return tx.run(kMakeItem); }));
    std::thread other([&] {
        for (int i = 0; i < 100; ++i) {
            EXPECT_TRUE(insert_item(*two, 1'000 + i));
        }
    });
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(insert_item(*one, i));
    }
    other.join();
    EXPECT_EQ(count_items(*one), 200);
    EXPECT_EQ(count_items(*two), 200);
}

TEST(SqliteFileTest, WhatCannotBeOpenedIsUnavailable) {
    const TemporaryDirectory directory;
    const SystemClock clock;
    Metrics metrics;
    std::ofstream(directory.file("text")) << std::string(5'000, 'x');
    std::filesystem::create_directory(directory.file("folder"));
    for (const std::string& path : {directory.file("text"), directory.file("folder"),
                                    directory.file("text/a.db"), std::string()}) {
        const auto opened = open_sqlite(at_path(path), clock, metrics);
        ASSERT_FALSE(opened) << path;
        EXPECT_EQ(opened.error().code, Code::unavailable) << path;
    }
}

TEST(SqliteFileTest, CommitsWithEventsAreAnnouncedWithTheNewestSeq) {
    const TemporaryDirectory directory;
    const SystemClock clock;
    Metrics metrics;
    const std::string path = directory.file("a.db");
    migrate_events(path, clock);
    std::vector<std::int64_t> announced;  // the writer thread's; read after a write returned
    const auto database = open_or_die(at_path(path), clock, metrics,
                                      [&](std::int64_t seq) { announced.push_back(seq); });
    const auto emit = [&](int times, bool keep) {
        return database->write([&](Tx& tx) -> Result<void> {
            for (int i = 0; i < times; ++i) {
                TRY(tx.emit_json("t", "a", "thing_done", "{}"));
            }
            return keep ? Result<void>() : fail(Code::invalid, "no");
        });
    };
    EXPECT_TRUE(emit(2, true));
    EXPECT_FALSE(emit(3, false));
    EXPECT_TRUE(emit(0, true));
    EXPECT_TRUE(emit(1, true));
    EXPECT_EQ(announced, (std::vector<std::int64_t>{2, 3}));
}

TEST(SqliteConnectionTest, KeepsABoundedNumberOfStatements) {
    ConnectionOptions options;
    options.path = ":memory:";
    const auto opened = SqliteConnection::open(options);
    ASSERT_TRUE(opened);
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 600; ++i) {
            const std::string sql = "SELECT " + std::to_string(i) + " AS n";
            const auto rows = (*opened)->query(sql, {});
            ASSERT_TRUE(rows);
            ASSERT_EQ(rows->integer(0, 0), i);
        }
    }
}

TEST(SqliteConnectionTest, ACachedStatementFollowsTheSchema) {
    ConnectionOptions options;
    options.path = ":memory:";
    const auto opened = SqliteConnection::open(options);
    ASSERT_TRUE(opened);
    ASSERT_TRUE((*opened)->run_script("CREATE TABLE a (x TEXT); INSERT INTO a VALUES ('1');"));
    EXPECT_EQ((*opened)->query("SELECT * FROM a", {})->columns.size(), 1u);
    ASSERT_TRUE((*opened)->run_script("ALTER TABLE a ADD COLUMN y TEXT"));
    const auto rows = (*opened)->query("SELECT * FROM a", {});
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->columns, (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(rows->cells.front().size(), 2u);
    EXPECT_FALSE((*opened)->run_script("COMMIT"));
}

TEST(StoreThreadDeathTest, MisuseDies) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const SystemClock clock;
    EXPECT_DEATH(
        {
            Metrics metrics;
            const auto database = open_or_die(at_path(":memory:"), clock, metrics);
            forbid_store_on_this_thread();
            const auto ignored = database->read([](Tx&) -> Result<void> { return {}; });
        },
        "must not wait");
    EXPECT_DEATH(
        {
            Metrics metrics;
            const auto database = open_or_die(at_path(":memory:"), clock, metrics);
            const auto ignored = database->write(
                [&](Tx&) { return database->read([](Tx&) -> Result<void> { return {}; }); });
        },
        "inside a transaction");
}

}  // namespace
}  // namespace credence::store
