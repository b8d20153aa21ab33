// What the fold of the log costs: `skills_ledger_bench [ROWS]`. 1,000,000 rows in order of time
// over 30 days, 100 skills, sessions of 20; then the same with 100,000 users. A real file,
// synchronous=FULL, the store's triggers at work.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/units.h"
#include "capabilities/skills/skills_store.h"
#include "capabilities/skills/state/ledger.h"

namespace credence::skills {
namespace {

constexpr int kBatchRows = 10'000;
constexpr const char* kTenant = "default";

double now_s() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

double memory_mib() {
    std::ifstream statm("/proc/self/statm");
    std::int64_t all = 0;
    std::int64_t resident = 0;
    statm >> all >> resident;
    return static_cast<double>(resident * ::sysconf(_SC_PAGESIZE)) / static_cast<double>(kMebibyte);
}

void print_times(const char* what, std::vector<double> seconds) {
    std::ranges::sort(seconds);
    const auto at = [&](double share) {
        return 1e3 *
               seconds[static_cast<std::size_t>(share * static_cast<double>(seconds.size() - 1))];
    };
    std::printf("  %-44s p50 %8.3f ms  p99 %8.3f ms  max %8.3f ms\n", what, at(0.5), at(0.99),
                at(1));
}

class Bench {
public:
    Bench(int rows, int users) : rows_(rows), users_(users) {}

    void run() {
        std::printf("%d rows, %d users\n", rows_, users_);
        const double before_mib = memory_mib();
        auto ledger = make();
        CHECK(ledger->follow(), "the log cannot be followed");
        fill();
        fold(*ledger);
        timed("checkpoint of the rest", [&] { CHECK(ledger->checkpoint(), "not written"); });
        std::printf("  %-44s %8.0f MiB\n", "memory of the process, grown by",
                    memory_mib() - before_mib);
        reads(*ledger);
        while_ingesting(*ledger);
        timed("checkpoint", [&] { CHECK(ledger->checkpoint(), "not written"); });
        ledger = make();
        timed("load of a checkpoint", [&] { touch(*ledger); });
        refold(*ledger);
    }

private:
    std::unique_ptr<Ledger> make() {
        return std::make_unique<Ledger>(*store_.database, store_.clock, store_.metrics, settings_);
    }

    static void timed(const char* what, const std::function<void()>& work) {
        const double started = now_s();
        work();
        std::printf("  %-44s %8.3f s\n", what, now_s() - started);
    }

    // A row each 30 days / rows; twenty rows a session, of skills of which some are common.
    void insert(int from, int count) {
        const std::int64_t step_us = 30 * kUsPerDay / rows_;
        const auto done = store_.database->write([&](store::Tx& tx) -> Result<void> {
            for (int i = from; i < from + count; ++i) {
                const std::uint64_t chance = store_.random.next();
                const auto skill = std::min(chance % 100, (chance >> 8) % 100);
                const std::string user =
                    users_ == 0 ? "" : user_of((chance >> 20) % static_cast<std::uint64_t>(users_));
                const std::int64_t at_us = kTestStartUs + i * step_us;
                TRY(
                    tx.run("INSERT INTO skill_invocation (tenant, skill_name, invoked_at_us, "
                           "session_id, user_id, completed, duration_seconds, workflow_phase, "
                           "created_at_us) VALUES ($1, $2, $3, $4, nullif($5, ''), $6, $7, $8, "
                           "$3)",
                           kTenant, "skill-" + std::to_string(skill), at_us,
                           "session-" + std::to_string(i / 20), user, (chance >> 40) % 10 != 0,
                           0.01 * static_cast<double>((chance >> 44) % 1000),
                           (chance >> 60) % 2 == 0 ? "execution" : "verification"));
            }
            return {};
        });
        CHECK(done, "rows cannot be written");
        store_.clock.set_us(kTestStartUs + (from + count) * step_us);
    }

    static std::string user_of(std::uint64_t number) {
        std::string user = std::to_string(number);
        return std::string(64 - user.size(), '0') + user;  // as long as a keyed hash
    }

    void fill() {
        timed("writing the log", [&] {
            for (int from = 0; from < rows_; from += kBatchRows) {
                insert(from, std::min(kBatchRows, rows_ - from));
            }
        });
    }

    void fold(Ledger& ledger) {
        const double started = now_s();
        double longest = 0;
        while (through_ < rows_) {
            const double step = now_s();
            CHECK(ledger.follow(), "the log cannot be followed");
            longest = std::max(longest, now_s() - step);
            touch(ledger);
        }
        const double took = now_s() - started;
        std::printf("  %-44s %8.0f rows/s (%.2f s)\n", "follow(), with what it writes meanwhile",
                    rows_ / took, took);
    }

    void touch(Ledger& ledger) {
        const auto read = ledger.read(kTenant, [&](const SkillState& state) -> Result<void> {
            through_ = state.through_id();
            return {};
        });
        CHECK(read, "no state");
    }

    // The busiest ten skills of the last hour.
    static Result<std::int64_t> top(const SkillState& state) {
        const std::int64_t from_us = state.newest_at_us() - 60 * kUsPerMinute;
        std::vector<std::pair<std::int64_t, std::uint32_t>> counts;
        for (std::uint32_t number = 0; number < state.skills().size(); ++number) {
            const auto& minutes = state.skills()[number].minutes;
            std::int64_t count = 0;
            for (auto minute = minutes.rbegin();
                 minute != minutes.rend() && minute->at_us > from_us; ++minute) {
                count += minute->invocations;
            }
            counts.emplace_back(-count, number);
        }
        const auto kept = static_cast<std::ptrdiff_t>(std::min<std::size_t>(10, counts.size()));
        std::ranges::partial_sort(counts, counts.begin() + kept);
        return -counts.front().first;
    }

    void reads(Ledger& ledger) {
        std::vector<double> nothing;
        std::vector<double> ten;
        for (int i = 0; i < 20'000; ++i) {
            const double started = now_s();
            touch(ledger);
            nothing.push_back(now_s() - started);
            const double again = now_s();
            CHECK(ledger.read(kTenant, top), "no state");
            ten.push_back(now_s() - again);
        }
        print_times("read, nothing new", nothing);
        print_times("read, top 10 of the last hour", ten);
    }

    // One thread writes batches, one follows each 100 ms, this one reads each ms.
    void while_ingesting(Ledger& ledger) {
        std::atomic<bool> done{false};
        std::atomic<int> written{0};
        std::thread writer([&] {
            while (!done) {
                insert(rows_ + written, 1'000);
                written += 1'000;
            }
        });
        std::thread follower([&] {
            while (!done) {
                CHECK(ledger.follow(), "the log cannot be followed");
                std::this_thread::sleep_for(std::chrono::milliseconds(100));
            }
        });
        std::vector<double> ten;
        const double started = now_s();
        while (now_s() - started < 10) {
            const double step = now_s();
            CHECK(ledger.read(kTenant, top), "no state");
            ten.push_back(now_s() - step);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        done = true;
        writer.join();
        follower.join();
        std::printf("  %-44s %8.0f rows/s\n", "ingest beside reads and follow()", written / 10.0);
        print_times("read, top 10, beside ingest", ten);
    }

    void refold(Ledger& ledger) {
        timed("rebuild: the first part", [&] { CHECK(ledger.rebuild(kTenant), "not rebuilt"); });
        timed("rebuild: fold of the log at the next read", [&] { touch(ledger); });
    }

    const int rows_;
    const int users_;
    SkillsStore store_{true};
    SkillsSettings settings_;
    std::int64_t through_ = 0;
};

}  // namespace
}  // namespace credence::skills

int main(int count, char** arguments) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const int rows = count > 1 ? std::atoi(arguments[1]) : 1'000'000;
    credence::skills::Bench(rows, 0).run();
    credence::skills::Bench(rows, 100'000).run();
    return 0;
}
