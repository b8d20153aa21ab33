#include "engine/store/migrate.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "engine/store/sqlite_connection.h"
#include "engine/store/testing.h"

namespace credence::store {
namespace {

constexpr std::string_view kUp1 =
    "-- people\nCREATE TABLE person (tenant TEXT NOT NULL, id BIGINT NOT NULL,"
    " PRIMARY KEY (tenant, id));\nINSERT INTO person (tenant, id) VALUES ('t', 1), ('t', 2);\n";
constexpr std::string_view kDown1 = "DROP TABLE person;";
constexpr std::string_view kUp2 =
    "ALTER TABLE person ADD COLUMN name TEXT;\nUPDATE person SET name = 'n' || id;\n";
constexpr std::string_view kDown2 = "ALTER TABLE person DROP COLUMN name;";

std::vector<Migration> known() {
    return {{"store", 1, "events", event_migration().up, event_migration().down},
            {"people", 1, "people", kUp1, kDown1},
            {"people", 2, "names", kUp2, kDown2}};
}

// Schema and rows as text, in a fixed order; what up-down-up must give back. Only the record's time
// is left out.
std::string fingerprint(const std::string& path) {
    ConnectionOptions options;
    options.path = path;
    const auto connection = SqliteConnection::open(options);
    CHECK(connection, "no connection");
    std::string text;
    const auto add = [&](std::string_view sql) {
        const auto rows = (*connection)->query(sql, {});
        CHECK(rows, "no rows");
        for (std::size_t r = 0; r < rows->size(); ++r) {
            for (std::size_t c = 0; c < rows->columns.size(); ++c) {
                text += rows->text(r, c) + "|";
            }
            text += "\n";
        }
        return rows;
    };
    add("SELECT type, name, sql FROM sqlite_master ORDER BY name");
    add("SELECT module, number, name, checksum FROM migration ORDER BY module, number");
    const auto tables =
        (*connection)
            ->query(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                " AND name <> 'migration' ORDER BY name",
                {});
    CHECK(tables, "no tables");
    for (std::size_t i = 0; i < tables->size(); ++i) {
        add("SELECT * FROM " + tables->text(i, 0) + " ORDER BY 1, 2");
    }
    return sha256_hex(text);
}

class MigrateTest : public testing::Test {
protected:
    TemporaryDirectory directory_;
    std::string path_ = directory_.file("a.db");
    ManualClock clock_{1'000'000};
};

TEST_F(MigrateTest, UpDownUpGivesTheSameSchemaAndRows) {
    const auto migrations = known();
    Migrator migrator(path_, migrations, clock_);
    EXPECT_EQ(migrator.up(), 3);
    const std::string full = fingerprint(path_);
    EXPECT_EQ(migrator.up(), 0);
    EXPECT_EQ(migrator.down("people", 1), 1);
    const std::string one_less = fingerprint(path_);
    EXPECT_NE(one_less, full);
    EXPECT_EQ(migrator.up(), 1);
    EXPECT_EQ(fingerprint(path_), full);
    EXPECT_EQ(migrator.down("people", 1), 1);
    EXPECT_EQ(fingerprint(path_), one_less);
    EXPECT_EQ(migrator.down("people", 99), 1);
    EXPECT_EQ(migrator.down("store", 1), 1);
    EXPECT_EQ(migrator.down("store", 1), 0);
    EXPECT_EQ(migrator.up(), 3);
    EXPECT_EQ(fingerprint(path_), full);
}

TEST_F(MigrateTest, StatusTellsWithoutCreatingAnything) {
    const auto migrations = known();
    Migrator migrator(path_, migrations, clock_);
    auto states = migrator.status();
    ASSERT_TRUE(states);
    ASSERT_EQ(states->size(), 3u);
    EXPECT_FALSE(states->at(0).applied);
    EXPECT_FALSE(std::filesystem::exists(path_));
    ASSERT_EQ(migrator.up(), 3);
    ASSERT_EQ(migrator.down("people", 1), 1);
    states = migrator.status();
    ASSERT_TRUE(states);
    EXPECT_TRUE(states->at(1).applied);
    EXPECT_EQ(states->at(1).applied_at_us, 1'000'000);
    EXPECT_EQ(states->at(1).checksum.size(), 64u);
    EXPECT_FALSE(states->at(2).applied);
    EXPECT_EQ(states->at(2).name, "names");
}

TEST_F(MigrateTest, AnEditedMigrationIsRefused) {
    const auto migrations = known();
    ASSERT_EQ(Migrator(path_, migrations, clock_).up(), 3);
    for (const bool edit_up : {true, false}) {
        auto edited = known();
        (edit_up ? edited[1].up : edited[1].down) = "CREATE TABLE other (tenant TEXT);";
        Migrator migrator(path_, edited, clock_);
        for (const Code code : {migrator.up().error().code, migrator.status().error().code,
                                migrator.down("people", 1).error().code}) {
            EXPECT_EQ(code, Code::conflict);
        }
        EXPECT_NE(migrator.up().error().message.find("people/1"), std::string::npos);
    }
}

TEST_F(MigrateTest, ANewerDatabaseIsRefused) {
    const auto migrations = known();
    ASSERT_EQ(Migrator(path_, migrations, clock_).up(), 3);
    auto older = known();
    older.pop_back();
    Migrator migrator(path_, older, clock_);
    EXPECT_EQ(migrator.up().error().code, Code::conflict);
    EXPECT_NE(migrator.status().error().message.find("people/2"), std::string::npos);
}

TEST_F(MigrateTest, AFailingMigrationLeavesNothingOfItself) {
    auto broken = known();
    broken[2].up = "ALTER TABLE person ADD COLUMN name TEXT; SELECT wrong FROM nowhere;";
    EXPECT_EQ(Migrator(path_, broken, clock_).up().error().code, Code::internal);
    broken[2].up = "ALTER TABLE person ADD COLUMN name TEXT; COMMIT;";
    EXPECT_EQ(Migrator(path_, broken, clock_).up().error().code, Code::internal);
    const auto migrations = known();
    Migrator migrator(path_, migrations, clock_);
    EXPECT_FALSE(migrator.status()->at(2).applied);
    EXPECT_EQ(migrator.up(), 1);
}

TEST_F(MigrateTest, BadRequestsAreRefused) {
    const auto migrations = known();
    Migrator migrator(path_, migrations, clock_);
    EXPECT_EQ(migrator.down("people", 0).error().code, Code::invalid);
    EXPECT_EQ(migrator.down("nobody", 1).error().code, Code::not_found);
}

TEST_F(MigrateTest, TwoAtOnceApplyEachMigrationOnce) {
    const auto migrations = known();
    std::atomic<int> applied{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            const auto count = Migrator(path_, migrations, clock_).up();
            ASSERT_TRUE(count) << count.error().message;
            applied += *count;
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(applied, 3);
}

// A migration of many statements, killed after a given part of them has run: the child reports how
// far it is by its clock, which a migration asks for just before its record is written.
class KillingClock final : public Clock {
public:
    explicit KillingClock(int call) : left_(call) {}
    std::int64_t now_us() const override {
        if (--left_ < 0) {
            ::kill(::getpid(), SIGKILL);
        }
        return 1;
    }
    std::int64_t steady_us() const override { return 1; }

private:
    mutable int left_;
};

// Runs up() in a child that is killed at its n-th migration, between the text and the record.
bool child_was_killed(const std::string& path, const std::vector<Migration>& migrations, int call) {
    const pid_t child = ::fork();
    if (child == 0) {
        const KillingClock clock(call);
        const auto done = Migrator(path, migrations, clock).up();
        ::_exit(done ? 0 : 1);
    }
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child, "no child");
    return WIFSIGNALED(status);
}

TEST_F(MigrateTest, KilledBeforeTheRecordLeavesTheStateBefore) {
    const auto migrations = known();
    for (int call = 0; call < 3; ++call) {
        const std::string path = directory_.file("killed" + std::to_string(call) + ".db");
        EXPECT_TRUE(child_was_killed(path, migrations, call));
        Migrator migrator(path, migrations, clock_);
        const auto states = migrator.status();
        ASSERT_TRUE(states);
        for (int i = 0; i < 3; ++i) {
            EXPECT_EQ(states->at(static_cast<std::size_t>(i)).applied, i < call);
        }
        EXPECT_EQ(migrator.up(), 3 - call);
        ASSERT_EQ(Migrator(path_, migrations, clock_).up().has_value(), true);
        EXPECT_EQ(fingerprint(path), fingerprint(path_));
    }
}

TEST_F(MigrateTest, KilledAnywhereLeavesBeforeOrAfter) {
    std::string large = "CREATE TABLE large (tenant TEXT NOT NULL, id BIGINT NOT NULL, body TEXT);";
    for (int i = 0; i < 2'000; ++i) {
        large += "INSERT INTO large VALUES ('t', " + std::to_string(i) + ", '" +
                 std::string(200, 'x') + "');\n";
    }
    auto migrations = known();
    migrations.push_back({"people", 3, "large", large, "DROP TABLE large;"});
    int before = 0;
    for (int round = 0; round < 12; ++round) {
        const std::string path = directory_.file("k" + std::to_string(round) + ".db");
        ASSERT_EQ(Migrator(path, known(), clock_).up(), 3);
        const pid_t child = ::fork();
        if (child == 0) {
            // Not a wait: the kernel ends the child this long after its start, each round
            // elsewhere.
            itimerval timer{};
            timer.it_value.tv_usec = 200 + round * 2'000;
            ::setitimer(ITIMER_REAL, &timer, nullptr);
            ::_exit(Migrator(path, migrations, clock_).up() ? 0 : 1);
        }
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
        Migrator migrator(path, migrations, clock_);
        const auto states = migrator.status();
        ASSERT_TRUE(states);
        ConnectionOptions options;
        options.path = path;
        const auto connection = SqliteConnection::open(options);
        ASSERT_TRUE(connection);
        if (states->at(3).applied) {
            EXPECT_EQ((*connection)->query("SELECT COUNT(*) FROM large", {})->integer(0, 0), 2'000);
        } else {
            ++before;
            EXPECT_EQ((*connection)->has_table("large"), false);
            EXPECT_EQ(migrator.up(), 1);
        }
    }
    EXPECT_GT(before, 0);
}

}  // namespace
}  // namespace credence::store
