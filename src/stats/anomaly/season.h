// What is normal at this hour of the week? Success rates and volumes by hour of the week, drawn
// towards the overall figure where an hour has few data. Pure and thread-safe.
//
// Rates: the rate of hour h is drawn from a Beta distribution with the overall mean and intra-class
// correlation c, so it is Beta(m K + s_h, (1 - m) K + n_h - s_h) with K = 1 / c - 1: with few runs
// the overall rate, with many the hour's own. The distribution of c is learned from all hours
// (dispersion.h), each hour's c is its posterior mean given the hour's own runs, so that one odd
// hour is not drawn in by 167 even ones (empirical Bayes: G. Casella, The American Statistician 39
// (1985), 83-87). What varies between the same hours of different weeks is the dispersion of
// rate_anomaly.h, fitted with the hours' own means, and runs count for less accordingly.
//
// Volumes: hour h is busier than the average by a factor drawn from Gamma(K, K); after y_h events
// where e_h were expected its mean is (K + y_h) / (K + e_h), K estimated by moments.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "stats/anomaly/rate_anomaly.h"
#include "stats/anomaly/volume_anomaly.h"
#include "stats/hour_of_week.h"

namespace credence::stats {

struct SeasonalTrials {
    std::size_t hour = 0;  // < kHoursOfWeek (CHECK)
    PeriodTrials trials;   // of one hour of one week
};

struct SeasonalRates {
    std::array<PeriodTrials, kHoursOfWeek> cells;  // all weeks together
    std::array<double, kHoursOfWeek> shared{};  // other runs in the same week, mean over the runs
    RateBaseline overall;                       // its dispersion is that between hours of the week
    std::array<double, kHoursOfWeek> alike{};   // K: runs that the overall rate counts for
    DispersionLogs likelihoods{};  // of the dispersion between the same hours of different weeks
};

// Unknown without trials. Cost: as fit_rate_baseline for the periods, and for 168 more.
std::optional<SeasonalRates> fit_seasonal_rates(std::span<const SeasonalTrials> periods);

// The baseline to test runs of this hour of the week against, under the cautious prior of
// dispersion.h (else with_dispersion_prior). Constant cost.
RateBaseline seasonal_baseline(const SeasonalRates& rates, std::size_t hour);

struct SeasonalCount {
    std::size_t hour = 0;
    PeriodCount count;
};

// Mean 1 over the exposure: multiply a period's exposure by its hour's factor before
// fit_volume_baseline and volume_anomaly. All 1 without events.
std::array<double, kHoursOfWeek> seasonal_factors(std::span<const SeasonalCount> periods);

}  // namespace credence::stats
