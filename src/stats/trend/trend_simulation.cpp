#include "stats/trend/trend_simulation.h"

#include <algorithm>
#include <array>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <span>

#include "base/check.h"
#include "base/random.h"
#include "stats/association/association.h"
#include "stats/beta.h"
#include "stats/multiplicity.h"
#include "stats/trend/rate_trend.h"
#include "stats/trend/trend.h"

namespace credence::stats {
namespace {

namespace policies = boost::math::policies;
// Nothing throws: what cannot be computed is infinite or NaN.
using Quiet = policies::policy<
    policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>, policies::promote_double<false>>;
using StudentsT = boost::math::students_t_distribution<double, Quiet>;

constexpr double kAlpha = 0.05;
constexpr std::size_t kSkills = 1'000;
constexpr std::size_t kFalling = 10;
constexpr std::size_t kBystanders = 90;
constexpr double kStart = 0.9;
constexpr double kFall = 0.02;
constexpr std::int64_t kRuns = 20;

class Draws {
public:
    explicit Draws(std::uint64_t seed) : random_(seed) {}

    double uniform() { return static_cast<double>(random_.next() >> 11) * 0x1p-53; }

    double normal() {
        const double radius = std::sqrt(-2 * std::log(1 - uniform()));
        return radius * std::cos(6.283185307179586 * uniform());
    }

    std::int64_t binomial(std::int64_t n, double p) {
        std::int64_t successes = 0;
        for (std::int64_t run = 0; run < n; ++run) {
            successes += uniform() < p ? 1 : 0;
        }
        return successes;
    }

private:
    SeededRandom random_;
};

// How the days of a skill without a trend vary.
struct Weather {
    std::string_view name;
    int days = 14;
    double correlation = 0;      // of the runs within a day
    double autocorrelation = 0;  // of the log-odds of a day with those of the day before
    double deviation = 0;        // of the log-odds, with autocorrelation
};

std::vector<DayCount> null_series(Draws& draws, const Weather& weather) {
    const double rate = 0.5 + 0.48 * draws.uniform();
    const auto runs = static_cast<std::int64_t>(5 + 36 * draws.uniform());
    std::vector<DayCount> series;
    double state = draws.normal();
    for (int day = 0; day < weather.days; ++day) {
        double p = rate;
        if (weather.deviation > 0) {
            p = 1 / (1 + std::exp(-std::log(rate / (1 - rate)) - weather.deviation * state));
            state =
                weather.autocorrelation * state +
                std::sqrt(1 - weather.autocorrelation * weather.autocorrelation) * draws.normal();
        }
        if (weather.correlation > 0) {
            const double size = 1 / weather.correlation - 1;
            p = beta_quantile({p * size, (1 - p) * size}, draws.uniform());
        }
        const auto n =
            runs - static_cast<std::int64_t>(draws.uniform() * static_cast<double>(runs) / 2);
        series.push_back({static_cast<double>(day), draws.binomial(n, p), n});
    }
    return series;
}

std::vector<DayCount> falling_series(Draws& draws, int days) {
    std::vector<DayCount> series;
    for (int day = 0; day < days; ++day) {
        series.push_back(
            {static_cast<double>(day), draws.binomial(kRuns, kStart - kFall * day), kRuns});
    }
    return series;
}

struct OldLine {
    double p = 1;
    double slope = 0;
    Interval interval;
};

// Ordinary least squares of the daily rates on the day, as the old system did; a perfect fit is
// scipy's p = 0, or 1 if it is flat.
OldLine old_line(std::span<const DayCount> series) {
    const double n = static_cast<double>(series.size());
    double mean_day = 0;
    double mean_rate = 0;
    const auto rate = [](const DayCount& day) {
        return static_cast<double>(day.successes) / static_cast<double>(day.n);
    };
    for (const DayCount& day : series) {
        mean_day += day.day / n;
        mean_rate += rate(day) / n;
    }
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (const DayCount& day : series) {
        xx += (day.day - mean_day) * (day.day - mean_day);
        xy += (day.day - mean_day) * (rate(day) - mean_rate);
        yy += (rate(day) - mean_rate) * (rate(day) - mean_rate);
    }
    const StudentsT reference(n - 2);
    OldLine line;
    line.slope = xy / xx;
    const double error = std::sqrt(std::max(0.0, yy - xy * xy / xx) / (n - 2) / xx);
    const double half = boost::math::quantile(reference, 0.975) * error;
    line.interval = {line.slope - half, line.slope + half};
    if (error > 0) {
        line.p = 2 * boost::math::cdf(complement(reference, std::fabs(line.slope) / error));
    } else {
        line.p = line.slope == 0 ? 1 : 0;
    }
    return line;
}

std::vector<Observation> rates(std::span<const DayCount> series) {
    std::vector<Observation> observations;
    for (const DayCount& day : series) {
        const auto n = static_cast<double>(day.n);
        observations.push_back({day.day, static_cast<double>(day.successes) / n, n});
    }
    return observations;
}

constexpr std::size_t kMethods = 3;  // the old rule, quasi-binomial, Mann-Kendall

using Values = std::array<std::vector<double>, kMethods>;

// The p-values of the skills of one evaluation: first each alone, then with what all of them say
// about dispersion.
Values p_values(const std::vector<std::vector<DayCount>>& skills) {
    Values values;
    std::vector<RateTrend> alone;
    for (const auto& series : skills) {
        const auto fitted = rate_trend(series);
        if (fitted) {
            alone.push_back(*fitted);
        }
    }
    const RateTrendOptions options{.prior = fit_dispersion_prior(alone)};
    for (const auto& series : skills) {
        const auto fitted = rate_trend(series, options);
        const auto ranked = mann_kendall(rates(series));
        values[0].push_back(old_line(series).p);
        values[1].push_back(fitted ? fitted->p : 1);
        values[2].push_back(ranked ? ranked->p : 1);
    }
    return values;
}

Estimate share(std::size_t hits, std::size_t n) {
    CHECK(hits <= n, "more hits than rounds");
    if (n == 0) {
        return {0, 0, {}, "clopper_pearson_95"};
    }
    const auto k = static_cast<double>(hits);
    const auto size = static_cast<double>(n);
    return {k / size,
            static_cast<std::int64_t>(n),
            {hits == 0 ? 0 : beta_quantile({k, size - k + 1}, kAlpha / 2),
             hits == n ? 1 : beta_quantile({k + 1, size - k}, 1 - kAlpha / 2)},
            "clopper_pearson_95"};
}

struct Tally {
    std::array<std::size_t, kMethods> hits{};
    std::array<std::size_t, kMethods> of{};

    void count(std::size_t method, bool hit) {
        hits[method] += hit ? 1 : 0;
        ++of[method];
    }

    TrendRow row(std::string what) const {
        return {std::move(what), share(hits[0], of[0]), share(hits[1], of[1]),
                share(hits[2], of[2])};
    }
};

// The p-values of each method; ours adjusted, the old rule's as they are.
Values adjusted(const Values& values) {
    return {values[0], benjamini_hochberg(values[1]), benjamini_hochberg(values[2])};
}

void simulate_weather(Draws& draws, const Weather& weather, std::size_t rounds,
                      std::vector<TrendRow>& rows) {
    Tally single;
    Tally after;
    Tally any;
    for (std::size_t round = 0; round < rounds; ++round) {
        std::vector<std::vector<DayCount>> skills;
        for (std::size_t skill = 0; skill < kSkills; ++skill) {
            skills.push_back(null_series(draws, weather));
        }
        const Values values = p_values(skills);
        const Values judged = adjusted(values);
        for (std::size_t method = 0; method < kMethods; ++method) {
            const auto is_called = [](double p) { return p <= kAlpha; };
            any.count(method, std::ranges::any_of(judged[method], is_called));
            for (std::size_t skill = 0; skill < kSkills; ++skill) {
                single.count(method, values[method][skill] < kAlpha);
                after.count(method, is_called(judged[method][skill]));
            }
        }
    }
    const std::string name(weather.name);
    rows.push_back(single.row(name + ": null skills with p < .05"));
    rows.push_back(after.row(name + ": null skills called a trend"));
    rows.push_back(any.row(name + ": evaluations of 1,000 null skills with any trend"));
}

}  // namespace

std::vector<TrendRow> simulate_null_trends(std::uint64_t seed, std::size_t rounds) {
    Draws draws(seed);
    std::vector<TrendRow> rows;
    constexpr std::array<Weather, 4> kWeathers = {{
        {.name = "14 days, independent runs"},
        {.name = "14 days, correlation .05 within a day", .correlation = 0.05},
        {.name = "30 days, autocorrelation .5",
         .days = 30,
         .autocorrelation = 0.5,
         .deviation = 0.5},
        {.name = "60 days, autocorrelation .7",
         .days = 60,
         .autocorrelation = 0.7,
         .deviation = 0.5},
    }};
    for (const Weather& weather : kWeathers) {
        simulate_weather(draws, weather, rounds, rows);
    }
    return rows;
}

std::vector<TrendRow> simulate_falling_trends(std::uint64_t seed, std::size_t rounds) {
    Draws draws(seed);
    std::vector<TrendRow> rows;
    for (const int days : {7, 14}) {
        Tally single;
        Tally found_after;
        Tally false_found;
        for (std::size_t round = 0; round < rounds; ++round) {
            std::vector<std::vector<DayCount>> skills;
            for (std::size_t skill = 0; skill < kFalling + kBystanders; ++skill) {
                skills.push_back(skill < kFalling ? falling_series(draws, days)
                                                  : null_series(draws, {.name = "", .days = days}));
            }
            const Values values = p_values(skills);
            const Values judged = adjusted(values);
            for (std::size_t method = 0; method < kMethods; ++method) {
                for (std::size_t skill = 0; skill < judged[method].size(); ++skill) {
                    const bool is_called = judged[method][skill] <= kAlpha;
                    if (skill < kFalling) {
                        single.count(method, values[method][skill] < kAlpha);
                        found_after.count(method, is_called);
                    }
                    if (is_called) {
                        false_found.count(method, skill >= kFalling);
                    }
                }
            }
        }
        const std::string name = "fall of .02 a day over " + std::to_string(days) + " days: ";
        rows.push_back(single.row(name + "p < .05 alone"));
        rows.push_back(found_after.row(name + "found among 100 skills"));
        rows.push_back(false_found.row(name + "false among the found"));
    }
    return rows;
}

std::vector<TrendRow> simulate_trend_intervals(std::uint64_t seed, std::size_t rounds) {
    Draws draws(seed);
    Tally held;
    const auto holds = [](const Interval& interval) {
        return interval.low <= -kFall && -kFall <= interval.high;
    };
    for (std::size_t skill = 0; skill < 10 * rounds; ++skill) {
        const auto series = falling_series(draws, 14);
        const auto fitted = rate_trend(series);
        const auto ranked = mann_kendall(rates(series));
        held.count(0, holds(old_line(series).interval));
        held.count(1, !fitted || holds(fitted->share_per_day.interval));
        held.count(2, !ranked || !ranked->slope || holds(ranked->slope->interval));
    }
    return {held.row("fall of .02 a day over 14 days: 95 % intervals that hold it")};
}

LiftRow compare_lift(std::int64_t sessions, std::int64_t both) {
    const Association found = associate({sessions, both, both, both});
    CHECK(found.lift && found.shrunk_lift, "at least one session with both");
    const auto met = static_cast<double>(both);
    return {met / (met * met), *found.lift, *found.shrunk_lift, found.fisher_p};
}

}  // namespace credence::stats
