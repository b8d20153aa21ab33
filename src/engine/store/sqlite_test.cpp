#include "engine/store/sqlite.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <stdexcept>
#include <thread>

#include "engine/store/testing_items.h"

namespace credence::store {

struct ThingDone {
    std::int64_t depth = 0;
};
void describe(Describe<ThingDone>& d) {
    d.field<&ThingDone::depth>("Depth");
}

namespace {

// The same tests on a file and in memory.
class SqliteTest : public testing::TestWithParam<bool> {
protected:
    SqliteTest() {
        options_.path = GetParam() ? ":memory:" : directory_.file("data/deep/test.db");
        database_ = open_or_die(options_, clock_, metrics_);
        CHECK(database_->write([](Tx& tx) { return tx.run(kMakeItem); }), "no table");
    }

    TemporaryDirectory directory_;
    SystemClock clock_;
    Metrics metrics_;
    SqliteOptions options_;
    std::unique_ptr<Database> database_;
};

INSTANTIATE_TEST_SUITE_P(Stores, SqliteTest, testing::Values(false, true),
                         [](const auto& tested) { return tested.param ? "memory" : "file"; });

TEST_P(SqliteTest, CarriesEveryTypeThereAndBack) {
    const auto id = RequestId::parse("01938f3e-0000-7000-8000-0000000000ff");
    ASSERT_TRUE(id);
    const std::optional<std::int64_t> nothing;
    const std::string with_nul("a\0b", 3);
    const auto rows = database_->read([&](Tx& tx) {
        return tx.query("SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e, $6 AS f, $7 AS g",
                        std::numeric_limits<std::int64_t>::min(), 0.5, with_nul, nothing, *id, true,
                        std::string_view());
    });
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 1u);
    EXPECT_EQ(rows->columns, (std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g"}));
    EXPECT_EQ(rows->integer(0, 0), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(rows->number(0, 1), 0.5);
    EXPECT_EQ(rows->text(0, 2), with_nul);
    EXPECT_TRUE(rows->is_null(0, 3));
    EXPECT_EQ(rows->integer(0, 3), 0);
    EXPECT_EQ(rows->text(0, 3), "");
    EXPECT_EQ(rows->text(0, 4), "01938f3e-0000-7000-8000-0000000000ff");
    EXPECT_EQ(rows->integer(0, 5), 1);
    EXPECT_FALSE(rows->is_null(0, 6));
    EXPECT_EQ(rows->text(0, 6), "");
}

TEST_P(SqliteTest, ParametersAreNumberedNotPositional) {
    const auto rows = database_->read(
        [](Tx& tx) { return tx.query("SELECT $2 AS b, $1 AS a, $2 AS c", "one", "two"); });
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->text(0, 0), "two");
    EXPECT_EQ(rows->text(0, 1), "one");
    EXPECT_EQ(rows->text(0, 2), "two");
    const auto missing =
        database_->read([](Tx& tx) { return tx.query("SELECT $1 AS a, $2 AS b", "one"); });
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Code::internal);
}

TEST_P(SqliteTest, CountsChangedRows) {
    ASSERT_TRUE(insert_item(*database_, 1));
    ASSERT_TRUE(insert_item(*database_, 2));
    const auto changed = database_->write([](Tx& tx) -> Result<std::vector<std::int64_t>> {
        std::vector<std::int64_t> counts;
        counts.push_back(TRY(tx.run("UPDATE item SET body = $2 WHERE tenant = $1", "t", "c")));
        counts.push_back(TRY(tx.run("UPDATE item SET body = $2 WHERE tenant = $1", "u", "c")));
        counts.push_back(TRY(tx.run("CREATE TABLE other (tenant TEXT)")));
        return counts;
    });
    ASSERT_TRUE(changed);
    EXPECT_EQ(*changed, (std::vector<std::int64_t>{2, 0, 0}));
    const auto returned = database_->write([](Tx& tx) {
        return tx.query("UPDATE item SET body = $2 WHERE tenant = $1 RETURNING number", "t", "d");
    });
    ASSERT_TRUE(returned);
    EXPECT_EQ(returned->size(), 2u);
}

TEST_P(SqliteTest, TellsConflictsFromMistakes) {
    ASSERT_TRUE(database_->write([](Tx& tx) -> Result<void> {
        TRY(
            tx.run("CREATE TABLE child (tenant TEXT NOT NULL, number BIGINT NOT NULL,"
                   " later BIGINT, CHECK (number > 0),"
                   " FOREIGN KEY (tenant, number) REFERENCES item (tenant, number))"));
        return {};
    }));
    ASSERT_TRUE(insert_item(*database_, 1));
    EXPECT_EQ(insert_item(*database_, 1).error().code, Code::conflict);
    const auto code_of = [&](const char* sql) {
        const auto done = database_->write([&](Tx& tx) { return tx.run(sql); });
        return done ? std::optional<Code>() : std::optional(done.error().code);
    };
    EXPECT_EQ(code_of("INSERT INTO child (tenant, number) VALUES ('t', 9)"), Code::conflict);
    EXPECT_EQ(code_of("INSERT INTO child (tenant, number) VALUES ('t', 1)"), std::nullopt);
    EXPECT_EQ(code_of("DELETE FROM item WHERE tenant = 't'"), Code::conflict);
    EXPECT_EQ(code_of("INSERT INTO child (tenant, number) VALUES ('t', -1)"), Code::internal);
    EXPECT_EQ(code_of("INSERT INTO child (tenant, number) VALUES (NULL, 1)"), Code::internal);
    EXPECT_EQ(code_of("SELECT nothing FROM nowhere"), Code::internal);
    EXPECT_EQ(code_of("SELECT 1; SELECT 2"), Code::internal);
    for (const char* reserved : {"COMMIT", "ROLLBACK", "SAVEPOINT mine", "PRAGMA synchronous = OFF",
                                 "ATTACH ':memory:' AS other"}) {
        EXPECT_EQ(code_of(reserved), Code::internal) << reserved;
    }
}

TEST_P(SqliteTest, AFailingClosureLeavesNothing) {
    const auto failed = database_->write([](Tx& tx) -> Result<void> {
        TRY(tx.run(kInsert, "t", 1, "b"));
        return fail(Code::not_found, "changed my mind");
    });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Code::not_found);
    EXPECT_EQ(count_items(*database_), 0);
}

TEST_P(SqliteTest, AnExceptionIsAnInternalErrorAndLeavesNothing) {
    const auto threw = database_->write([](Tx& tx) -> Result<void> {
        TRY(tx.run(kInsert, "t", 1, "b"));
        throw std::runtime_error("oops");
    });
    ASSERT_FALSE(threw);
    EXPECT_EQ(threw.error().code, Code::internal);
    EXPECT_EQ(count_items(*database_), 0);
    const auto read_threw =
        database_->read([](Tx&) -> Result<void> { throw std::runtime_error("oops"); });
    ASSERT_FALSE(read_threw);
    EXPECT_EQ(read_threw.error().code, Code::internal);
    EXPECT_TRUE(insert_item(*database_, 1));
}

TEST_P(SqliteTest, ReadsCannotChangeAnything) {
    const auto ran = database_->read([](Tx& tx) { return tx.run(kInsert, "t", 1, "b"); });
    ASSERT_FALSE(ran);
    EXPECT_EQ(ran.error().code, Code::internal);
    const auto queried = database_->read([](Tx& tx) {
        return tx.query("INSERT INTO item (tenant, number) VALUES ('t', 1) RETURNING number");
    });
    ASSERT_FALSE(queried);
    EXPECT_EQ(queried.error().code, Code::internal);
    EXPECT_EQ(count_items(*database_), 0);
}

TEST_P(SqliteTest, EmittingBeforeTheMigrationIsAClearError) {
    struct Caller {
        std::string tenant = "t";
        std::string actor = "a";
    };
    const auto emitted = database_->write([](Tx& tx) { return tx.emit(Caller{}, ThingDone{1}); });
    ASSERT_FALSE(emitted);
    EXPECT_EQ(emitted.error().code, Code::unavailable);
    EXPECT_NE(emitted.error().message.find("migrate"), std::string::npos);
}

TEST_P(SqliteTest, OneFailureDoesNotSpoilTheGroup) {
    constexpr int kClosures = 40;
    std::vector<std::function<Result<void>(Tx&)>> works;
    for (int i = 0; i < kClosures; ++i) {
        works.emplace_back([i](Tx& tx) -> Result<void> {
            TRY(tx.run(kInsert, "t", i, "b"));
            if (i % 4 == 1) {
                return fail(Code::invalid, "no");
            }
            if (i % 4 == 2) {
                throw std::runtime_error("no");
            }
            if (i % 4 == 3) {
                TRY(tx.run(kInsert, "t", i, "again"));
            }
            return {};
        });
    }
    const Counter& commits = metrics_.counter("credence_store_commits_total", "");
    const std::uint64_t before = commits.value();
    std::vector<Result<void>> results;
    write_as_one_group(*database_, metrics_, works, results);
    EXPECT_EQ(commits.value() - before, 2u);  // the holder's and the group's
    const std::map<int, Code> wanted{{1, Code::invalid}, {2, Code::internal}, {3, Code::conflict}};
    for (int i = 0; i < kClosures; ++i) {
        const auto& result = results[static_cast<std::size_t>(i)];
        if (i % 4 == 0) {
            EXPECT_TRUE(result);
        } else {
            ASSERT_FALSE(result);
            EXPECT_EQ(result.error().code, wanted.at(i % 4));
        }
    }
    EXPECT_EQ(count_items(*database_), kClosures / 4);
}

TEST_P(SqliteTest, ADeferredConstraintFailsOnlyItsOwnClosure) {
    ASSERT_TRUE(database_->write([](Tx& tx) {
        return tx.run(
            "CREATE TABLE child (tenant TEXT NOT NULL, number BIGINT NOT NULL,"
            " FOREIGN KEY (tenant, number) REFERENCES item (tenant, number)"
            " DEFERRABLE INITIALLY DEFERRED)");
    }));
    std::vector<std::function<Result<void>(Tx&)>> works;
    for (int i = 0; i < 20; ++i) {
        works.emplace_back([i](Tx& tx) -> Result<void> {
            TRY(tx.run("INSERT INTO child (tenant, number) VALUES ('t', $1)", i));
            if (i != 13) {
                TRY(tx.run(kInsert, "t", i, "b"));
            }
            return {};
        });
    }
    std::vector<Result<void>> results;
    write_as_one_group(*database_, metrics_, works, results);
    for (std::size_t i = 0; i < results.size(); ++i) {
        EXPECT_EQ(results[i].has_value(), i != 13) << i;
    }
    EXPECT_EQ(results[13].error().code, Code::conflict);
    EXPECT_EQ(count_items(*database_), 19);
}

TEST_P(SqliteTest, ManyWritersLoseNothing) {
    constexpr int kWriters = 16;
    constexpr int kRows = 100;
    std::vector<std::thread> threads;
    for (int w = 0; w < kWriters; ++w) {
        threads.emplace_back([&, w] {
            for (int i = 0; i < kRows; ++i) {
                EXPECT_TRUE(insert_item(*database_, w * kRows + i));
                EXPECT_EQ(insert_item(*database_, w * kRows + i).error().code, Code::conflict);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(count_items(*database_), kWriters * kRows);
    EXPECT_EQ(metrics_.counter("credence_store_writes_total", "").value(), kWriters * kRows + 1u);
    EXPECT_EQ(metrics_.counter("credence_store_write_failures_total", "").value(),
              std::uint64_t{kWriters} * kRows);
}

}  // namespace
}  // namespace credence::store
