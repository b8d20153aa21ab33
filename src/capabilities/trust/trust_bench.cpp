// What a durable trust update costs: `trust_bench [FILE]`. 16 threads apply evidence, each waiting
// until it is on the disk (synchronous=FULL); the baseline is the same with one commit an update.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <thread>
#include <vector>

#include "capabilities/trust/agents.h"
#include "capabilities/trust/scores.h"
#include "capabilities/trust/trust.h"
#include "engine/store/testing.h"

namespace credence::trust {
namespace {

constexpr int kThreads = 16;
constexpr int kEach = 500;
constexpr int kBatches = 50;
constexpr int kBatch = 100;

Context somebody() {
    Context context;
    context.scopes = Scopes::all();
    return context;
}

Evidence evidence_of(IdMaker& ids, int thread, int number) {
    Evidence evidence;
    evidence.verification_id = ids.make<VerificationId>();
    evidence.agent_id = "agent-" + std::to_string(thread);
    evidence.kind = ClaimKind::test_result;
    evidence.outcome = number % 20 == 0 ? Outcome::refuted : Outcome::confirmed;
    evidence.strength = 1;
    evidence.effort_digest = "sha256:" + evidence.verification_id.to_string();
    evidence.claim_digest = evidence.effort_digest;
    evidence.record_digest = evidence.effort_digest;
    return evidence;
}

void print_load() {
    double load = 0;
    if (::getloadavg(&load, 1) == 1) {
        std::printf("load average %.2f\n", load);
    }
}

void report(const char* what, std::vector<std::int64_t>& times_us, std::int64_t wall_us) {
    std::ranges::sort(times_us);
    const auto at = [&](std::size_t percent) {
        constexpr std::size_t kWhole = 100;
        return times_us[(times_us.size() - 1) * percent / kWhole];
    };
    std::printf("%-44s p50 %7lld us  p95 %7lld us  p99 %7lld us", what,
                static_cast<long long>(at(50)), static_cast<long long>(at(95)),
                static_cast<long long>(at(99)));
    if (wall_us > 0) {
        std::printf("  %8.0f a second",
                    1e6 * static_cast<double>(times_us.size()) / static_cast<double>(wall_us));
    }
    std::puts("");
}

// Adds up what each statement costs, by its text.
class TimedTx final : public store::Tx {
    struct Cost {
        std::int64_t ns = 0;
        std::int64_t calls = 0;
    };
    template <class Call>
    auto timed(std::string_view sql, Call&& call) {
        const auto begun = std::chrono::steady_clock::now();
        auto result = call();
        Cost& cost = costs_[std::string(sql)];
        cost.ns += std::chrono::nanoseconds(std::chrono::steady_clock::now() - begun).count();
        ++cost.calls;
        return result;
    }

public:
    explicit TimedTx(store::Tx& tx) : tx_(tx) {}

    Result<void> emit_json(std::string_view tenant, std::string_view actor, std::string_view name,
                           std::string_view body_json) override {
        return timed("(event)", [&] { return tx_.emit_json(tenant, actor, name, body_json); });
    }
    Result<std::int64_t> run_span(std::string_view sql,
                                  std::span<const store::Parameter> parameters) override {
        return timed(sql, [&] { return tx_.run_span(sql, parameters); });
    }
    Result<store::Rows> query_span(std::string_view sql,
                                   std::span<const store::Parameter> parameters) override {
        return timed(sql, [&] { return tx_.query_span(sql, parameters); });
    }
    void report() const {
        constexpr int kShown = 60;
        for (const auto& [sql, cost] : costs_) {
            std::printf("    %7.2f us x %6lld  %.*s\n",
                        static_cast<double>(cost.ns) / 1e3 / static_cast<double>(cost.calls),
                        static_cast<long long>(cost.calls), kShown, sql.c_str());
        }
    }

private:
    store::Tx& tx_;
    std::map<std::string, Cost> costs_;
};

// Hands out TimedTx.
class TimedDatabase final : public store::Database {
public:
    explicit TimedDatabase(store::Database& database) : database_(database) {}

protected:
    Result<void> read_work(const Work& work) override { return database_.read(work); }
    Result<void> write_work(const Work& work) override {
        return database_.write([&](store::Tx& tx) -> Result<void> {
            TimedTx timed(tx);
            const auto begun = std::chrono::steady_clock::now();
            TRY(work(timed));
            const std::chrono::duration<double, std::micro> took =
                std::chrono::steady_clock::now() - begun;
            std::printf("    one batch before its commit: %.0f us\n", took.count());
            timed.report();
            return {};
        });
    }

private:
    store::Database& database_;
};

class Bench {
public:
    Bench(const std::string& path, int max_group) {
        const std::string folder = store::migrations_of("capabilities/trust");
        std::vector<store::MigrationText> texts;
        std::vector<store::Migration> migrations;
        const std::vector<std::string> names = {"agents", "recipes", "verifications", "trust_log"};
        for (std::size_t i = 0; i < names.size(); ++i) {
            texts.emplace_back(folder, "000" + std::to_string(i + 1) + "_" + names[i]);
        }
        const auto& events = store::event_migration();
        migrations.push_back({"store", 1, "events", events.up, events.down});
        for (std::size_t i = 0; i < names.size(); ++i) {
            migrations.push_back(
                {"trust", static_cast<int>(i) + 1, names[i], texts[i].up, texts[i].down});
        }
        CHECK(store::Migrator(path, migrations, clock_).up(), "no schema");
        store::SqliteOptions options = store::at_path(path);
        options.max_group = max_group;
        database_ = store::open_or_die(options, clock_, metrics_);
        const TrustParts parts{*database_, clock_, random_, ids_, metrics_};
        Agents agents(parts);
        for (int i = 0; i < kThreads; ++i) {
            CHECK(agents.create(somebody(), {"agent-" + std::to_string(i), {}}), "no agent");
        }
    }

    // What the disk asks for: one row a commit, one after the other.
    void bare_commits() {
        constexpr int kCalls = 500;
        CHECK(database_->write([](store::Tx& tx) {
            return tx.run(
                "CREATE TABLE IF NOT EXISTS bare (tenant TEXT NOT NULL PRIMARY KEY, n BIGINT)");
        }),
              "no table");
        std::vector<std::int64_t> times;
        for (int n = 0; n < kCalls; ++n) {
            const std::int64_t begun_us = clock_.steady_us();
            CHECK(database_->write([n](store::Tx& tx) {
                return tx.run(
                    "INSERT INTO bare (tenant, n) VALUES ('t', $1) "
                    "ON CONFLICT (tenant) DO UPDATE SET n = excluded.n",
                    n);
            }),
                  "no row");
            times.push_back(clock_.steady_us() - begun_us);
        }
        report("one row, durable, one caller (the disk)", times, 0);
    }

    void updates(const char* what) {
        std::vector<std::vector<std::int64_t>> times(kThreads);
        std::vector<std::thread> threads;
        const std::int64_t start_us = clock_.steady_us();
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([this, i, &mine = times[static_cast<std::size_t>(i)]] {
                for (int n = 1; n <= kEach; ++n) {
                    const Evidence evidence = evidence_of(ids_, i, n);
                    const std::int64_t begun_us = clock_.steady_us();
                    CHECK(database_->write([&](store::Tx& tx) {
                        return apply_evidence(tx, somebody(), clock_.now_us(), evidence);
                    }),
                          "not applied");
                    mine.push_back(clock_.steady_us() - begun_us);
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        const std::int64_t wall_us = clock_.steady_us() - start_us;
        std::vector<std::int64_t> all;
        for (const auto& mine : times) {
            all.insert(all.end(), mine.begin(), mine.end());
        }
        report(what, all, wall_us);
    }

    void inside_one_transaction() {
        constexpr int kCalls = 5000;
        std::vector<std::int64_t> times;
        CHECK(database_->write([&](store::Tx& tx) -> Result<void> {
            for (int n = 1; n <= kCalls; ++n) {
                const Evidence evidence = evidence_of(ids_, n % kThreads, n);
                const std::int64_t begun_us = clock_.steady_us();
                TRY(apply_evidence(tx, somebody(), clock_.now_us(), evidence));
                times.push_back(clock_.steady_us() - begun_us);
            }
            return {};
        }),
              "not applied");
        report("apply_evidence in a transaction (25 us)", times, 0);
    }

    // The same once more, by statement; what it adds up to is less than the whole by our
    // arithmetic.
    void by_statement() {
        constexpr int kCalls = 5000;
        CHECK(database_->write([&](store::Tx& tx) -> Result<void> {
            TimedTx timed(tx);
            for (int n = 1; n <= kCalls; ++n) {
                TRY(apply_evidence(timed, somebody(), clock_.now_us(),
                                   evidence_of(ids_, n % kThreads, n)));
            }
            timed.report();
            return {};
        }),
              "not applied");
    }

    void batches() {
        const TrustParts parts{*database_, clock_, random_, ids_, metrics_};
        const auto gate = make_gate(parts, shipped_policies());
        Trust trust(parts, Trust::Services{*gate});
        std::vector<std::int64_t> times;
        for (int batch = 0; batch < kBatches; ++batch) {
            const BatchUpdate request = deferred_batch();
            const std::int64_t begun_us = clock_.steady_us();
            CHECK(trust.batch_update(somebody(), request), "no batch");
            times.push_back(clock_.steady_us() - begun_us);
        }
        report("batch_update of 100, durable (5,000 us)", times, 0);
        TimedDatabase timed(*database_);
        Trust told({timed, clock_, random_, ids_, metrics_}, Trust::Services{*gate});
        CHECK(told.batch_update(somebody(), deferred_batch()), "no batch");
    }

private:
    BatchUpdate deferred_batch() {
        BatchUpdate request;
        CHECK(database_->write([&](store::Tx& tx) -> Result<void> {
            for (int n = 1; n <= kBatch; ++n) {
                const Evidence evidence = evidence_of(ids_, n % kThreads, n);
                TRY(defer_evidence(tx, somebody(), clock_.now_us(), evidence));
                request.updates.push_back(
                    {evidence.agent_id, evidence.verification_id, {}, {}, {}});
            }
            return {};
        }),
              "not deferred");
        return request;
    }

    SystemClock clock_;
    SystemRandom random_;
    IdMaker ids_{clock_, random_};
    Metrics metrics_;
    std::unique_ptr<store::Database> database_;
};

void run(const std::string& ours, const std::string& baseline) {
    constexpr int kGroup = 256;
    Bench bench(ours, kGroup);
    print_load();
    bench.bare_commits();
    bench.updates("16 writers, durable (budget p95 500 us)");
    Bench(baseline, 1).updates("16 writers, one commit an update (baseline)");
    bench.inside_one_transaction();
    bench.by_statement();
    bench.batches();
    bench.bare_commits();
    print_load();
}

}  // namespace
}  // namespace credence::trust

int main(int argc, char** argv) {
    if (argc > 1) {
        credence::trust::run(argv[1], std::string(argv[1]) + ".baseline");
        return 0;
    }
    const credence::store::TemporaryDirectory directory;
    credence::trust::run(directory.file("trust.db"), directory.file("baseline.db"));
    return 0;
}
