// What group commit buys: 64 threads that each write one row at a time into a real file with
// synchronous=FULL, once with a commit for every closure and once with groups. Both run the same
// code; only max_group differs. Prints each pair and the median ratio.
//
// Usage: store_bench [pairs] [rows per thread and run]
#include <stdlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/text.h"
#include "engine/store/sqlite.h"

namespace credence::store {
namespace {

constexpr int kWriters = 64;
constexpr double kWantedRatio = 8.0;

struct Measured {
    double rows_per_s = 0;
    std::int64_t latency_us_p50 = 0;
    std::int64_t latency_us_p95 = 0;
    double rows_per_commit = 0;
};

struct TemporaryDirectory {
    std::string path;
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "store_bench.XXXXXX").string();
        path = ::mkdtemp(name.data()) == nullptr ? "" : name;
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() { std::filesystem::remove_all(path); }
};

Result<void> insert_row(Database& database, std::int64_t number, const std::string& body) {
    return database.write([&](Tx& tx) -> Result<void> {
        TRY(tx.run("INSERT INTO sample (tenant, number, body) VALUES ($1, $2, $3)", "default",
                   number, body));
        return {};
    });
}

// Writes `rows` rows on each of `writers` threads.
Result<Measured> measure(int writers, int rows, int max_group) {
    const TemporaryDirectory directory;
    const SystemClock clock;
    Metrics metrics;
    SqliteOptions options;
    options.path = directory.path + "/bench.db";
    options.max_group = max_group;
    auto database = TRY(open_sqlite(options, clock, metrics));
    TRY(database->write([](Tx& tx) -> Result<void> {
        TRY(
            tx.run("CREATE TABLE sample (tenant TEXT NOT NULL, number BIGINT NOT NULL,"
                   " body TEXT NOT NULL)"));
        return {};
    }));
    const std::string body(300, 'x');
    const std::uint64_t commits_before =
        metrics.counter("credence_store_commits_total", "").value();
    std::vector<std::vector<std::int64_t>> latencies(static_cast<std::size_t>(writers));
    std::vector<std::thread> threads;
    const std::int64_t began_us = clock.steady_us();
    for (int w = 0; w < writers; ++w) {
        threads.emplace_back([&, w] {
            auto& mine = latencies[static_cast<std::size_t>(w)];
            mine.reserve(static_cast<std::size_t>(rows));
            for (int i = 0; i < rows; ++i) {
                const std::int64_t start_us = clock.steady_us();
                if (insert_row(*database, std::int64_t{w} * rows + i, body)) {
                    mine.push_back(clock.steady_us() - start_us);
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    const std::int64_t took_us = std::max<std::int64_t>(1, clock.steady_us() - began_us);
    const std::uint64_t commits =
        metrics.counter("credence_store_commits_total", "").value() - commits_before;
    std::vector<std::int64_t> all;
    for (const auto& mine : latencies) {
        all.insert(all.end(), mine.begin(), mine.end());
    }
    const auto stored = TRY(database->read([](Tx& tx) -> Result<std::int64_t> {
        const Rows count = TRY(tx.query("SELECT COUNT(*) FROM sample WHERE tenant = 'default'"));
        return count.integer(0, 0);
    }));
    if (stored != std::int64_t{writers} * rows || all.size() != static_cast<std::size_t>(stored)) {
        return fail(Code::internal, "rows are missing");
    }
    std::sort(all.begin(), all.end());
    Measured measured;
    measured.rows_per_s = static_cast<double>(stored) * 1e6 / static_cast<double>(took_us);
    measured.latency_us_p50 = all[all.size() / 2];
    measured.latency_us_p95 = all[all.size() * 95 / 100];
    measured.rows_per_commit = static_cast<double>(stored) / static_cast<double>(commits);
    return measured;
}

void print(const char* name, const Measured& measured) {
    std::printf("  %-22s %9.0f rows/s  p50 %6lld us  p95 %6lld us  %5.1f rows/commit\n", name,
                measured.rows_per_s, static_cast<long long>(measured.latency_us_p50),
                static_cast<long long>(measured.latency_us_p95), measured.rows_per_commit);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

Result<bool> compare(int pairs, int rows) {
    constexpr int kGroup = 256;
    // A grouped run does more in the same time: more rows make both last about equally long.
    constexpr int kMoreRows = 6;
    std::vector<double> ratios;
    std::vector<double> lone_ratios;
    std::vector<double> singles;
    for (int pair = 0; pair < pairs; ++pair) {
        std::printf("pair %d\n", pair + 1);
        const Measured single = TRY(measure(kWriters, rows, 1));
        print("64 writers, single", single);
        const Measured grouped = TRY(measure(kWriters, rows * kMoreRows, kGroup));
        print("64 writers, grouped", grouped);
        const Measured lone_single = TRY(measure(1, rows * 16, 1));
        print("1 writer, single", lone_single);
        const Measured lone_grouped = TRY(measure(1, rows * 16, kGroup));
        print("1 writer, grouped", lone_grouped);
        singles.push_back(single.rows_per_s);
        ratios.push_back(grouped.rows_per_s / single.rows_per_s);
        lone_ratios.push_back(lone_grouped.rows_per_s / lone_single.rows_per_s);
        std::printf("  ratio %.1fx, lone writer %.2fx\n", ratios.back(), lone_ratios.back());
    }
    const auto [slowest, fastest] = std::minmax_element(singles.begin(), singles.end());
    if (*fastest > 1.5 * *slowest) {
        std::printf("note: the reference varied by %.1fx; is other load on this machine?\n",
                    *fastest / *slowest);
    }
    std::printf("lone writer, grouped / single: %.2fx\n", median(lone_ratios));
    std::printf("grouped / single: %.1fx (wanted: at least %.0fx)\n", median(ratios), kWantedRatio);
    return median(ratios) >= kWantedRatio;
}

}  // namespace
}  // namespace credence::store

int main(int argc, char** argv) {
    const auto argument = [&](int index, std::int64_t otherwise) {
        return argc > index ? credence::parse_integer(argv[index]).value_or(otherwise) : otherwise;
    };
    const int pairs = static_cast<int>(std::clamp<std::int64_t>(argument(1, 5), 1, 101));
    const int rows = static_cast<int>(std::clamp<std::int64_t>(argument(2, 250), 1, 100'000));
    const auto enough = credence::store::compare(pairs, rows);
    if (!enough) {
        std::fprintf(stderr, "store_bench: %s\n", enough.error().message.c_str());
        return 2;
    }
    return *enough ? 0 : 1;
}
