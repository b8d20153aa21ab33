// Writes numbered rows with events, and says which are durable, until it is killed. The system test
// of crashes drives it.
//
// Usage: store_writer DIRECTORY WRITERS
//   WRITERS threads insert rows into entry(tenant, number) and emit an event each; a line with the
//   number is printed after its commit. A durable subscriber records each event in seen(tenant,
//   seq) and, in order of delivery, in delivery(tenant, n, seq). The first line is "ready". With 0
//   writers: delivers what is left, then ends.
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/text.h"
#include "engine/store/event.h"
#include "engine/store/migrate.h"
#include "engine/store/sqlite.h"

namespace credence::store {
namespace {

constexpr std::int64_t kDrainMs = 60'000;
constexpr std::size_t kMaxMigrationBytes = std::size_t{1} << 20;

struct Who {
    std::string tenant = "t";
    std::string actor = "writer";
};

struct EntryWritten {
    std::int64_t number = 0;
};
void describe(Describe<EntryWritten>& d) {
    d.field<&EntryWritten::number>("Number of the row");
}

// One system call a line: whole lines reach the reader, whenever the end comes.
void say(const std::string& text) {
    const std::string line = text + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) {
        ::_exit(3);
    }
}

Result<void> make_tables(Database& database) {
    return database.write([](Tx& tx) -> Result<void> {
        TRY(
            tx.run("CREATE TABLE IF NOT EXISTS entry (tenant TEXT NOT NULL, number BIGINT NOT NULL,"
                   " body TEXT NOT NULL, PRIMARY KEY (tenant, number))"));
        TRY(
            tx.run("CREATE TABLE IF NOT EXISTS seen (tenant TEXT NOT NULL,"
                   " seq BIGINT NOT NULL PRIMARY KEY)"));
        TRY(
            tx.run("CREATE TABLE IF NOT EXISTS delivery (tenant TEXT NOT NULL,"
                   " n INTEGER PRIMARY KEY AUTOINCREMENT, seq BIGINT NOT NULL)"));
        return {};
    });
}

Result<void> record(Tx& tx, const StoredEvent& event) {
    TRY(tx.run("INSERT INTO seen (tenant, seq) VALUES ($1, $2)", event.tenant, event.seq));
    TRY(tx.run("INSERT INTO delivery (tenant, seq) VALUES ($1, $2)", event.tenant, event.seq));
    return {};
}

Result<void> write_entry(Database& database, std::int64_t number) {
    return database.write([&](Tx& tx) -> Result<void> {
        TRY(tx.run("INSERT INTO entry (tenant, number, body) VALUES ($1, $2, $3)", "t", number,
                   std::string(200, 'x')));
        return tx.emit(Who{}, EntryWritten{number});
    });
}

Result<std::int64_t> newest_number(Database& database) {
    return database.read([](Tx& tx) -> Result<std::int64_t> {
        const Rows rows =
            TRY(tx.query("SELECT COALESCE(MAX(number), 0) FROM entry WHERE tenant = 't'"));
        return rows.integer(0, 0);
    });
}

Result<void> write_for_ever(Database& database, int writers) {
    std::atomic<std::int64_t> next{TRY(newest_number(database)) + 1};
    say("ready");
    std::vector<std::thread> threads;
    for (int i = 0; i < writers; ++i) {
        threads.emplace_back([&] {
            while (true) {
                const std::int64_t number = next++;
                if (!write_entry(database, number)) {
                    ::_exit(4);
                }
                say(std::to_string(number));
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    return {};
}

Result<void> drain(Database& database, EventLog& events) {
    const std::int64_t last = TRY(database.read([](Tx& tx) { return EventLog::last_seq(tx); }));
    if (!events.drain(last, kDrainMs)) {
        return fail(Code::timeout, "events were not delivered");
    }
    return {};
}

Result<void> run(const std::string& directory, int writers) {
    const SystemClock clock;
    Metrics metrics;
    const std::string stem = std::string(CREDENCE_STORE_MIGRATIONS) + "/0001_events";
    const std::string up = TRY(read_file(stem + ".up.sql", kMaxMigrationBytes));
    const std::string down = TRY(read_file(stem + ".down.sql", kMaxMigrationBytes));
    const std::vector<Migration> migrations{{"store", 1, "events", up, down}};
    SqliteOptions options;
    options.path = directory + "/crash.db";
    TRY(Migrator(options.path, migrations, clock).up());
    EventLog events(clock, metrics);
    events.subscribe("recorder", {"entry_written"}, &record);
    const auto database =
        TRY(open_sqlite(options, clock, metrics, [&](std::int64_t seq) { events.committed(seq); }));
    TRY(make_tables(*database));
    TRY(events.start(*database));
    const auto done = writers > 0 ? write_for_ever(*database, writers) : drain(*database, events);
    events.stop();
    return done;
}

}  // namespace
}  // namespace credence::store

int main(int argc, char** argv) {
    const auto writers = argc == 3 ? credence::parse_integer(argv[2]) : std::nullopt;
    if (!writers || *writers < 0 || *writers > 256) {
        std::fprintf(stderr, "usage: store_writer DIRECTORY WRITERS\n");
        return 2;
    }
    const auto done = credence::store::run(argv[1], static_cast<int>(*writers));
    if (!done) {
        std::fprintf(stderr, "store_writer: %s\n", done.error().message.c_str());
        return 1;
    }
    return 0;
}
