#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "stats/anomaly/anomaly_draws.h"
#include "stats/anomaly/anomaly_simulation.h"
#include "stats/anomaly/change_point.h"
#include "stats/anomaly/duration_anomaly.h"
#include "stats/anomaly/e_detector.h"
#include "stats/anomaly/season.h"
#include "stats/anomaly/volume_anomaly.h"
#include "stats/intervals_exact.h"
#include "stats/multiplicity.h"

namespace credence::stats {
namespace {

// Half of what is promised: continuous p values use the level up, and a simulation needs room
// below.
constexpr double kHalfDiscovery = 0.025;
constexpr double kPromised = 0.05;

AnomalyRow share_row(std::string_view what, std::int64_t hits, std::size_t n, double limit) {
    return {what, std::nullopt,
            clopper_pearson({hits, static_cast<std::int64_t>(n)}, kSimulationConfidence), limit,
            true};
}

AnomalyRow found_row(std::string_view what, std::int64_t hits, std::size_t n, double limit) {
    AnomalyRow row = share_row(what, hits, n, limit);
    row.at_most = false;
    return row;
}

// Rounds of 1,000 p values of nothing: in how many is anything discovered?
template <class Draw>
AnomalyRow null_rounds(std::string_view what, std::size_t rounds, const Draw& draw_p_value) {
    std::int64_t hits = 0;
    std::vector<double> p_values(kSimulatedSkills);
    for (std::size_t round = 0; round < rounds; ++round) {
        std::ranges::generate(p_values, draw_p_value);
        hits += std::ranges::min(benjamini_hochberg(p_values)) <= kHalfDiscovery ? 1 : 0;
    }
    return share_row(what, hits, rounds, kPromised);
}

// One changed among 1,000.
template <class Draw>
AnomalyRow found_skills(std::string_view what, std::size_t skills, double limit,
                        const Draw& draw_p_value) {
    std::int64_t hits = 0;
    for (std::size_t skill = 0; skill < skills; ++skill) {
        hits += draw_p_value() * kSimulatedSkills <= kHalfDiscovery ? 1 : 0;
    }
    return found_row(what, hits, skills, limit);
}

double volume_p_value(Draws& draws, double dispersion, double change) {
    constexpr std::size_t kHours = 48;
    const double mean = 20 * draws.gamma(2) / 2 + 1;
    const auto baseline = fit_volume_baseline(draws.counts(kHours, mean, dispersion));
    return volume_anomaly(baseline.value(), draws.counts(4, mean * change, dispersion))->p_value;
}

void volume_rows(Draws& draws, std::size_t rounds, std::vector<AnomalyRow>& rows) {
    rows.push_back(null_rounds("1,000 null volumes, Poisson: any false discovery", rounds,
                               [&] { return volume_p_value(draws, 0, 1); }));
    rows.push_back(null_rounds("1,000 null volumes, dispersion 0.5: any false discovery", rounds,
                               [&] { return volume_p_value(draws, 0.5, 1); }));
    rows.push_back(found_skills("volume three times as high for 4 hours, Poisson: found",
                                10 * rounds, 0.95, [&] { return volume_p_value(draws, 0, 3); }));
    rows.push_back(found_skills("volume ceased for 4 hours, dispersion 0.1: found", 10 * rounds,
                                0.8, [&] { return volume_p_value(draws, 0.1, 0); }));
}

// Student's t with 3 degrees of freedom: heavy tails on the log scale.
double heavy(Draws& draws) {
    return draws.normal() / std::sqrt(draws.gamma(1.5) / 1.5);
}

double duration_p_value(Draws& draws, bool heavy_tails, double change) {
    constexpr std::size_t kBaseline = 200;
    constexpr std::size_t kRecent = 20;
    constexpr double kLogScale = 0.6;
    const auto draw = [&](std::size_t count, double factor) {
        std::vector<double> durations_s(count);
        for (double& duration_s : durations_s) {
            const double noise = heavy_tails ? heavy(draws) : draws.normal();
            duration_s = factor * std::exp(kLogScale * noise);
        }
        return durations_s;
    };
    const auto baseline = fit_durations(draw(kBaseline, 2));
    return duration_anomaly(baseline.value(), draw(kRecent, 2 * change))->p_value;
}

void duration_rows(Draws& draws, std::size_t rounds, std::vector<AnomalyRow>& rows) {
    rows.push_back(null_rounds("1,000 null durations, log-normal: any false discovery", rounds,
                               [&] { return duration_p_value(draws, false, 1); }));
    rows.push_back(null_rounds("1,000 null durations, log-t(3): any false discovery", rounds,
                               [&] { return duration_p_value(draws, true, 1); }));
    rows.push_back(found_skills("20 runs three times as slow: found", 10 * rounds, 0.85,
                                [&] { return duration_p_value(draws, false, 3); }));
}

// Four weeks; at night (8 of 24 hours) the rate is 0.6, else 0.95. What is tested is a night hour.
double season_p_value(Draws& draws, double rate_now) {
    constexpr std::size_t kWeeks = 4;
    constexpr double kNightRunsAnHour = 3;
    constexpr std::size_t kNight = 3;
    std::vector<SeasonalTrials> periods;
    for (std::size_t i = 0; i < kWeeks * kHoursOfWeek; ++i) {
        const PeriodTrials trials =
            draws.busy_hours(1, kNightRunsAnHour, i % 24 < 8 ? 0.6 : 0.95, 0).front();
        periods.push_back({i % kHoursOfWeek, trials});
    }
    const RateBaseline baseline = seasonal_baseline(*fit_seasonal_rates(periods), kNight);
    return rate_anomaly(baseline, draws.hours(1, 30, rate_now, 0))->p_value;
}

void season_rows(Draws& draws, std::size_t rounds, std::vector<AnomalyRow>& rows) {
    const std::size_t skills = 2 * rounds;
    std::int64_t false_alarms = 0;
    std::int64_t found = 0;
    for (std::size_t skill = 0; skill < skills; ++skill) {
        false_alarms += season_p_value(draws, 0.6) <= kPromised ? 1 : 0;
        found += season_p_value(draws, 0.1) <= kPromised ? 1 : 0;
    }
    rows.push_back(share_row("normal night hour against its hour of the week: flagged at 0.05",
                             false_alarms, skills, 0.1));
    rows.push_back(found_row("night hour with 0.1 instead of 0.6 over 30 runs: flagged at 0.05",
                             found, skills, 0.8));
}

void change_rows(Draws& draws, std::size_t rounds, std::vector<AnomalyRow>& rows) {
    constexpr std::size_t kHours = 300;
    constexpr std::size_t kChange = 200;
    std::int64_t false_changes = 0;
    std::int64_t false_means = 0;
    std::int64_t found = 0;
    std::int64_t placed = 0;
    for (std::size_t round = 0; round < 2 * rounds; ++round) {
        false_changes += rate_changes(draws.hours(kHours, 5, 0.9, 0)).empty() ? 0 : 1;
        std::vector<double> noise(kHours);
        std::ranges::generate(noise, [&] { return draws.normal(); });
        false_means += mean_changes(noise).empty() ? 0 : 1;
        std::vector<PeriodTrials> series = draws.hours(kChange, 5, 0.9, 0);
        std::ranges::copy(draws.hours(kHours - kChange, 5, 0.7, 0), std::back_inserter(series));
        for (const ChangePoint& change : rate_changes(series)) {
            const std::size_t error =
                change.index > kChange ? change.index - kChange : kChange - change.index;
            if (error <= 20) {
                ++found;
                placed += change.first <= kChange && kChange <= change.last ? 1 : 0;
            }
        }
    }
    rows.push_back(
        share_row("300 hours of one rate: any change point", false_changes, 2 * rounds, kPromised));
    rows.push_back(share_row("300 normal values of one mean: any change point", false_means,
                             2 * rounds, kPromised));
    rows.push_back(found_row("0.9 to 0.7 after 200 of 300 hours of 5 runs: found within 20 hours",
                             found, 2 * rounds, 0.95));
    rows.push_back(found_row("of those: true place inside the 95 % interval", placed,
                             static_cast<std::size_t>(found), 0.85));
}

// Runs until the alarm, at most `limit`.
std::int64_t runs_to_alarm(Draws& draws, double rate, std::int64_t limit) {
    constexpr double kBetweenFalseAlarms = 10'000;
    RateDetector detector({0.88, 0.92}, kBetweenFalseAlarms);
    for (std::int64_t run = 1; run <= limit; ++run) {
        if (detector.add(draws.uniform() < rate)) {
            return run;
        }
    }
    return limit + 1;
}

void detector_rows(Draws& draws, std::size_t rounds, std::vector<AnomalyRow>& rows) {
    constexpr std::int64_t kWatched = 1'000;
    constexpr std::int64_t kDelay = 50;
    std::int64_t alarms = 0;
    std::int64_t found = 0;
    for (std::size_t stream = 0; stream < 10 * rounds; ++stream) {
        alarms += runs_to_alarm(draws, 0.88, kWatched) <= kWatched ? 1 : 0;
        found += runs_to_alarm(draws, 0.5, kDelay) <= kDelay ? 1 : 0;
    }
    // One alarm in 10,000 runs on average is at most about a tenth in 1,000.
    rows.push_back(share_row("run-by-run detector at the edge of normal: alarm in 1,000 runs",
                             alarms, 10 * rounds, 0.1));
    rows.push_back(found_row("run-by-run detector, 0.9 to 0.5: alarm within 50 runs", found,
                             10 * rounds, 0.95));
}

}  // namespace

std::vector<AnomalyRow> simulate_other_anomalies(std::uint64_t seed, std::size_t rounds) {
    Draws draws(seed);
    std::vector<AnomalyRow> rows;
    volume_rows(draws, rounds, rows);
    duration_rows(draws, rounds, rows);
    season_rows(draws, rounds, rows);
    change_rows(draws, rounds, rows);
    detector_rows(draws, rounds, rows);
    return rows;
}

}  // namespace credence::stats
