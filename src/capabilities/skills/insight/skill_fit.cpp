#include "capabilities/skills/insight/skill_fit.h"

#include <algorithm>
#include <cmath>

#include "capabilities/skills/insight/windows.h"
#include "stats/anomaly/season.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kWorkingDays = 5;

stats::PeriodTrials trials_of_cell(const Cell& cell) {
    return {.successes = cell.completed, .trials = cell.invocations};
}

void fit_rates(SkillFit& fit, std::span<const Cell> hours, const BaselineWindow& window) {
    if (fit.seasonal) {
        std::vector<stats::SeasonalTrials> periods;
        periods.reserve(hours.size());
        for (const Cell& cell : hours) {
            periods.push_back({stats::hour_of_week(cell.at_us), trials_of_cell(cell)});
        }
        if (const auto rates = stats::fit_seasonal_rates(periods)) {
            for (std::size_t slot = 0; slot < fit.rates.size(); ++slot) {
                const std::int64_t at_us =
                    window.end_us + static_cast<std::int64_t>(slot) * kUsPerHour;
                fit.rates[slot] = stats::seasonal_baseline(*rates, stats::hour_of_week(at_us));
            }
        }
        return;
    }
    std::vector<stats::PeriodTrials> periods;
    periods.reserve(hours.size());
    std::ranges::transform(hours, std::back_inserter(periods), trials_of_cell);
    fit.rates.fill(stats::fit_rate_baseline(periods));
}

struct HourVolumes {
    std::int64_t begin_us = 0;
    std::vector<stats::SeasonalCount> counts;  // every hour, by kind
};

HourVolumes volumes_of(std::span<const Cell> hours, std::int64_t begin_us, std::int64_t end_us) {
    HourVolumes out{.begin_us = begin_us, .counts = {}};
    auto cell = std::ranges::lower_bound(hours, begin_us, {}, &Cell::at_us);
    for (std::int64_t at_us = begin_us; at_us < end_us; at_us += kUsPerHour) {
        stats::SeasonalCount count{.hour = kind_of_hour(at_us), .count = {}};
        if (cell != hours.end() && cell->at_us == at_us) {
            count.count.events = cell->invocations;
            ++cell;
        }
        out.counts.push_back(count);
    }
    return out;
}

// The exposure of each hour by the factors that all other days show.
std::vector<stats::PeriodCount> cross_fitted(const HourVolumes& volumes) {
    std::vector<stats::PeriodCount> out;
    out.reserve(volumes.counts.size());
    std::vector<stats::SeasonalCount> others;
    std::size_t from = 0;
    while (from < volumes.counts.size()) {
        const std::int64_t at_us = volumes.begin_us + static_cast<std::int64_t>(from) * kUsPerHour;
        const std::int64_t midnight_us = floor_to(at_us, kUsPerDay) + kUsPerDay;
        const std::size_t to =
            std::min(volumes.counts.size(),
                     from + static_cast<std::size_t>((midnight_us - at_us) / kUsPerHour));
        others.assign(volumes.counts.begin(),
                      volumes.counts.begin() + static_cast<std::ptrdiff_t>(from));
        others.insert(others.end(), volumes.counts.begin() + static_cast<std::ptrdiff_t>(to),
                      volumes.counts.end());
        const auto factors = stats::seasonal_factors(others);
        for (; from < to; ++from) {
            const stats::SeasonalCount& hour = volumes.counts[from];
            out.push_back({hour.count.events, factors[hour.hour]});
        }
    }
    return out;
}

bool low_is_quiet(const stats::VolumeBaseline& volume, std::int64_t events, double exposure) {
    const stats::PeriodCount count{events, exposure};
    return stats::volume_anomaly(volume, {&count, 1})->tails.at_most > kQuietP / 2;
}

bool high_is_quiet(const stats::VolumeBaseline& volume, std::int64_t events, double exposure) {
    const stats::PeriodCount count{events, exposure};
    return stats::volume_anomaly(volume, {&count, 1})->tails.at_least > kQuietP / 2;
}

// The last count in [from, to) for which `holds`, which it does for `from` and not for `to`.
template <class Holds>
std::int64_t last_that(std::int64_t from, std::int64_t to, const Holds& holds) {
    while (to - from > 1) {
        const std::int64_t middle = from + (to - from) / 2;
        (holds(middle) ? from : to) = middle;
    }
    return from;
}

void find_quiet_counts(SkillFit& fit, const BaselineWindow& window) {
    QuietCounts& quiet = fit.quiet;
    const std::int64_t look_us = window.recent_hours * kUsPerHour;
    quiet.least_exposure = exposure_hours(fit, window.end_us, window.end_us + look_us);
    quiet.most_exposure = quiet.least_exposure;
    constexpr std::int64_t kSlotsUs = static_cast<std::int64_t>(kRateSlots) * kUsPerHour;
    for (std::int64_t later_us = 0; later_us < kSlotsUs; later_us += kExposureStepUs) {
        const std::int64_t begin_us = window.end_us + later_us;
        const double exposure = exposure_hours(fit, begin_us, begin_us + look_us);
        quiet.least_exposure = std::min(quiet.least_exposure, exposure);
        quiet.most_exposure = std::max(quiet.most_exposure, exposure);
    }
    const stats::VolumeBaseline& volume = *fit.volume;
    const auto most = static_cast<std::int64_t>(std::ceil(volume.rate * quiet.most_exposure));
    const auto least = static_cast<std::int64_t>(std::floor(volume.rate * quiet.least_exposure));
    if (!low_is_quiet(volume, most, quiet.most_exposure) ||
        !high_is_quiet(volume, least, quiet.least_exposure)) {
        return;  // very skewed: everything is tested
    }
    std::int64_t beyond = 2 * least + 4;
    while (high_is_quiet(volume, beyond, quiet.least_exposure)) {
        beyond *= 2;
    }
    quiet.high = last_that(least, beyond, [&](std::int64_t events) {
        return high_is_quiet(volume, events, quiet.least_exposure);
    });
    quiet.low = most - last_that(0, most + 1, [&](std::int64_t below) {
                    return low_is_quiet(volume, most - below, quiet.most_exposure);
                });
}

// `first_us`: the first hour that is known of the skill at all.
void fit_volumes(SkillFit& fit, std::span<const Cell> hours, std::int64_t first_us,
                 const BaselineWindow& window) {
    const std::int64_t begin_us = std::max(window.begin_us, first_us + kUsPerHour);
    fit.volume_factors.fill(1);
    const HourVolumes volumes = volumes_of(hours, begin_us, window.end_us);
    if (std::ssize(volumes.counts) < kSeasonHours) {
        std::vector<stats::PeriodCount> plain;
        plain.reserve(volumes.counts.size());
        for (const stats::SeasonalCount& hour : volumes.counts) {
            plain.push_back(hour.count);
        }
        fit.volume = stats::fit_volume_baseline(plain);
        return;
    }
    fit.volume = stats::fit_volume_baseline(cross_fitted(volumes));
    const auto factors = stats::seasonal_factors(volumes.counts);
    std::copy_n(factors.begin(), kKindsOfHours, fit.volume_factors.begin());
}

void fit_typical_durations(SkillFit& fit, std::span<const Cell> hours) {
    std::vector<double> values;
    values.reserve(hours.size());
    for (const Cell& cell : hours) {
        if (cell.timed > 0) {
            values.push_back(typical_seconds(cell));
        }
    }
    fit.duration = stats::fit_durations(values);
}

void learn_of(Family& family, bool seasonal) {
    std::vector<stats::DispersionLogs> logs;
    for (const SkillFit& fit : family.skills) {
        if (fit.seasonal == seasonal && fit.rates[0]) {
            logs.push_back(fit.rates[0]->likelihoods);
        }
    }
    if (logs.empty()) {
        return;
    }
    const stats::DispersionWeights prior = stats::learn_dispersion_prior(logs);
    for (SkillFit& fit : family.skills) {
        if (fit.seasonal == seasonal && fit.rates[0]) {
            for (auto& rate : fit.rates) {
                rate = stats::with_dispersion_prior(*rate, prior);
            }
        }
    }
}

}  // namespace

std::int64_t BaselineWindow::duration_hours() const {
    return std::max(kDurationHours, recent_hours);
}

std::int64_t BaselineWindow::durations_end_us() const {
    return end_us - (duration_hours() - recent_hours) * kUsPerHour;
}

std::size_t kind_of_hour(std::int64_t at_us) {
    constexpr std::uint32_t kHoursOfDay = 24;
    const std::uint32_t hour = stats::hour_of_week(at_us);
    return hour % kHoursOfDay + (hour / kHoursOfDay >= kWorkingDays ? kHoursOfDay : 0);
}

double exposure_hours(const SkillFit& fit, std::int64_t begin_us, std::int64_t end_us) {
    double hours = 0;
    while (begin_us < end_us) {
        const std::int64_t next_us = std::min(end_us, floor_to(begin_us, kUsPerHour) + kUsPerHour);
        hours += static_cast<double>(next_us - begin_us) / static_cast<double>(kUsPerHour) *
                 fit.volume_factors[kind_of_hour(begin_us)];
        begin_us = next_us;
    }
    return hours;
}

double typical_seconds(const Cell& cell) {
    return std::exp(cell.log_duration_sum / static_cast<double>(cell.timed));
}

SkillFit fit_skill(std::span<const Cell> hours, const BaselineWindow& window) {
    SkillFit fit;
    fit.volume_factors.fill(1);
    const auto baseline = cells_between(hours, window.begin_us, window.end_us);
    if (baseline.empty()) {
        return fit;
    }
    const std::int64_t first_us = std::max(hours.front().at_us, window.begin_us);
    fit.seasonal =
        window.recent_hours == 1 && window.end_us - first_us >= kSeasonHours * kUsPerHour;
    fit_rates(fit, baseline, window);
    fit_volumes(fit, baseline, hours.front().at_us, window);
    if (fit.volume) {
        find_quiet_counts(fit, window);
    }
    fit_typical_durations(fit, cells_between(baseline, window.begin_us, window.durations_end_us()));
    return fit;
}

void learn_family(Family& family) {
    learn_of(family, false);
    learn_of(family, true);
}

}  // namespace credence::skills
