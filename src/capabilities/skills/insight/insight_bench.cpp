// What insight costs: `skills_insight_bench` (1,000,000 invocations over 30 days of 100 and of
// 1,000 skills, the real store and fold, one caller), and how often it cries wolf:
// `skills_insight_bench null [CHECKS]` (1,000 healthy skills).
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/skills/insight/activity.h"
#include "capabilities/skills/insight/anomalies.h"
#include "capabilities/skills/insight/baseline_cache.h"
#include "capabilities/skills/insight/dependencies.h"
#include "capabilities/skills/insight/phases.h"
#include "capabilities/skills/insight/trends.h"
#include "capabilities/skills/insight/windows.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/skills_store.h"
#include "capabilities/skills/state/ledger.h"
#include "stats/anomaly/anomaly_draws.h"
#include "stats/intervals_exact.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kRows = 1'000'000;
constexpr std::int64_t kDays = 30;
constexpr std::int64_t kRunsOfSession = 20;
constexpr std::array<const char*, 4> kPhases = {"setup", "execution", "verification", "cleanup"};

std::string skill_of(std::int64_t number) {
    return "skill-" + std::to_string(number);
}

class InsightBench {
public:
    explicit InsightBench(std::int64_t skills) : skill_count_(skills) {
        store_.clock.set_us(kTestStartUs + kDays * kUsPerDay + kUsPerHour / 2);
        ledger_ =
            std::make_unique<Ledger>(*store_.database, store_.clock, store_.metrics, settings_);
        baselines_ =
            std::make_unique<Baselines>(*ledger_, *store_.database, store_.clock, settings_);
        SkillsParts parts{*store_.database, store_.clock, store_.random, store_.ids, settings_};
        parts.ledger = ledger_.get();
        parts.baselines = baselines_.get();
        service_ = std::make_unique<Skills>(parts);
    }

    void run() {
        fill();
        std::printf("%lld skills, %lld invocations\n", static_cast<long long>(skill_count_),
                    static_cast<long long>(kRows));
        measure("real time, top 10 of 1 h", 500,
                [this](int) { return service_->get_real_time_metrics(context_, {}).has_value(); });
        measure("real time, top 10 of 24 h", 200, [this](int) {
            return service_->get_real_time_metrics(context_, {.time_window_hours = 24}).has_value();
        });
        measure("hours, all skills, 24", 200,
                [this](int) { return service_->get_hourly_metrics(context_, {}).has_value(); });
        measure("anomalies, first of the hour", 1, [this](int) { return detect(); });
        measure("anomalies", 200, [this](int) {
            store_.clock.advance_us(kUsPerMinute / 2);
            return detect();
        });
        measure("trend, first of the day", 1, [this](int n) { return trend(n); });
        measure("trend of a skill, 30 days", 500, [this](int n) { return trend(n); });
        measure("trends of all, 30 days", 100, [this](int) {
            return service_->get_skill_trends(context_, {.window_days = 29}).has_value();
        });
        measure("dependencies", 500, [this](int n) {
            return service_
                ->get_skill_dependencies(
                    context_, {.skill_name = skill_of(n % skill_count_), .min_lift = 0.5})
                .has_value();
        });
        measure("phases", 100, [this](int) {
            return service_->get_phase_effectiveness(context_, {}).has_value();
        });
        measure("phase transitions, 10,000 sessions", 5,
                [this](int) { return service_->get_phase_transitions(context_, {}).has_value(); });
    }

private:
    // Time of the caller's thread alone; the wall clock shows who else uses the machine.
    static std::int64_t processor_us() {
        timespec now{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        constexpr std::int64_t kNanosecondsOfUs = 1'000;
        return now.tv_sec * kUsPerSecond + now.tv_nsec / kNanosecondsOfUs;
    }

    static double at_percent(std::vector<std::int64_t>& times, std::size_t percent) {
        constexpr std::size_t kWhole = 100;
        std::ranges::sort(times);
        return static_cast<double>(times[(times.size() - 1) * percent / kWhole]) / 1'000;
    }

    template <class Call>
    void measure(const char* what, int calls, const Call& call) {
        std::vector<std::int64_t> wall;
        std::vector<std::int64_t> processor;
        for (int n = 0; n < calls; ++n) {
            const std::int64_t begun_us = watch_.steady_us();
            const std::int64_t used_us = processor_us();
            CHECK(call(n), "a call failed");
            processor.push_back(processor_us() - used_us);
            wall.push_back(watch_.steady_us() - begun_us);
            CHECK(baselines_->refresh(), "not refreshed");
        }
        std::printf("  %-36s p50 %9.3f ms  p99 %9.3f ms  processor p99 %9.3f ms\n", what,
                    at_percent(wall, 50), at_percent(wall, 99), at_percent(processor, 99));
        std::fflush(stdout);
    }

    bool detect() { return service_->detect_anomalies(context_, {}).has_value(); }

    bool trend(int n) {
        return service_
            ->get_skill_trend(context_,
                              {.skill_name = skill_of(n % skill_count_), .window_days = 29})
            .has_value();
    }

    Result<void> insert(store::Tx& tx, std::int64_t n, stats::Draws& draws) {
        const std::int64_t session = n / kRunsOfSession;
        if (n % kRunsOfSession == 0) {
            TRY(
                tx.run("INSERT INTO skill_session (tenant, session_id, name_space, started_at_us) "
                       "VALUES ('default', $1, 'default', $2)",
                       "s" + std::to_string(session), at_us(n)));
        }
        const auto skill =
            static_cast<std::int64_t>(draws.uniform() * static_cast<double>(skill_count_));
        TRY(tx.run(
            "INSERT INTO skill_invocation (tenant, skill_name, invoked_at_us, session_id, "
            "completed, duration_seconds, workflow_phase, created_at_us) "
            "VALUES ('default', $1, $2, $3, $4, $5, $6, $2)",
            skill_of(skill), at_us(n), "s" + std::to_string(session), draws.uniform() < 0.9,
            std::exp(draws.normal()), kPhases[static_cast<std::size_t>(n) % kPhases.size()]));
        return {};
    }

    static std::int64_t at_us(std::int64_t n) {
        constexpr std::int64_t kGapUs = (kDays * kUsPerDay + kUsPerHour / 2) / kRows;
        return kTestStartUs + n * kGapUs;
    }

    void fill() {
        constexpr std::int64_t kBatch = 20'000;
        stats::Draws draws(5);
        for (std::int64_t from = 0; from < kRows; from += kBatch) {
            CHECK(store_.database->write([&](store::Tx& tx) -> Result<void> {
                for (std::int64_t n = from; n < from + kBatch; ++n) {
                    TRY(insert(tx, n, draws));
                }
                return {};
            }),
                  "no rows");
        }
        std::int64_t folded = 0;
        while (folded < kRows) {
            folded = *ledger_->read("default", [](const SkillState& state) -> Result<std::int64_t> {
                return state.through_id();
            });
            CHECK(ledger_->follow(), "not folded");
        }
    }

    std::int64_t skill_count_;
    SkillsStore store_;
    SystemClock watch_;
    SkillsSettings settings_;
    Context context_;
    std::unique_ptr<Ledger> ledger_;
    std::unique_ptr<Baselines> baselines_;
    std::unique_ptr<Skills> service_;
};

constexpr std::int64_t kHealthySkills = 1'000;

struct NullCase {
    const char* what = "";
    std::int64_t hours = 0;
    double dispersion = 0;  // of rates and volumes between hours
    bool nights = false;    // a tenth of the runs from 20 to 6 o'clock
};

Cell healthy_hour(stats::Draws& draws, std::int64_t at_us, double rate, const NullCase& drawn) {
    const std::int64_t hour = at_us % kUsPerDay / kUsPerHour;
    const double busy = drawn.nights && (hour >= 20 || hour < 6) ? 0.5 : 5;
    Cell cell{.at_us = at_us};
    const double factor =
        drawn.dispersion > 0 ? draws.gamma(1 / drawn.dispersion) * drawn.dispersion : 1;
    cell.invocations = draws.poisson(busy * factor);
    cell.completed = draws.binomial(cell.invocations, draws.rate_around(rate, drawn.dispersion));
    cell.timed = cell.completed;
    cell.log_duration_sum = std::sqrt(static_cast<double>(cell.timed)) * draws.normal();
    return cell;
}

struct NullCounts {
    std::array<std::int64_t, 3> checks{};  // with a discovery, by metric
    std::int64_t any = 0;
};

void null_check(stats::Draws& draws, const NullCase& drawn, std::int64_t end_us,
                NullCounts& counts) {
    const BaselineWindow window{
        .begin_us = end_us - 336 * kUsPerHour, .end_us = end_us, .recent_hours = 1};
    Family family{.window = window, .skills = {}};
    std::vector<RecentRuns> recent;
    for (std::uint32_t number = 0; number < kHealthySkills; ++number) {
        const double rate = draws.beta(4, 1);
        SkillFigures skill;
        for (std::int64_t hour = -drawn.hours; hour <= 0; ++hour) {
            const Cell cell = healthy_hour(draws, end_us + hour * kUsPerHour, rate, drawn);
            if (cell.invocations > 0) {
                skill.hours.push_back(cell);
            }
        }
        family.skills.push_back(fit_skill(skill.hours, window));
        recent.push_back(recent_runs(skill, window, closed_look(window)));
        recent.back().skill = number;
    }
    learn_family(family);
    std::array<bool, 3> found{};
    for (const MetricTest& test : test_family(family, recent, 0.05).tests) {
        found[static_cast<std::size_t>(test.metric)] |= test.found;
    }
    for (std::size_t metric = 0; metric < found.size(); ++metric) {
        counts.checks[metric] += found[metric] ? 1 : 0;
    }
    counts.any += found[0] || found[1] || found[2] ? 1 : 0;
}

void print_share(const char* what, std::int64_t hits, std::int64_t checks, double bound) {
    const stats::Estimate share = stats::clopper_pearson({hits, checks}, 0.95);
    std::printf("    %-16s %5.3f  [%5.3f, %5.3f]  bound %5.3f\n", what, share.value,
                share.interval.low, share.interval.high, bound);
}

void run_null(std::int64_t checks) {
    constexpr std::array<NullCase, 4> kCases = {
        {{"60 hours known", 60, 0, false},
         {"20 days known, seasonal fit", 480, 0, false},
         {"20 days, quiet nights", 480, 0, true},
         {"20 days, quiet nights, hours differ by 0.05", 480, 0.05, true}}};
    for (const NullCase& drawn : kCases) {
        stats::Draws draws(21);
        NullCounts counts;
        for (std::int64_t check = 0; check < checks; ++check) {
            null_check(draws, drawn, 20'000 * kUsPerDay + check * 7 * kUsPerHour, counts);
        }
        std::printf("  %s: share of %lld checks of %lld healthy skills with a discovery\n",
                    drawn.what, static_cast<long long>(checks),
                    static_cast<long long>(kHealthySkills));
        print_share("completion_rate", counts.checks[0], checks, 0.05);
        print_share("volume", counts.checks[1], checks, 0.05);
        print_share("duration", counts.checks[2], checks, 0.05);
        print_share("any", counts.any, checks, 0.1);
        std::fflush(stdout);
    }
}

}  // namespace
}  // namespace credence::skills

int main(int argc, char** argv) {
    using namespace std::string_view_literals;
    if (argc > 1 && argv[1] == "null"sv) {
        credence::skills::run_null(argc > 2 ? std::atoll(argv[2]) : 200);
        return 0;
    }
    for (const std::int64_t skills : {100, 1'000}) {
        credence::skills::InsightBench(skills).run();
    }
    return 0;
}
