// What patterns cost: `patterns_bench [FILE]`. The real search index, a real file, every write on
// the disk (synchronous=FULL), one caller; 10,000 patterns with 1,000,000 uses, half of them
// labelled.
#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/json.h"
#include "capabilities/patterns/patterns.h"
#include "engine/store/testing.h"

namespace credence::patterns {
namespace {

constexpr int kOwners = 20;
constexpr int kCategories = 20;
constexpr int kPatterns = 10'000;
constexpr int kUsesEach = 100;
constexpr int kDays = 50;

class OpenGate final : public trust::Gate {
public:
    Result<trust::GateDecision> check(store::Tx&, const Context&,
                                      const trust::GateQuery&) override {
        trust::GateDecision decision;
        decision.allowed = true;
        return decision;
    }
};

Context somebody() {
    Context context;
    context.scopes = Scopes::all();
    return context;
}

std::string category_of(int number) {
    return std::string("kind_") + static_cast<char>('a' + number % kCategories);
}

std::string owner_of(int number) {
    return "agent-" + std::to_string(number % kOwners);
}

CreatePattern draft(int number) {
    CreatePattern request;
    request.pattern_name = "pattern number " + std::to_string(number);
    request.category = category_of(number);
    request.agent_id = owner_of(number / kCategories);
    request.access_level = number % 3 == 0 ? AccessLevel::private_ : AccessLevel::public_;
    request.pattern_data = RawJson{
        R"({"description":"Retry with backoff when the upstream service answers )" +
        std::to_string(number) +
        R"( times with an overload","steps":["measure the load",)"
        R"("double the pause up to a minute","give up after ten tries and tell the caller"]})"};
    return request;
}

struct Measure {
    const char* what;
    int calls;
    double budget_ms;
};

void print_load() {
    double load = 0;
    if (::getloadavg(&load, 1) == 1) {
        std::printf("load average %.2f\n", load);
    }
}

class Bench {
public:
    explicit Bench(const std::string& path) {
        const std::string folder = store::migrations_of("capabilities/patterns");
        const store::MigrationText patterns(folder, "0001_patterns");
        const store::MigrationText search(folder, "0002_pattern_search");
        const auto& events = store::event_migration();
        const std::vector<store::Migration> migrations = {
            {"store", 1, "events", events.up, events.down},
            {"patterns", 1, "patterns", patterns.up, patterns.down},
            {"patterns", 2, "pattern_search", search.up, search.down}};
        CHECK(store::Migrator(path, migrations, clock_).up(), "no schema");
        database_ = store::open_or_die(store::at_path(path), clock_, metrics_);
        auto opened = open_search({}, *database_, clock_, metrics_);
        CHECK(opened, "no search");
        search_ = *std::move(opened);
        patterns_ = std::make_unique<Patterns>(PatternsParts{
            .database = *database_,
            .clock = clock_,
            .ids = ids_,
            .gate = gate_,
            .search = *search_,
            .speak_for = [](store::Tx&, const Context&, const std::string&) -> Result<void> {
                return {};
            },
            .owner_of = [](store::Tx&, const Context&, const std::string&) -> Result<std::string> {
                return "local";
            },
            .settings = {}});
    }

    void run() {
        print_load();
        disk();
        fill_patterns();
        fill_uses();
        measure({"create, durable", 500, 1}, [this](int n) {
            return patterns_->create(somebody(), draft(2 * kPatterns + n)).has_value();
        });
        measure({"use, durable", 500, 1}, [this](int n) {
            UsePattern request;
            request.pattern_id = ids_made_.at(static_cast<std::size_t>(n));
            request.agent_id = owner_of(n);
            request.success = n % 10 != 0;
            request.execution_time_ms = n;
            return patterns_->use(somebody(), request).has_value();
        });
        measure({"list, first 50", 200, 5}, [this](int n) {
            ListPatterns request;
            request.agent_id = owner_of(n);
            return patterns_->list(somebody(), request).has_value();
        });
        measure({"analytics, the namespace", 100, 20},
                [this](int) { return patterns_->get_analytics(somebody(), {}).has_value(); });
        measure({"analytics, one agent", 100, 20}, [this](int n) {
            GetPatternAnalytics request;
            request.agent_id = owner_of(n);
            return patterns_->get_analytics(somebody(), request).has_value();
        });
        disk();
        print_load();
    }

private:
    template <class Call>
    void measure(const Measure& measured, Call&& call) {
        std::vector<std::int64_t> times;
        for (int n = 0; n < measured.calls; ++n) {
            const std::int64_t begun_us = clock_.steady_us();
            CHECK(call(n), "a call failed");
            times.push_back(clock_.steady_us() - begun_us);
        }
        std::ranges::sort(times);
        constexpr double kMs = 1000;
        const auto at = [&](std::size_t percent) {
            constexpr std::size_t kWhole = 100;
            return static_cast<double>(times[(times.size() - 1) * percent / kWhole]) / kMs;
        };
        std::printf("%-28s p50 %7.3f ms  p95 %7.3f ms  budget p95 %6.1f ms\n", measured.what,
                    at(50), at(95), measured.budget_ms);
    }

    // What the disk asks for: one row a commit.
    void disk() {
        CHECK(database_->write([](store::Tx& tx) {
            return tx.run(
                "CREATE TABLE IF NOT EXISTS bare (tenant TEXT NOT NULL PRIMARY KEY, n BIGINT)");
        }),
              "no table");
        measure({"(one row, durable: the disk)", 500, 0}, [this](int n) {
            return database_
                ->write([n](store::Tx& tx) {
                    return tx.run(
                        "INSERT INTO bare (tenant, n) VALUES ('t', $1) "
                        "ON CONFLICT (tenant) DO UPDATE SET n = excluded.n",
                        n);
                })
                .has_value();
        });
    }

    void fill_patterns() {
        constexpr int kBatch = 50;
        for (int from = 0; from < kPatterns; from += kBatch) {
            BatchCreate batch;
            for (int n = from; n < from + kBatch; ++n) {
                batch.items.push_back(RawJson{to_json(draft(n))});
            }
            const auto made = patterns_->batch_create(somebody(), batch);
            CHECK(made, "no patterns");
            for (const auto& id : made->pattern_ids) {
                ids_made_.push_back(id);
            }
        }
    }

    // As Patterns::use and a verification of every second use would have left them.
    void fill_uses() {
        for (int number = 0; number < kCategories; ++number) {
            const auto filled = database_->write([&](store::Tx& tx) -> Result<void> {
                TRY(tx.run(
                    "INSERT INTO pattern_use (tenant, id, pattern_id, name_space, agent_id, "
                    "used_at_us, day, access_level, outcome, source, labelled_at_us) "
                    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n "
                    "WHERE i + 1 < $3) "
                    "SELECT p.tenant, p.id || '-' || n.i, p.id, p.name_space, "
                    "'agent-' || (n.i % 20), $1 - (n.i % $4) * 86400000000, "
                    "($1 / 86400000000) - (n.i % $4), p.access_level, "
                    "CASE WHEN n.i % 2 = 0 THEN 'unknown' WHEN n.i % 10 = 1 THEN 'failure' "
                    "ELSE 'success' END, CASE WHEN n.i % 2 = 0 THEN 'none' ELSE 'verified' END, "
                    "CASE WHEN n.i % 2 = 0 THEN NULL ELSE $1 END "
                    "FROM pattern p, n WHERE p.tenant = 'default' AND p.category = $2",
                    clock_.now_us(), category_of(number), kUsesEach, kDays));
                TRY(tx.run(
                    "INSERT INTO pattern_usage_day (tenant, name_space, day, category, "
                    "access_level, owner, uses) SELECT u.tenant, p.name_space, u.day, p.category, "
                    "u.access_level, p.owner, COUNT(u.id) FROM pattern p JOIN pattern_use u "
                    "ON u.tenant = p.tenant AND u.pattern_id = p.id "
                    "WHERE p.tenant = 'default' AND p.category = $1 "
                    "GROUP BY u.tenant, p.name_space, u.day, p.category, u.access_level, p.owner",
                    category_of(number)));
                TRY(tx.run(
                    "UPDATE pattern SET usage_count = 100, success_count = 40, failure_count = 10, "
                    "evidence_success = 20, evidence_failure = 5, confidence = 0.62, "
                    "distinct_users = 20 WHERE tenant = 'default' AND category = $1",
                    category_of(number)));
                return {};
            });
            CHECK(filled, "no uses");
        }
        const auto uses = database_->read([](store::Tx& tx) -> Result<std::int64_t> {
            return TRY(tx.query("SELECT COUNT(*) FROM pattern_use WHERE tenant = 'default'"))
                .integer(0, 0);
        });
        std::printf("%zu patterns, %lld uses\n", ids_made_.size(),
                    static_cast<long long>(uses.value_or(0)));
        CHECK(uses.value_or(0) >= std::int64_t{kPatterns} * kUsesEach, "too few uses");
    }

    SystemClock clock_;
    SystemRandom random_;
    IdMaker ids_{clock_, random_};
    Metrics metrics_;
    OpenGate gate_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<PatternSearch> search_;
    std::unique_ptr<Patterns> patterns_;
    std::vector<PatternId> ids_made_;
};

}  // namespace
}  // namespace credence::patterns

int main(int argc, char** argv) {
    if (argc > 1) {
        credence::patterns::Bench(argv[1]).run();
        return 0;
    }
    const credence::store::TemporaryDirectory directory;
    credence::patterns::Bench(directory.file("patterns.db")).run();
    return 0;
}
