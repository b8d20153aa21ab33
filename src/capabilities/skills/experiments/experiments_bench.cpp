// What experiments cost: `skills_experiments_bench [USERS [OUTCOMES]]`. A real file, one caller; by
// default 100,000 users with 1,000,000 outcomes. "durable": each call on the disk
// (synchronous=FULL) before the next.
#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/text.h"
#include "capabilities/skills/experiments/experiments.h"
#include "capabilities/skills/skills_store.h"

namespace credence::skills {
namespace {

struct Size {
    std::int64_t users = 100'000;
    std::int64_t outcomes = 1'000'000;
};

Context somebody() {
    Context context;
    context.scopes = Scopes::all();
    return context;
}

std::string user_of(std::int64_t number) {
    return "user-" + std::to_string(number);
}

class Bench {
public:
    explicit Bench(const Size& size)
        : size_(size),
          durable_(store_.open(true)),
          experiments_(on(*durable_)),
          quick_(on(*store_.database)) {}

    void run() {
        create();
        expose();
        record();
        analyze();
        times("one outcome, durable", 500, [this](int i) {
            return experiments_->record_outcome(somebody(), outcome(i)).has_value();
        });
        times("one first exposure, durable", 500, [this](int i) {
            return experiments_->assign(somebody(), {test_id_, user_of(size_.users + i), {}})
                .has_value();
        });
        repeat_exposures();
        times("forgetting a user, sums made anew", 5, [this](int i) {
            const std::string user = sha256_hex("default\n" + user_of(i));
            return durable_
                ->write(
                    [&](store::Tx& tx) { return experiments_->forget_user(tx, "default", user); })
                .has_value();
        });
    }

private:
    std::unique_ptr<Experiments> on(store::Database& database) {
        stats::AssignmentKey key{};
        key.fill(7);
        return std::make_unique<Experiments>(ExperimentsParts{
            database, store_.clock, key, [](std::string_view tenant, std::string_view user) {
                return sha256_hex(std::string(tenant) + "\n" + std::string(user));
            }});
    }

    void create() {
        CreateTest request;
        request.test_name = "bench";
        request.control_strategy = "semantic_search";
        request.treatment_strategy = "workflow_aware_search";
        request.metrics = {{TestMetric::completion_rate, {}, {}, {}},
                           {TestMetric::user_rating, {}, {}, {}},
                           {TestMetric::duration_seconds, {}, MetricRole::guardrail, {}}};
        const auto made = experiments_->create_test(somebody(), request);
        CHECK(made, "no test");
        test_id_ = made->test_id;
    }

    void rate(const char* what, std::int64_t calls, std::int64_t begun_us) const {
        const auto took_us = static_cast<double>(steady_.steady_us() - begun_us);
        std::printf("%-44s %9.0f a second (%lld in %.2f s)\n", what,
                    static_cast<double>(calls) / took_us * 1e6, static_cast<long long>(calls),
                    took_us / 1e6);
    }

    void expose() {
        const std::int64_t begun_us = steady_.steady_us();
        for (std::int64_t user = 0; user < size_.users; ++user) {
            CHECK(quick_->assign(somebody(), {test_id_, user_of(user), {}}), "not assigned");
        }
        rate("first exposures, one caller", size_.users, begun_us);
    }

    RecordOutcome outcome(std::int64_t number) {
        const std::uint64_t draw = store_.random.next();
        RecordOutcome out;
        out.test_id = test_id_;
        out.user_id = user_of(number % size_.users);
        out.completed = draw % 5 != 0;
        out.duration_seconds = 1 + static_cast<double>(draw % 1'000) / 100;
        out.user_rating = 1 + static_cast<std::int64_t>(draw / 7 % 5);
        return out;
    }

    void record() {
        const std::int64_t begun_us = steady_.steady_us();
        constexpr std::int64_t kBatch = 10'000;
        for (std::int64_t from = 0; from < size_.outcomes; from += kBatch) {
            RecordOutcomes batch;
            for (std::int64_t i = from; i < std::min(from + kBatch, size_.outcomes); ++i) {
                batch.items.push_back(outcome(i));
            }
            CHECK(experiments_->record_outcomes(somebody(), batch), "not recorded");
        }
        rate("outcomes in batches of 10,000, durable", size_.outcomes, begun_us);
    }

    template <class Call>
    void times(const char* what, int calls, Call&& call) {
        std::vector<std::int64_t> times_us;
        for (int i = 0; i < calls; ++i) {
            const std::int64_t begun_us = steady_.steady_us();
            CHECK(call(i), "a call failed");
            times_us.push_back(steady_.steady_us() - begun_us);
        }
        std::ranges::sort(times_us);
        constexpr double kMs = 1000;
        const auto at = [&](std::size_t percent) {
            constexpr std::size_t kWhole = 100;
            return static_cast<double>(times_us[(times_us.size() - 1) * percent / kWhole]) / kMs;
        };
        std::printf("%-44s p50 %8.3f ms  p99 %8.3f ms\n", what, at(50), at(99));
    }

    void analyze() {
        const std::string what =
            "analyze, " + std::to_string(size_.outcomes) + " outcomes (bar 50 ms)";
        times(what.c_str(), 500,
              [this](int) { return experiments_->analyze(somebody(), {test_id_}).has_value(); });
    }

    void repeat_exposures() {
        constexpr std::int64_t kCalls = 20'000;
        const std::int64_t begun_us = steady_.steady_us();
        for (std::int64_t i = 0; i < kCalls; ++i) {
            CHECK(experiments_->assign(somebody(), {test_id_, user_of(i % size_.users), {}}),
                  "not assigned");
        }
        rate("repeated exposures", kCalls, begun_us);
    }

    Size size_;
    SystemClock steady_;
    SkillsStore store_{false};
    std::unique_ptr<store::Database> durable_;
    std::unique_ptr<Experiments> experiments_;
    std::unique_ptr<Experiments> quick_;  // on a connection that does not wait for the disk
    std::int64_t test_id_ = 0;
};

}  // namespace
}  // namespace credence::skills

int main(int argc, char** argv) {
    credence::skills::Size size;
    if (argc > 1) {
        size.users = credence::parse_integer(argv[1]).value_or(size.users);
    }
    if (argc > 2) {
        size.outcomes = credence::parse_integer(argv[2]).value_or(size.outcomes);
    }
    double load = 0;
    if (::getloadavg(&load, 1) == 1) {
        std::printf("load average %.2f\n", load);
    }
    credence::skills::Bench(size).run();
    return 0;
}
