// What it costs to record invocations: `skills_record_bench [ROWS …]`, by default into an empty log
// and into one of 1,000,000 rows. A real file, every commit on the disk (synchronous=FULL), in this
// process. 100 skills, 1,000 users, 20 invocations a session.
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "capabilities/skills/record/invocations.h"
#include "capabilities/skills/record/query_mask.h"
#include "capabilities/skills/record/user_names.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/skills_store.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kSkillCount = 100;
constexpr std::int64_t kUserCount = 1'000;
constexpr std::int64_t kInSession = 20;
constexpr std::int64_t kFillBatch = 10'000;
constexpr std::int64_t kMeasuredBatch = 1'000;
constexpr std::int64_t kMeasuredBatches = 60;
constexpr std::int64_t kThreads = 64;
constexpr std::int64_t kEach = 400;
constexpr std::int64_t kStepUs = 1'000'000;

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point begun) {
    return std::chrono::duration<double>(SteadyClock::now() - begun).count();
}

// Of all threads of the process: tells what is ours where others use the machine, too.
double processor_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

class RecordBench {
public:
    RecordBench() {
        context_.scopes = Scopes::all();
        auto names = UserNames::open({}, store_.random);
        CHECK(names, "no key");
        names_ = std::make_unique<UserNames>(*std::move(names));
        SkillsParts parts{*store_.database, store_.clock, store_.random, store_.ids, settings_};
        parts.users = names_.get();
        parts.mask = &mask_;
        skills_ = std::make_unique<Skills>(parts);
    }

    void fill(std::int64_t rows) {
        const auto begun = SteadyClock::now();
        for (std::int64_t done = 0; done < rows; done += kFillBatch) {
            track_batch(std::min(kFillBatch, rows - done), false);
        }
        if (rows > 0) {
            std::printf("filled %lld rows, %.0f a second in batches of %lld\n",
                        static_cast<long long>(rows),
                        static_cast<double>(rows) / seconds_since(begun),
                        static_cast<long long>(kFillBatch));
        }
    }

    void batches(bool queries, std::int64_t callers) {
        std::vector<std::vector<TrackInvocations>> work(static_cast<std::size_t>(callers));
        for (auto& mine : work) {
            for (std::int64_t i = 0; i < kMeasuredBatches / callers; ++i) {
                mine.push_back(batch(kMeasuredBatch, queries));
            }
        }
        const double spent = processor_seconds();
        const auto begun = SteadyClock::now();
        std::vector<std::thread> threads;
        for (const auto& mine : work) {
            threads.emplace_back([&] {
                for (const auto& request : mine) {
                    CHECK(skills_->track_invocations(context_, request), "not recorded");
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        const double seconds = seconds_since(begun);
        constexpr auto rows = static_cast<double>(kMeasuredBatches * kMeasuredBatch);
        std::printf(
            "batches of %lld%s, %lld callers: %8.0f rows a second, %.1f us of processor a row\n",
            static_cast<long long>(kMeasuredBatch), queries ? " with queries" : "",
            static_cast<long long>(callers), rows / seconds,
            (processor_seconds() - spent) / rows * 1e6);
    }

    void singles() {
        std::vector<TrackInvocations> work;
        for (std::int64_t i = 0; i < kThreads; ++i) {
            work.push_back(batch(kEach, false));
        }
        std::vector<std::vector<double>> times(static_cast<std::size_t>(kThreads));
        const double spent = processor_seconds();
        const auto begun = SteadyClock::now();
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < work.size(); ++i) {
            threads.emplace_back([&, i] {
                for (const TrackInvocation& item : work[i].items) {
                    const auto called = SteadyClock::now();
                    CHECK(skills_->track_invocation(context_, item), "not recorded");
                    times[i].push_back(seconds_since(called));
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        const double seconds = seconds_since(begun);
        std::vector<double> all;
        for (const auto& mine : times) {
            all.insert(all.end(), mine.begin(), mine.end());
        }
        std::ranges::sort(all);
        std::printf(
            "single, durable, %lld threads: %8.0f a second, p50 %.2f ms, p99 %.2f ms, %.1f us of "
            "processor\n",
            static_cast<long long>(kThreads), static_cast<double>(all.size()) / seconds,
            all[all.size() / 2] * 1e3, all[all.size() * 99 / 100] * 1e3,
            (processor_seconds() - spent) / static_cast<double>(all.size()) * 1e6);
    }

private:
    // Sessions are made as they are needed, outside of what is measured.
    void make_session(std::int64_t number) {
        const std::string id = session_id(number);
        CHECK(store_.database->write([&](store::Tx& tx) -> Result<void> {
            for (std::int64_t n = number; n < number + kSessionsAtOnce; ++n) {
                const std::string user =
                    names_->hash(context_.tenant, "user-" + std::to_string(n % kUserCount));
                TRY(
                    tx.run("INSERT INTO skill_session (tenant, session_id, name_space, user_id, "
                           "started_at_us) VALUES ($1, $2, $3, $4, $5)",
                           context_.tenant, session_id(n), context_.name_space, user, now_us_));
            }
            return {};
        }),
              "no session");
        sessions_ += kSessionsAtOnce;
    }

    static std::string session_id(std::int64_t number) {
        return "session-" + std::to_string(number);
    }

    TrackInvocation item(bool query) {
        const std::int64_t number = made_++;
        const std::int64_t session = number / kInSession;
        if (session >= sessions_) {
            make_session(sessions_);
        }
        now_us_ += kStepUs;
        store_.clock.set_us(now_us_);
        TrackInvocation out;
        out.session_id = session_id(session);
        out.skill_name = "skill-" + std::to_string((number * 7919) % kSkillCount);
        out.completed = number % 10 != 0;
        out.duration_seconds = static_cast<double>(number % 300) / 10;
        out.invoked_at_us = now_us_;
        out.workflow_path = "release/build";
        out.workflow_phase = number % 3 == 0 ? "setup" : "execution";
        out.selection_rank = 1 + number % 3;
        if (!out.completed) {
            out.error_type = number % 20 == 0 ? "TimeoutError" : "KeyError: [1]";
            out.follow_up_actions = {"retry"};
        }
        if (query) {
            out.user_query = "why does the build of alice" + std::to_string(number % 50) +
                             "@example.com fail after the upgrade of the compiler?";
        }
        return out;
    }

    TrackInvocations batch(std::int64_t rows, bool queries) {
        TrackInvocations out;
        for (std::int64_t i = 0; i < rows; ++i) {
            out.items.push_back(item(queries));
        }
        return out;
    }

    void track_batch(std::int64_t rows, bool queries) {
        CHECK(skills_->track_invocations(context_, batch(rows, queries)), "not recorded");
    }

    static constexpr std::int64_t kSessionsAtOnce = 10'000;

    SkillsStore store_{true};
    SkillsSettings settings_;
    QueryMask mask_{settings_};
    std::unique_ptr<UserNames> names_;
    std::unique_ptr<Skills> skills_;
    Context context_;
    std::int64_t now_us_ = kTestStartUs;
    std::int64_t made_ = 0;
    std::int64_t sessions_ = 0;
};

void measure_at(std::int64_t rows) {
    double load = 0;
    if (::getloadavg(&load, 1) == 1) {
        std::printf("load average %.2f, log of %lld rows\n", load, static_cast<long long>(rows));
    }
    RecordBench bench;
    bench.fill(rows);
    bench.batches(false, 1);
    bench.batches(false, 2);
    bench.batches(true, 1);
    bench.singles();
}

}  // namespace
}  // namespace credence::skills

int main(int argc, char** argv) {
    std::vector<std::int64_t> sizes;
    for (int i = 1; i < argc; ++i) {
        if (const auto rows = credence::parse_integer(argv[i])) {
            sizes.push_back(*rows);
        }
    }
    if (sizes.empty()) {
        sizes = {0, 1'000'000};
    }
    for (const std::int64_t rows : sizes) {
        credence::skills::measure_at(rows);
    }
    return 0;
}
