#include "stats/anomaly/anomaly_simulation.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <vector>

#include "stats/anomaly/anomaly_draws.h"
#include "stats/anomaly/dispersion.h"
#include "stats/anomaly/rate_anomaly.h"
#include "stats/intervals_exact.h"
#include "stats/multiplicity.h"

namespace credence::stats {
namespace {

constexpr double kDiscovery = 0.05;
constexpr std::size_t kBaselineHours = 40;
constexpr double kRunsAnHour = 5;

struct Windows {
    std::vector<PeriodTrials> baseline;
    std::vector<PeriodTrials> recent;
};

PeriodTrials sum_of(std::span<const PeriodTrials> periods) {
    PeriodTrials total;
    for (const PeriodTrials& period : periods) {
        total.successes += period.successes;
        total.trials += period.trials;
    }
    return total;
}

bool old_rule_fires(const Windows& windows) {
    const PeriodTrials before = sum_of(windows.baseline);
    const PeriodTrials now = sum_of(windows.recent);
    if (before.trials < 5 || now.trials < 2) {
        return false;
    }
    const double runs = static_cast<double>(before.trials);
    const double mean = static_cast<double>(before.successes) / runs;
    const double sigma = std::sqrt(mean * (1 - mean) * runs / (runs - 1));
    const double observed = static_cast<double>(now.successes) / static_cast<double>(now.trials);
    return sigma > 0 && std::fabs(observed - mean) / sigma >= 2;
}

DispersionWeights learned_prior(std::span<const RateBaseline> baselines) {
    std::vector<DispersionLogs> logs;
    logs.reserve(baselines.size());
    for (const RateBaseline& baseline : baselines) {
        logs.push_back(baseline.likelihoods);
    }
    return learn_dispersion_prior(logs);
}

double p_value(const RateBaseline& baseline, const DispersionWeights& prior,
               std::span<const PeriodTrials> recent) {
    const auto test = rate_anomaly(with_dispersion_prior(baseline, prior), recent);
    return test ? test->p_value : 1;
}

// All skills of one evaluation: what they teach of the dispersion is used for each.
std::vector<double> p_values(std::span<const Windows> family) {
    std::vector<RateBaseline> baselines;
    baselines.reserve(family.size());
    for (const Windows& windows : family) {
        baselines.push_back(fit_rate_baseline(windows.baseline).value_or(RateBaseline{}));
    }
    const DispersionWeights prior = learned_prior(baselines);
    std::vector<double> values;
    values.reserve(family.size());
    for (std::size_t i = 0; i < family.size(); ++i) {
        values.push_back(
            baselines[i].part_count == 0 ? 1 : p_value(baselines[i], prior, family[i].recent));
    }
    return values;
}

Estimate share(std::int64_t hits, std::size_t n) {
    return clopper_pearson({hits, static_cast<std::int64_t>(n)}, kSimulationConfidence);
}

Estimate mean_share(const std::vector<double>& values) {
    const double n = static_cast<double>(values.size());
    double sum = 0;
    double squares = 0;
    for (const double value : values) {
        sum += value;
        squares += value * value;
    }
    const double mean = sum / n;
    const double half = kNormal95 * std::sqrt(std::max(0.0, squares / n - mean * mean) / n);
    return {
        mean, static_cast<std::int64_t>(values.size()), {mean - half, mean + half}, "normal_95"};
}

struct Family {
    double dispersion = 0;
    std::size_t fallen = 0;  // of kSimulatedSkills: from 0.9 to 0.5
    std::size_t recent_hours = 4;
};

std::vector<Windows> draw_family(Draws& draws, const Family& family) {
    std::vector<Windows> skills;
    skills.reserve(kSimulatedSkills);
    for (std::size_t skill = 0; skill < kSimulatedSkills; ++skill) {
        const bool fallen = skill < family.fallen;
        const double before = fallen ? 0.9 : draws.beta(4, 1);
        const double after = fallen ? 0.5 : before;
        skills.push_back(
            {draws.busy_hours(kBaselineHours, kRunsAnHour, before, family.dispersion),
             draws.busy_hours(family.recent_hours, kRunsAnHour, after, family.dispersion)});
    }
    return skills;
}

// All null: does a round discover anything?
AnomalyRow null_family(std::string_view what, Draws& draws, std::size_t rounds,
                       const Family& family) {
    std::int64_t old_rounds = 0;
    std::int64_t our_rounds = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        const std::vector<Windows> skills = draw_family(draws, family);
        old_rounds += std::ranges::any_of(skills, old_rule_fires) ? 1 : 0;
        our_rounds += std::ranges::min(benjamini_hochberg(p_values(skills))) <= kDiscovery ? 1 : 0;
    }
    return {what, share(old_rounds, rounds), share(our_rounds, rounds), kDiscovery, true};
}

struct Verdicts {
    std::int64_t wrong = 0;
    std::int64_t right = 0;
    double false_share() const {
        return static_cast<double>(wrong) /
               static_cast<double>(std::max<std::int64_t>(1, wrong + right));
    }
};

// 950 null skills, 50 fallen.
std::vector<AnomalyRow> mixed_family(Draws& draws, std::size_t rounds) {
    const Family family{.fallen = 50, .recent_hours = 10};
    std::vector<double> old_false;
    std::vector<double> our_false;
    std::int64_t old_found = 0;
    std::int64_t our_found = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        const std::vector<Windows> skills = draw_family(draws, family);
        const std::vector<double> adjusted = benjamini_hochberg(p_values(skills));
        Verdicts old_rule;
        Verdicts ours;
        for (std::size_t skill = 0; skill < kSimulatedSkills; ++skill) {
            const bool fallen = skill < family.fallen;
            (fallen ? old_rule.right : old_rule.wrong) += old_rule_fires(skills[skill]) ? 1 : 0;
            (fallen ? ours.right : ours.wrong) += adjusted[skill] <= kDiscovery ? 1 : 0;
        }
        old_false.push_back(old_rule.false_share());
        our_false.push_back(ours.false_share());
        old_found += old_rule.right;
        our_found += ours.right;
    }
    const std::size_t all = rounds * family.fallen;
    return {{"950 null, 50 fallen skills: false among found, mean share", mean_share(old_false),
             mean_share(our_false), kDiscovery, true},
            {"50 of 1,000 skills fallen 0.9 to 0.5 over about 50 runs: found",
             share(old_found, all), share(our_found, all), 0.99, false}};
}

struct Fall {
    std::string_view what;
    double before = 0;
    double after = 0;
    std::size_t recent_hours = 0;
    std::int64_t recent_runs_an_hour = 0;
    double dispersion = 0;
    std::size_t tests = 1;  // Benjamini-Hochberg asks p <= 0.05 / tests of a lonely anomaly
    double limit = 0;
};

// The dispersion is learned from 1,000 null skills.
AnomalyRow detection(const Fall& fall, Draws& draws, std::size_t skills) {
    constexpr std::int64_t kRuns = 5;
    std::vector<RateBaseline> others;
    for (const Windows& windows : draw_family(draws, {.dispersion = fall.dispersion})) {
        others.push_back(fit_rate_baseline(windows.baseline).value_or(RateBaseline{}));
    }
    const DispersionWeights prior = learned_prior(others);
    std::int64_t old_found = 0;
    std::int64_t our_found = 0;
    for (std::size_t skill = 0; skill < skills; ++skill) {
        const Windows windows{
            draws.hours(kBaselineHours, kRuns, fall.before, fall.dispersion),
            draws.hours(fall.recent_hours, fall.recent_runs_an_hour, fall.after, fall.dispersion)};
        old_found += old_rule_fires(windows) ? 1 : 0;
        const auto baseline = fit_rate_baseline(windows.baseline);
        const double p = p_value(baseline.value(), prior, windows.recent);
        our_found += p * static_cast<double>(fall.tests) <= kDiscovery ? 1 : 0;
    }
    return {fall.what, share(old_found, skills), share(our_found, skills), fall.limit, false};
}

constexpr Fall kFalls[] = {
    {"0.9 to 0.5 over 50 runs in 10 hours, tested alone: found", 0.9, 0.5, 10, 5, 0, 1, 0.99},
    {"0.9 to 0.5 over 50 runs in 1 hour, tested alone: found", 0.9, 0.5, 1, 50, 0, 1, 0.99},
    {"0.9 to 0.5 over 50 runs, the only one of 1,000: found", 0.9, 0.5, 10, 5, 0, 1000, 0.93},
    {"the same in 1 hour: found", 0.9, 0.5, 1, 50, 0, 1000, 0.7},
    {"the same in 10 hours correlated 0.05: found", 0.9, 0.5, 10, 5, 0.05, 1000, 0.75},
    {"perfect skill failing 5 of 5, the only one of 1,000: found", 1, 0, 1, 5, 0, 1000, 0.99},
    {"0.7 to 0 over 50 runs, the only one of 1,000: found", 0.7, 0, 10, 5, 0, 1000, 0.99},
};

}  // namespace

bool holds(const AnomalyRow& row) {
    return row.at_most ? row.ours.interval.high <= row.limit : row.ours.interval.low >= row.limit;
}

std::vector<AnomalyRow> simulate_rate_anomalies(std::uint64_t seed, std::size_t rounds) {
    Draws draws(seed);
    std::vector<AnomalyRow> rows;
    rows.push_back(
        null_family("1,000 null skills, last 4 hours: any false discovery", draws, rounds, {}));
    rows.push_back(null_family("1,000 null skills, last hour: any false discovery", draws, rounds,
                               {.recent_hours = 1}));
    rows.push_back(null_family("1,000 null skills, hours correlated 0.05: any false discovery",
                               draws, rounds, {.dispersion = 0.05}));
    rows.push_back(null_family("1,000 null skills, hours correlated 0.2: any false discovery",
                               draws, rounds, {.dispersion = 0.2}));
    std::ranges::move(mixed_family(draws, rounds), std::back_inserter(rows));
    for (const Fall& fall : kFalls) {
        rows.push_back(detection(fall, draws, 10 * rounds));
    }
    return rows;
}

}  // namespace credence::stats
